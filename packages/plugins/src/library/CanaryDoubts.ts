import { Library, type LibraryError, type Statement } from "@mediaspool/core"
import { DateTime, Effect } from "effect"
import * as Agreement from "./Agreement.js"

/** What an edited node says of a file, by its number in the table `item`, beside what it said before. */
export interface TriedResult extends Agreement.ResultPair {
  readonly item: number
}

/** A node whose edit is on trial. */
export interface Trial {
  readonly pipeline: string
  readonly node: string
}

const REASON = "canary"
/** Characters of the new word: enough to judge by. */
const SHOWN = 600

const shortened = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text)

const gone = ({ node, pipeline }: Trial): Statement => ({
  sql: "DELETE FROM doubt WHERE reason = ? AND pipeline = ? AND node = ?",
  values: [REASON, pipeline, node]
})

const doubt = ({ node, pipeline }: Trial, item: number, after: string, agreement: number, foundAt: string): Statement => ({
  sql: `INSERT INTO doubt (content_hash, pipeline, node, reason, detail, figures, weight, found_at)
    SELECT content_hash, ?, ?, ?, ?, ?, ?, ? FROM item WHERE id = ? AND content_hash IS NOT NULL ON CONFLICT DO NOTHING`,
  values: [
    pipeline,
    node,
    REASON,
    `the edit on trial says: ${after}`,
    JSON.stringify({ after, percent: Math.round(100 * agreement) }),
    0.5 + 0.4 * (1 - agreement),
    foundAt,
    item
  ]
})

/** Files a review of each caption, or set of tags, that an edit on trial changes; those of its last trial go. */
export const put = (trial: Trial, tried: ReadonlyArray<TriedResult>): Effect.Effect<void, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const foundAt = DateTime.formatIso(yield* DateTime.now)
    const changed = tried.flatMap(({ after, before, item }) => {
      const text = after === undefined ? undefined : Agreement.textOf(after)
      if (before === undefined || after === undefined || text === undefined) return []
      const agreement = Agreement.of(before, after)
      return agreement === 1 ? [] : [doubt(trial, item, shortened(text), agreement, foundAt)]
    })
    yield* library.write([gone(trial), ...changed])
  })

/** Takes them out: the trial has ended. */
export const clear = (trial: Trial): Effect.Effect<void, LibraryError, Library> =>
  Effect.flatMap(Library, (library) => library.write([gone(trial)])).pipe(Effect.asVoid)
