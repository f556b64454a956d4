import { Column, RawPath } from "@mediaspool/core"
import { Array as Arr, Effect } from "effect"
import { basename } from "node:path"
import type { Queue } from "../api/ReviewApi.js"
import type { Away } from "../api/Problem.js"
import * as Item from "../library/Item.js"
import { LibraryConnection } from "../library/LibraryConnection.js"

/** One row a node's word, the most doubtful first. */
const NEXT = `SELECT media_id, pipeline, node, max(weight) AS most, min(found_at) AS first FROM doubt_now
WHERE ? IS NULL OR reason = ? GROUP BY media_id, pipeline, node ORDER BY most DESC, first, media_id, pipeline, node LIMIT ?`
const TOTAL = `SELECT count(*) AS n FROM (SELECT DISTINCT media_id, pipeline, node FROM doubt_now WHERE ? IS NULL OR reason = ?)`
const REASONS = "SELECT reason, count(*) AS n FROM doubt_now GROUP BY reason ORDER BY n DESC, reason"
const DOUBTS = `SELECT doubt_now.*, CAST(path AS BLOB) AS path FROM doubt_now JOIN media ON media.id = media_id
WHERE media_id IN (SELECT value FROM json_each(?)) ORDER BY weight DESC, reason`
/** Pauses are no work: what took longer than this is left out of the pace. */
const PAUSE_SECONDS = 300
const PACE = `SELECT count(*) AS judged, avg(CASE WHEN gap <= ${PAUSE_SECONDS} THEN gap END) AS each FROM (
  SELECT (julianday(made_at) - julianday(lag(made_at) OVER (ORDER BY made_at))) * 86400 AS gap FROM correction WHERE made_at >= ?
)`

/** What waits to be judged. */
export const read = (reason: string | undefined, limit: number): Effect.Effect<typeof Queue.Type, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const { query } = yield* Effect.flatMap(LibraryConnection, (library) => library.opened)
    const wanted = [reason ?? null, reason ?? null]
    const rows = yield* query.rows(NEXT, [...wanted, limit])
    const doubts = yield* query.rows(DOUBTS, [JSON.stringify([...new Set(rows.map((row) => Column.number(row, "media_id")))])])
    const byPlace = Arr.groupBy(doubts, (row) => JSON.stringify([row["media_id"], row["pipeline"], row["node"]]))
    const midnight = new Date(new Date().setHours(0, 0, 0, 0)).toISOString()
    const [total = {}] = yield* query.rows(TOTAL, wanted)
    const [pace = {}] = yield* query.rows(PACE, [midnight])
    const reasons = yield* query.rows(REASONS, [])
    return {
      total: Column.number(total, "n") ?? 0,
      reasons: reasons.map((row) => ({ reason: Column.text(row, "reason") ?? "", count: Column.number(row, "n") ?? 0 })),
      judgedToday: Column.number(pace, "judged") ?? 0,
      secondsEach: Column.number(pace, "each") ?? null,
      next: rows.map((row) => {
        const found = byPlace[JSON.stringify([row["media_id"], row["pipeline"], row["node"]])] ?? []
        return {
          mediaId: Column.number(row, "media_id") ?? 0,
          name: RawPath.display(basename(Column.path(found[0] ?? {}, "path"))),
          pipeline: Column.text(row, "pipeline") ?? "",
          node: Column.text(row, "node") ?? "",
          doubts: found.map(Item.doubt)
        }
      })
    }
  })
