import type { Event, Placement } from "@mediaspool/core"
import { Effect, Schedule, type Scope } from "effect"
import { WorkerError } from "../protocol/WorkerError.js"
import type { WorkerRecord } from "../queue/Roster.js"

type Outage = ReturnType<NonNullable<(typeof Placement.Service)["outages"]>>[number]

/** What work may wait for, as it is told. */
type Resource = "workers' queue" | "workers"

/** What keeps work from going on: told as it begins and ends, and remembered meanwhile. */
export interface Absence {
  /** @param failure nothing: it is there again */
  readonly set: (resource: Resource, failure: WorkerError | undefined) => void
  readonly now: () => ReadonlyArray<Outage>
}

/** Between two looks, in milliseconds: of the queue's client, and of those that look for workers. */
const PROBE_MILLIS = 1_000

export const make = (tell: (event: Event) => void): Absence => {
  const outages = new Map<Resource, Outage>()
  return {
    now: () => [...outages.values()],
    set: (resource, failure) => {
      const known = outages.get(resource)
      if (failure === undefined) {
        if (outages.delete(resource)) tell({ _tag: "ResourceOpened", resource })
        return
      }
      outages.set(resource, { resource, failure, since: known?.since ?? Date.now() })
      tell({ _tag: "ResourceClosed", resource, failure, probeInMillis: PROBE_MILLIS })
    }
  }
}

/** Why nobody takes jobs; `undefined` where somebody does. */
const whyNobody = (takers: ReadonlyArray<Taker>): string | undefined => {
  if (takers.length === 0) return "no worker is there, and this machine takes no such work (local: none)"
  const hindered = takers.flatMap(({ hindrance, host }) => (hindrance === undefined ? [] : [`${host}: ${hindrance}`]))
  return hindered.length < takers.length ? undefined : `no worker takes jobs; ${hindered.join("; ")}`
}

type Taker = Pick<WorkerRecord, "hindrance" | "host">

/**
 * Tells when work waits because nobody is there to do it.
 *
 * @param takers workers that don't end
 * @param waits whether anything does
 */
export const watchWorkers = (
  takers: () => ReadonlyArray<Taker>,
  waits: () => boolean,
  absence: Absence
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    let told: string | undefined
    const look = Effect.sync(() => {
      // Who can't ask the queue knows nothing of workers.
      const isBlind = absence.now().some(({ resource }) => resource === "workers' queue")
      const detail = isBlind || !waits() ? undefined : whyNobody(takers())
      if (detail === told) return
      told = detail
      absence.set("workers", detail === undefined ? undefined : new WorkerError({ code: "NoWorkers", detail }))
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("2 seconds")))
  })
