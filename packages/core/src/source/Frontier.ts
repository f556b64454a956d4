import { Deferred, Effect, FiberId, type Option } from "effect"
import type { Start } from "./Walk.js"

/** What one thread takes on: it gives back what it doesn't come to. */
const MOST_FOLDERS = 256

/** The folders of a scan that were seen and not entered yet, for the threads that share them. */
export interface Frontier {
  /** Folders for a thread that has none under way; waits while another may still find some. `None`: everything is walked. */
  readonly take: Effect.Effect<Option.Option<ReadonlyArray<Start>>>
  /** What a thread found and did not enter, and whether it still has a folder under way. */
  readonly give: (found: ReadonlyArray<Start>, isUnderWay: boolean) => void
  /** Whether nothing is left for another thread: whoever has some gives soon. */
  readonly isScarce: () => boolean
  /** One thread more takes part; whether it should, `isLong` tells. */
  readonly join: () => void
  /** Whether a moment of one thread was not enough; waits for that. */
  readonly isLong: Effect.Effect<boolean>
}

export const make = (starts: ReadonlyArray<Start>): Frontier => {
  const folders = [...starts]
  const long = Deferred.unsafeMake<boolean>(FiberId.none)
  let waiting: Array<() => void> = []
  let threads = 1
  let underWay = 0

  const share = () => folders.splice(-Math.min(MOST_FOLDERS, Math.ceil(folders.length / threads)))
  return {
    take: Effect.async((resume) => {
      const attempt = () => {
        if (folders.length > 0) {
          underWay++
          resume(Effect.succeedSome(share()))
        } else if (underWay > 0) {
          waiting.push(attempt)
        } else {
          Deferred.unsafeDone(long, Effect.succeed(false))
          resume(Effect.succeedNone)
        }
      }
      attempt()
    }),
    give: (found, isUnderWay) => {
      for (const folder of found) folders.push(folder)
      if (!isUnderWay) underWay--
      if (folders.length > 0) Deferred.unsafeDone(long, Effect.succeed(true))
      const attempts = waiting
      waiting = []
      for (const attempt of attempts) attempt()
    },
    isScarce: () => threads > 1 && folders.length === 0,
    join: () => void threads++,
    isLong: Deferred.await(long)
  }
}
