import { Effect } from "effect"
import { LibraryConnection, type Opened } from "./LibraryConnection.js"
import type { Away } from "../api/Problem.js"

/** While a run goes on, everything changes every second: what was counted is kept this many times as long as counting took. */
const PATIENCE = 20

interface Entry<A> {
  readonly version: number
  readonly edits: number
  readonly value: A
  /** When it may be made again; milliseconds of `performance.now`. */
  readonly staleAt: number
}

/**
 * Keeps what is costly to read of a library, by a key, until it has changed and enough time has gone by. When the library is opened
 * anew, nothing of the opening before is worth anything.
 *
 * @param most entries kept of each library; the oldest goes first
 */
export const make = <A>(most: number) => {
  const byOpening = new WeakMap<Opened, Map<string, Entry<A>>>()
  // Ten pages that ask for the same count at once wait for one.
  const turn = Effect.unsafeMakeSemaphore(1)
  return (key: string, read: (opened: Opened) => Effect.Effect<A, Away>): Effect.Effect<A, Away, LibraryConnection> =>
    Effect.gen(function* () {
      const library = yield* LibraryConnection
      const opened = yield* library.opened
      const edits = library.edits()
      const entries = byOpening.get(opened) ?? new Map<string, Entry<A>>()
      byOpening.set(opened, entries)
      const known = entries.get(key)
      const version = yield* opened.query.version
      const began = performance.now()
      if (known?.edits === edits && (known.version === version || began < known.staleAt)) return known.value
      const value = yield* read(opened)
      const now = performance.now()
      entries.delete(key)
      entries.set(key, { version, edits, value, staleAt: now + Math.max(500, (now - began) * PATIENCE) })
      const [oldest] = entries.keys()
      if (entries.size > most && oldest !== undefined) entries.delete(oldest)
      return value
    }).pipe(turn.withPermits(1))
}
