import type { Statement } from "../stage/Library.js"
import * as RawPath from "../stage/RawPath.js"
import * as SearchText from "../stage/SearchText.js"
import { signed, type FileStat } from "./FileStat.js"

/** A file for its row. */
export interface Arrived {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly stamp: FileStat
  /** `undefined` where it could not be read. */
  readonly contentHash: string | undefined
  /** The item that this file was before it was renamed. */
  readonly movedFrom?: number | undefined
  /** A scan saw no row for this path. One that came meanwhile is met all the same. Default false. */
  readonly isNew?: boolean
}

/** The row that a file got. */
export interface ArrivedRow {
  readonly id: number
  /** It was made just now: nothing else is written of the item. */
  readonly isNew: boolean
}

/** Other content, or another item that moves here, at a path that has a row. */
const SUPERSEDE = `UPDATE item SET gone_at = ? WHERE path = ? AND gone_at = 0 AND id IS NOT ?
  AND (? IS NOT NULL OR content_hash <> ?)`
const MOVE = "UPDATE item SET path = ?, search_name = ?, search_parts = ?, search_path = ?, gone_at = 0 WHERE id = ?"
const REOPEN_MOVED = "DELETE FROM item_state WHERE item = ? AND plan IN (SELECT id FROM plan WHERE reads_location = 1)"
/** A file that comes back to where it was is the item that it was. */
const REVIVE = `UPDATE item SET gone_at = 0 WHERE id =
  (SELECT id FROM item WHERE path = ? AND content_hash = ? AND gone_at <> 0 ORDER BY gone_at DESC LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM item WHERE path = ? AND gone_at = 0)`
/** Gives no row where other content is at the path already: that must be superseded, never written over. */
const PUT = `INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at, search_name, search_parts, search_path)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (path, gone_at) DO UPDATE SET dev = excluded.dev, ino = excluded.ino, size = excluded.size,
    mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, content_hash = excluded.content_hash
  WHERE content_hash IS NULL OR excluded.content_hash IS NULL OR content_hash = excluded.content_hash
  RETURNING id, found_at`

/** The statements that give a file its row; the last one gives it. */
export const arrival = (file: Arrived, now: number, isAlone: boolean): ReadonlyArray<Statement> => {
  const path = RawPath.toBytes(file.path)
  const searched = SearchText.ofPath(file.path)
  const search = [searched.name, searched.parts, searched.path]
  const content = file.contentHash ?? null
  const from = file.movedFrom ?? null
  const { ctimeNs, dev, ino, mtimeNs, size } = file.stamp
  const put = { sql: PUT, values: [path, signed(dev), signed(ino), size, mtimeNs, ctimeNs, content, now, ...search] }
  if (isAlone) return [put]
  return [
    { sql: SUPERSEDE, values: [now, path, from, from, content] },
    ...(from === null
      ? [{ sql: REVIVE, values: [path, content, path] }]
      : [
          { sql: MOVE, values: [path, ...search, from] },
          { sql: REOPEN_MOVED, values: [from] }
        ]),
    put
  ]
}
