import { Column, Library, type LibraryError, type Statement } from "@mediaspool/core"
import { Effect } from "effect"

/** A file of a sample, and the group that it stands for. */
export interface SampledFile {
  readonly item: number
  /** Absolute; a RawPath. */
  readonly path: string
  readonly stratum: string
}

const SPEAKS = ["speech", "speak", "voice", "talk", "sing"].map((word) => `text LIKE '%${word}%'`).join(" OR ")

/** What makes files different for a model: length, level, speech or not, and whether its results were doubted or corrected before. */
const STRATUM = `
  CASE WHEN media.duration_seconds IS NULL THEN 'unknown' WHEN media.duration_seconds < 5 THEN 'under 5 s'
    WHEN media.duration_seconds < 30 THEN 'under 30 s' WHEN media.duration_seconds < 300 THEN 'under 5 min' ELSE 'long' END || ', ' ||
  coalesce((SELECT CASE WHEN max(integrated_loudness) < -45 THEN 'very quiet' WHEN max(integrated_loudness) < -30 THEN 'quiet'
    WHEN max(integrated_loudness) < -18 THEN 'medium' ELSE 'loud' END
    FROM acoustics WHERE media_id = media.id AND integrated_loudness IS NOT NULL HAVING count(*) > 0), 'level unknown') || ', ' ||
  CASE WHEN EXISTS (SELECT 1 FROM tag WHERE media_id = media.id AND vocabulary = 'speech')
      OR EXISTS (SELECT 1 FROM caption WHERE media_id = media.id AND (${SPEAKS})) THEN 'speech' ELSE 'no speech' END ||
  CASE WHEN EXISTS (SELECT 1 FROM doubt WHERE doubt.content_hash = item.content_hash)
      OR EXISTS (SELECT 1 FROM correction WHERE correction.content_hash = item.content_hash AND verdict = 'corrected')
    THEN ', doubted' ELSE '' END`

/** Of each group the first so many, by content hash: a draw by chance that comes out the same again. */
const sampled = (where: Statement, pipeline: string, size: number): Statement => ({
  sql: `SELECT item, path, stratum, files FROM (
      SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY content_hash) AS place, count(*) OVER (PARTITION BY stratum) AS files
      FROM (
        SELECT min(item.id) AS item, item.path AS path, item.content_hash AS content_hash, ${STRATUM} AS stratum
        FROM item JOIN item_state ON item_state.item = item.id LEFT JOIN media ON media.content_hash = item.content_hash
        WHERE item.gone_at = 0 AND item_state.pipeline = ? AND item_state.state IN ('done', 'failed') AND (${where.sql})
        GROUP BY item.content_hash
      )
    ) WHERE place <= ? ORDER BY files DESC, stratum, place`,
  values: [pipeline, ...where.values, size]
})

interface Stratum {
  readonly files: number
  readonly found: ReadonlyArray<SampledFile>
}

/** As many of each group as its share of all files, at least one of each as long as there is room; those of most files first. */
export const allocate = (sizes: ReadonlyArray<number>, size: number): ReadonlyArray<number> => {
  const all = sizes.reduce((sum, files) => sum + files, 0)
  const taken = sizes.map((files, i): number => (i < size && files > 0 ? 1 : 0))
  let left = Math.min(size, all) - taken.reduce((sum, n) => sum + n, 0)
  while (left > 0) {
    // The group that is furthest below its share.
    const lacks = sizes.map((files, i) => (files > (taken[i] ?? 0) ? (files * size) / all - (taken[i] ?? 0) : -Infinity))
    const next = lacks.indexOf(Math.max(...lacks))
    taken[next] = (taken[next] ?? 0) + 1
    left -= 1
  }
  return taken
}

/**
 * A stratified sample of the files that a pipeline has settled: of each kind of file some. The same library gives the same sample.
 *
 * @param where a condition over `item LEFT JOIN media`
 */
export const draw = (
  pipeline: string,
  size: number,
  where: Statement = { sql: "1", values: [] }
): Effect.Effect<ReadonlyArray<SampledFile>, LibraryError, Library> =>
  Effect.gen(function* () {
    const library = yield* Library
    const strata = new Map<string, Stratum>()
    for (const row of yield* library.read(sampled(where, pipeline, size))) {
      const stratum = Column.text(row, "stratum") ?? ""
      const file = { item: Column.number(row, "item") ?? 0, path: Column.path(row, "path"), stratum }
      const { found } = strata.get(stratum) ?? { found: [] }
      strata.set(stratum, { files: Column.number(row, "files") ?? 0, found: [...found, file] })
    }
    const groups = [...strata.values()]
    const share = allocate(
      groups.map(({ files }) => files),
      size
    )
    return groups.flatMap(({ found }, i) => found.slice(0, share[i]))
  })
