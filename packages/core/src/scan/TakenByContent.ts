import { Effect, Option, Stream } from "effect"
import type { FoundFile } from "./FoundFile.js"
import { Scanned } from "./Scanner.js"

/**
 * Sees that files which are taken by their content alone are told of before they are worked on: an older Mediaspool left them out, so
 * that nobody may expect to pay for them. They are found twice instead of being kept, so they take no memory.
 */
export interface TakenByContent {
  /** What of a watcher's whole scan is passed on: of the first one all other files; at its end another is asked for. */
  readonly scanned: (told: Scanned) => Effect.Effect<Scanned>
  /** Tells of files that are about to be worked on, unless they were counted before. */
  readonly handedOver: (files: ReadonlyArray<FoundFile>) => Effect.Effect<void>
}

const isTaken = ({ byContent }: FoundFile): boolean => byContent === true

/** What was told without such files, and how many there were. */
const withoutTaken = (told: Scanned): readonly [told: Scanned, taken: number] => {
  if (told._tag !== "Found" || !told.files.some(isTaken)) return [told, 0]
  const files = told.files.filter((file) => !isTaken(file))
  return [Scanned.Found({ files }), told.files.length - files.length]
}

/** For a watcher, which scans again and again. */
export const make = (tell: (files: number) => Effect.Effect<void>, scanSoon: Effect.Effect<void>): TakenByContent => {
  let scan: "counts" | "takes" | "is like any" = "counts"
  let counted = 0
  const announced = new Set<string>()

  const ended = Effect.suspend(() => {
    scan = scan === "counts" && counted > 0 ? "takes" : "is like any"
    return scan === "takes" ? Effect.zipRight(tell(counted), scanSoon) : Effect.void
  })
  return {
    scanned: (told) => {
      if (told._tag === "Finished") return Effect.as(ended, told)
      if (told._tag !== "Found" || scan === "is like any") return Effect.succeed(told)
      if (scan === "takes") {
        for (const { path } of told.files.filter(isTaken)) announced.add(path)
        return Effect.succeed(told)
      }
      const [others, taken] = withoutTaken(told)
      counted += taken
      return Effect.succeed(others)
    },
    handedOver: (files) => {
      const news = files.filter((file) => isTaken(file) && !announced.delete(file.path))
      return news.length === 0 ? Effect.void : tell(news.length)
    }
  }
}

/**
 * For a run, which scans once: such files come behind all others.
 *
 * @param scan what the run works on
 * @param again sees the same, and changes nothing
 * @param tell hears how many there are, before the first of them comes
 */
export const last = <E, R, R2>(
  scan: Stream.Stream<Scanned, E, R>,
  again: Stream.Stream<Scanned, E, R>,
  tell: (files: number) => Effect.Effect<void, never, R2>
): Stream.Stream<Scanned, E, R | R2> =>
  Stream.suspend(() => {
    let counted = 0
    const others = Stream.filterMap(scan, (told) => {
      const [passed, taken] = withoutTaken(told)
      counted += taken
      return taken > 0 && passed._tag === "Found" && passed.files.length === 0 ? Option.none() : Option.some(passed)
    })
    const taken = Stream.filterMap(again, (told) => {
      const files = told._tag === "Found" ? told.files.filter(isTaken) : []
      return files.length === 0 ? Option.none() : Option.some(Scanned.Found({ files }))
    })
    return Stream.concat(
      others,
      Stream.suspend(() => (counted === 0 ? Stream.empty : Stream.concat(Stream.execute(tell(counted)), taken)))
    )
  })
