import { Library, type LibraryError } from "@mediaspool/core"
import { DateTime, Effect } from "effect"

/**
 * Takes a file out of the library for good: its rows go, and no run writes them again, under whatever name its content comes.
 * Neither the file nor the results that were paid for are touched.
 */
export const add = (contentHash: string): Effect.Effect<void, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const now = DateTime.formatIso(yield* DateTime.now)
    yield* library.write([
      {
        sql: "INSERT INTO forgotten (content_hash, forgotten_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        values: [contentHash, now]
      },
      { sql: "DELETE FROM media WHERE content_hash = ?", values: [contentHash] }
    ])
  })

/** Whether a content was taken out of the library for good. */
export const has = (contentHash: string): Effect.Effect<boolean, LibraryError, Library> =>
  Effect.flatMap(Library, (library) =>
    Effect.map(
      library.read({ sql: "SELECT 1 FROM forgotten WHERE content_hash = ?", values: [contentHash] }),
      (rows) => rows.length > 0
    )
  )

/** Those of the contents that {@link has} holds of. */
export const among = (contentHashes: ReadonlyArray<string>): Effect.Effect<ReadonlySet<string>, LibraryError, Library> =>
  Effect.flatMap(Library, (library) =>
    Effect.map(
      library.read({
        sql: "SELECT content_hash FROM forgotten WHERE content_hash IN (SELECT value FROM json_each(?))",
        values: [JSON.stringify(contentHashes)]
      }),
      (rows) => new Set(rows.map((row) => String(row["content_hash"])))
    )
  )

/** Lets forgotten content in again: the next run writes its rows, from what is known already. */
export const remove = (contentHash: string): Effect.Effect<void, LibraryError, Library> =>
  Effect.flatMap(Library, (library) =>
    library.write([
      { sql: "DELETE FROM forgotten WHERE content_hash = ?", values: [contentHash] },
      {
        // All pipelines: one that came since holds it for done, and has run nothing for it.
        sql: "DELETE FROM item_state WHERE item IN (SELECT id FROM item WHERE content_hash = ?)",
        values: [contentHash]
      },
      { sql: "DELETE FROM receipt WHERE content_hash = ?", values: [contentHash] }
    ])
  )

/** What was forgotten, the latest first: content hashes and when. */
export const all: Effect.Effect<
  ReadonlyArray<{ readonly contentHash: string; readonly forgottenAt: string }>,
  LibraryError,
  Library
> = Effect.flatMap(Library, (library) =>
  library.read({ sql: "SELECT content_hash, forgotten_at FROM forgotten ORDER BY forgotten_at DESC", values: [] })
).pipe(
  Effect.map((rows) =>
    rows.map((row) => ({ contentHash: String(row["content_hash"]), forgottenAt: String(row["forgotten_at"]) }))
  )
)
