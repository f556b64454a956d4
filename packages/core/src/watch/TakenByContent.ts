import { Effect } from "effect"
import type { FoundFile } from "../scan/FoundFile.js"
import { Scanned } from "../scan/Scanner.js"

/**
 * Sees that files which are taken by their content alone are told of before they are worked on: an older Mediaspool left them out, so
 * that nobody may expect to pay for them.
 */
export interface TakenByContent {
  /**
   * What of a whole scan is passed on. The first one only counts such files, tells at its end how many there are, and asks for another
   * scan, which finds them again: so they take no memory.
   */
  readonly scanned: (told: Scanned) => Effect.Effect<Scanned>
  /** Tells of files that are about to be worked on, unless they were counted before. */
  readonly handedOver: (files: ReadonlyArray<FoundFile>) => Effect.Effect<void>
}

const isTaken = ({ byContent }: FoundFile): boolean => byContent === true

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
      const taken = told.files.filter(isTaken)
      if (scan === "takes") {
        for (const { path } of taken) announced.add(path)
        return Effect.succeed(told)
      }
      counted += taken.length
      return Effect.succeed(taken.length === 0 ? told : Scanned.Found({ files: told.files.filter((file) => !isTaken(file)) }))
    },
    handedOver: (files) => {
      const news = files.filter((file) => isTaken(file) && !announced.delete(file.path))
      return news.length === 0 ? Effect.void : tell(news.length)
    }
  }
}
