import type { Duration } from "effect"
import type { Json } from "../stage/Json.js"
import type { AnyStage } from "../stage/Stage.js"

/** The reserved node that is core itself: it gives `Original` and `Location`. */
export const SOURCE = "source"

/** How a node meets a failure of class `now`. */
export interface Retry {
  /** Tries after the first. */
  readonly times: number
  /** The wait before the first retry. */
  readonly delay: Duration.Duration
  /** Each wait is so many times the one before. */
  readonly factor: number
  /** No wait is longer. */
  readonly maxDelay: Duration.Duration
}

/** Where a pipeline's files come from. */
export interface SourceSettings {
  /** Absolute. */
  readonly folder: string
  /** picomatch globs, relative to the folder; case doesn't count. */
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
  /** How changes are noticed: `auto` scans on network mounts and takes events elsewhere. */
  readonly watch: "auto" | "events" | "scan"
  /** Between two scans while watching. */
  readonly scanEvery: Duration.Duration
  /** How long a file must stay the same before it is read; absent: 2 s, on network mounts 10 s. */
  readonly settle: Duration.Duration | undefined
}

/** One step of a plan. */
export interface PlannedNode {
  readonly name: string
  readonly stage: AnyStage
  /** Decoded, ready for `stage.run`. */
  readonly config: unknown
  /** The encoded config without the fields equal to their default and without secrets: it goes into the result key. */
  readonly identity: Json
  /** Port → the nodes wired to it, in the plan's order; an empty list for a `maybe` that nobody gives. */
  readonly inputs: Readonly<Record<string, ReadonlyArray<string>>>
  readonly retry: Retry
  /** Absent: the stage knows best. */
  readonly timeout: Duration.Duration | undefined
  /** Attempts of this node at the same time; absent: as many as there are items in flight. */
  readonly concurrency: number | undefined
}

/** A pipeline, wired and checked: what the runner runs. */
export interface Plan {
  readonly pipeline: string
  readonly source: SourceSettings | undefined
  /** Each after the nodes it needs; the first is `ingest`. */
  readonly nodes: ReadonlyArray<PlannedNode>
}
