import { Limiter } from "@mediaspool/core"
import { Effect } from "effect"

export const spaced = <A, E, R>(requests: ReadonlyArray<Effect.Effect<A, E, R>>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({ requestsPerMinute: 60, unitsPerMinute: undefined, concurrency: 4 })
    return yield* Effect.forEach(
      requests,
      (request) => Effect.scoped(Effect.zipRight(Effect.zipRight(limiter.place, limiter.turn(1)), request)),
      { concurrency: "unbounded" }
    )
  })
