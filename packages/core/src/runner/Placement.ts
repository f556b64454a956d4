import { Context, Effect, Stream } from "effect"
import type { Plan, PlannedNode } from "../pipeline/Plan.js"
import type { StageFailure } from "../stage/Failure.js"
import type { WorkerStatus } from "../store/RunProgress.js"
import type { Event } from "./EventHub.js"

/** One attempt of a node that may run elsewhere. */
export interface PlacedAttempt {
  /** Of the result. */
  readonly key: string
  /** Counts from 1. */
  readonly try: number
  /** The result is made anew: an answer that was given before doesn't count. */
  readonly isRerun: boolean
  readonly inputs: Readonly<Record<string, unknown>>
  /** Somebody works on it now: until then it waits, and its timeout doesn't run. Told at least once, also before an answer. */
  readonly started: () => void
  /** @param leave takes it out of the line, as an interruption: called when the run is to stop and nobody works on it yet */
  readonly queued: (leave: () => void) => void
  /** The stage's own effect, on this machine. */
  readonly here: Effect.Effect<unknown, StageFailure>
}

/** Runs an attempt in its place: it succeeds and fails like the stage. The services of the stage speak for the attempt. */
export type RunPlaced = (attempt: PlacedAttempt) => Effect.Effect<unknown, StageFailure>

/** Says where a node's attempts run. */
export interface Service {
  /** Asked once for every run and every node with `on: workers`; `undefined`: its stage runs on this machine. */
  readonly of: (plan: Plan, node: PlannedNode) => Effect.Effect<RunPlaced | undefined>
  /** Items in flight that keep all places busy; absent: as many as this machine needs. */
  readonly inFlight?: number | undefined
  /** Who is there to run attempts elsewhere. */
  readonly workers?: (() => ReadonlyArray<WorkerStatus>) | undefined
  /** What keeps attempts from going on elsewhere at the moment; `since` in milliseconds since 1970. */
  readonly outages?:
    (() => ReadonlyArray<{ readonly resource: string; readonly failure: StageFailure; readonly since: number }>) | undefined
  /** What the runs' readers should know. */
  readonly events: Stream.Stream<Event>
}

/** Where attempts run. On this machine, unless something else is provided. */
export class Placement extends Context.Reference<Placement>()("@mediaspool/core/Placement", {
  defaultValue: (): Service => ({ of: () => Effect.succeed(undefined), events: Stream.empty })
}) {}
