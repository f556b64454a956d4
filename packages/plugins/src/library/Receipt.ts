import { Library, type LibraryError, type Statement } from "@mediaspool/core"
import { Effect } from "effect"

/** Where a sink's rows of one file belong. */
export interface Place {
  readonly contentHash: string
  readonly pipeline: string
  readonly node: string
}

const read = (statement: Statement) => Effect.flatMap(Library, (library) => library.read(statement))

/** Whether the rows that `key` stands for were written, and are still there. */
export const isWritten = ({
  key,
  node,
  pipeline
}: {
  readonly key: string
  readonly node: string
  readonly pipeline: string
}): Effect.Effect<boolean, LibraryError, Library> =>
  Effect.map(
    read({ sql: "SELECT 1 FROM receipt WHERE key = ? AND pipeline = ? AND node = ?", values: [key, pipeline, node] }),
    (rows) => rows.length > 0
  )

/** Those of the keys that {@link isWritten} holds of. */
export const written = (
  { node, pipeline }: { readonly node: string; readonly pipeline: string },
  keys: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>, LibraryError, Library> =>
  Effect.map(
    read({
      sql: `SELECT receipt.key AS key FROM json_each(?) AS asked CROSS JOIN receipt ON receipt.key = asked.value
        WHERE pipeline = ? AND node = ?`,
      values: [JSON.stringify(keys), pipeline, node]
    }),
    (rows) => new Set(rows.map((row) => String(row["key"])))
  )

/** What a sink wrote of this file before. */
export const last = ({
  contentHash,
  node,
  pipeline
}: Place): Effect.Effect<{ readonly forgotten: boolean; readonly nodes: ReadonlyArray<string> }, LibraryError, Library> =>
  Effect.map(
    read({
      sql: `SELECT value, NULL AS forgotten FROM receipt, json_each(nodes) WHERE content_hash = ? AND pipeline = ? AND node = ?
        UNION ALL SELECT NULL, 1 FROM forgotten WHERE content_hash = ?`,
      values: [contentHash, pipeline, node, contentHash]
    }),
    (rows) => ({
      forgotten: rows.some((row) => row["forgotten"] === 1),
      nodes: rows.flatMap(({ value }) => (typeof value === "string" ? [value] : []))
    })
  )

/** The receipt itself, for the transaction of the rows: the last statement of it, for deleting rows deletes receipts. */
export const write = (
  receipt: Place & { readonly key: string; readonly nodes: ReadonlyArray<string>; readonly writtenAt: string }
): Statement => ({
  sql: `INSERT INTO receipt (content_hash, pipeline, node, key, nodes, written_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET key = excluded.key, nodes = excluded.nodes, written_at = excluded.written_at`,
  values: [receipt.contentHash, receipt.pipeline, receipt.node, receipt.key, JSON.stringify(receipt.nodes), receipt.writtenAt]
})

/** The row's id of a file that was written. */
export const mediaId = (contentHash: string): Effect.Effect<number, LibraryError, Library> =>
  Effect.map(read({ sql: "SELECT id FROM media WHERE content_hash = ?", values: [contentHash] }), ([row]) =>
    Number(row?.["id"] ?? 0)
  )
