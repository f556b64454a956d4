import { Column, RawPath, type Row } from "@mediaspool/core"
import { DuplicateMarks } from "@mediaspool/plugins"
import { Array as Arr, Effect } from "effect"
import { basename } from "node:path"
import type { DuplicateFile, DuplicateGroup, Duplicates } from "../api/DuplicateApi.js"
import type { Away } from "../api/Problem.js"
import * as Kept from "../library/Kept.js"
import { LibraryConnection, type Opened } from "../library/LibraryConnection.js"
import * as Rows from "../library/Rows.js"

/** Files of one group that are shown. */
const FILES_SHOWN = 50

/** Every file that is there twice, with its group: the content's number, or that of `spool duplicates`. */
const TWICE = `SELECT item.id AS item, coalesce(group_id, media.id) AS grp, coalesce(how, 'content') AS how, mark
FROM media JOIN item ON item.content_hash = media.content_hash LEFT JOIN duplicate ON duplicate.media_id = media.id
  LEFT JOIN duplicate_mark ON duplicate_mark.item = item.id AND duplicate_mark.content_hash = item.content_hash
WHERE item.gone_at = 0 AND (duplicate.media_id IS NOT NULL
  OR media.content_hash IN (SELECT content_hash FROM item GROUP BY content_hash HAVING count(*) > 1))`
const GROUPS = `SELECT grp, how, count(*) AS files, sum(mark IS NULL) AS open FROM (${TWICE}) GROUP BY grp HAVING count(*) > 1
ORDER BY open = 0, files DESC, grp`
const FILES = `SELECT * FROM (
  SELECT item.id AS item, media.id AS media_id, coalesce(group_id, media.id) AS grp, CAST(item.path AS BLOB) AS path, item.size AS size,
    media_type, container, audio_codec, video_codec, sample_rate, channels, duration_seconds, mark,
    row_number() OVER (PARTITION BY coalesce(group_id, media.id) ORDER BY media.id, item.id) AS place
  FROM media JOIN item ON item.content_hash = media.content_hash LEFT JOIN duplicate ON duplicate.media_id = media.id
    LEFT JOIN duplicate_mark ON duplicate_mark.item = item.id AND duplicate_mark.content_hash = item.content_hash
  WHERE item.gone_at = 0 AND media.id IN (
    SELECT value FROM json_each(?) UNION SELECT media_id FROM duplicate WHERE group_id IN (SELECT value FROM json_each(?)))
) WHERE place <= ${FILES_SHOWN} ORDER BY grp, place`
const COMPARED = `SELECT (SELECT max(found_at) FROM duplicate) AS compared,
  (SELECT count(DISTINCT media_id) FROM result WHERE kind = 'Fingerprint') AS prints`

type Group = Omit<typeof DuplicateGroup.Type, "files">

const groupOf = (row: Row): Group => {
  const how = Column.text(row, "how")
  return {
    id: Column.number(row, "grp") ?? 0,
    how: how === "audio" || how === "near" ? how : "content",
    count: Column.number(row, "files") ?? 0,
    open: Column.number(row, "open") ?? 0
  }
}

const known = Kept.make<ReadonlyArray<Group>>(1)
const all: Effect.Effect<ReadonlyArray<Group>, Away, LibraryConnection> = known("", ({ query }) =>
  Effect.map(query.rows(GROUPS, [], "counting"), (rows) => rows.map(groupOf))
)

/** Groups in which a file has no mark yet. */
export const open: Effect.Effect<number, Away, LibraryConnection> = Effect.map(
  all,
  (groups) => groups.filter(({ open }) => open > 0).length
)

const compared = Kept.make<{ readonly at: string | null; readonly prints: number }>(1)

const fileOf = (row: Row, folder: string): DuplicateFile => {
  const path = Column.path(row, "path")
  return {
    item: Column.number(row, "item") ?? 0,
    mediaId: Column.number(row, "media_id") ?? 0,
    name: RawPath.display(basename(path)),
    folder: Rows.folderOf(path, folder),
    mediaType: Column.text(row, "media_type") ?? "",
    container: Column.text(row, "container") ?? null,
    codec: Column.text(row, "audio_codec") ?? Column.text(row, "video_codec") ?? null,
    sampleRate: Column.number(row, "sample_rate") ?? null,
    channels: Column.number(row, "channels") ?? null,
    durationSeconds: Column.number(row, "duration_seconds") ?? null,
    sizeBytes: Column.number(row, "size") ?? 0,
    mark: DuplicateMarks.markOf(row)
  }
}

const filesOf = ({ query }: Opened, groups: ReadonlyArray<Group>, folder: string) =>
  Effect.map(
    query.rows(
      FILES,
      Array.from({ length: 2 }, () => JSON.stringify(groups.map(({ id }) => id)))
    ),
    (rows) => Arr.groupBy(rows, (row) => String(row["grp"]))
  ).pipe(Effect.map((byGroup) => (id: number) => (byGroup[id] ?? []).map((row) => fileOf(row, folder))))

/**
 * A page of the groups that are known: equal content as it is now, and what `spool duplicates` found last.
 *
 * @param folder from which on paths are shown
 */
export const read = (
  { how, limit, offset }: { readonly how: Group["how"] | undefined; readonly offset: number; readonly limit: number },
  folder: string
): Effect.Effect<typeof Duplicates.Type, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const opened = yield* Effect.flatMap(LibraryConnection, (library) => library.opened)
    const groups = (yield* all).filter((group) => how === undefined || group.how === how)
    const { at, prints } = yield* compared("", ({ query }) =>
      Effect.map(query.rows(COMPARED, [], "counting"), ([row = {}]) => ({
        at: Column.text(row, "compared") ?? null,
        prints: Column.number(row, "prints") ?? 0
      }))
    )
    const page = groups.slice(offset, offset + limit)
    const files = yield* filesOf(opened, page, folder)
    return {
      total: groups.length,
      open: groups.filter(({ open }) => open > 0).length,
      comparedAt: at,
      fingerprints: prints,
      groups: page.map((group) => ({ ...group, files: files(group.id) })).filter(({ files }) => files.length > 1)
    }
  })
