import { Chunk, Effect, Option, Sink, Stream } from "effect"
import * as LookedFiles from "../scan/LookedFiles.js"
import { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import { type CompiledPlan, placesOf } from "./CompiledPlan.js"
import * as KnownFiles from "./KnownFiles.js"
import * as Run from "./Run.js"
import type { RunStopped } from "./RunError.js"
import type { Arrival, PlanOptions } from "./RunOptions.js"
import type { RunnerServices } from "./RunState.js"

/**
 * Finds out what a run would do with every file. Files that are known are looked up by the thousand; only what has to be read, hashed
 * or measured first goes through a run, which keeps what it finds.
 */
export const plan = <E, R>(
  shared: RunnerServices,
  compiled: CompiledPlan,
  arrivals: Stream.Stream<Arrival, E, R>,
  { planned, rerun = [], runs, unchanged }: PlanOptions
): Effect.Effect<void, E | RunStopped | StoreError, R> => {
  const known = KnownFiles.make(shared, compiled, placesOf(compiled, rerun), { planned, runs })
  /** What is left to a run. */
  const left = (arrival: Arrival): Effect.Effect<ReadonlyArray<Arrival>, StoreError> => {
    switch (arrival._tag) {
      case "Unchanged":
        return Effect.sync(() => {
          unchanged(arrival.count)
          return []
        })
      case "Ignored":
        return Effect.as(Effect.provideService(LookedFiles.remember(arrival), Database, shared.database), [])
      case "Found":
        return Effect.map(known(arrival.files), (files) => (files.length === 0 ? [] : [{ _tag: "Found", files }]))
      case "Refused":
        return Effect.succeed([arrival])
      default:
        return Effect.succeed([])
    }
  }
  return Effect.gen(function* () {
    const [first, others] = yield* arrivals.pipe(
      Stream.mapEffect(left),
      Stream.mapConcat((some) => some),
      Stream.peel(Sink.head())
    )
    if (Option.isNone(first)) return
    yield* Run.run(shared, compiled, Stream.prepend(others, Chunk.of(first.value)), {
      rerun,
      dryRun: { runs, planned, purpose: "plan" }
    })
  }).pipe(Effect.scoped)
}
