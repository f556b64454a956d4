import { Effect, Option } from "effect"
import { type Colours, distance } from "./Colours.js"

export interface Search {
  /** Length of the picture in seconds. */
  readonly durationSeconds: number
  /** A look every so many seconds; of two cuts between two looks one is found. */
  readonly everySeconds: number
  /** How exactly a cut is placed. */
  readonly precisionSeconds: number
  /** The {@link distance} from which two pictures are of different scenes. */
  readonly threshold: number
}

interface Sight {
  readonly at: number
  readonly colours: Colours
}

/**
 * When the picture changes at once, in seconds from the start. Looks at a few pictures, then between any two that differ,
 * halving the gap until it is small: an hour takes some thousand looks, not 90,000.
 */
export const find = <E, R>(
  look: (seconds: number) => Effect.Effect<Colours, E, R>,
  { durationSeconds, everySeconds, precisionSeconds, threshold }: Search
): Effect.Effect<ReadonlyArray<number>, E, R> => {
  const see = (at: number) => Effect.map(look(at), (colours): Sight => ({ at, colours }))
  const place = (before: Sight, after: Sight): Effect.Effect<number, E, R> =>
    after.at - before.at <= precisionSeconds
      ? Effect.succeed(after.at)
      : Effect.flatMap(see((before.at + after.at) / 2), (middle) =>
          distance(before.colours, middle.colours) < distance(middle.colours, after.colours)
            ? place(middle, after)
            : place(before, middle)
        )
  const times = Array.from({ length: Math.max(1, Math.ceil(durationSeconds / everySeconds)) }, (_, n) => n * everySeconds)
  return Effect.gen(function* () {
    const seen = yield* Effect.forEach(times, see, { concurrency: 8 })
    const cuts = yield* Effect.forEach(
      seen,
      (after, n) => {
        const before = seen[n - 1]
        return before === undefined || distance(before.colours, after.colours) < threshold
          ? Effect.succeedNone
          : Effect.asSome(place(before, after))
      },
      { concurrency: 8 }
    )
    return cuts.flatMap(Option.toArray)
  })
}
