import { Column, RawPath, type Row as SqlRow } from "@mediaspool/core"
import { Search } from "@mediaspool/plugins"
import { Array as Arr, Effect } from "effect"
import { basename, dirname, relative } from "node:path"
import type { Row } from "../api/LibraryApi.js"
import type { Away } from "../api/Problem.js"
import type { Opened } from "./LibraryConnection.js"

/** More tags than a row has room for. */
const TAGS_SHOWN = 8
const CAPTION_CHARACTERS = 240

const files = `SELECT id, CAST(path AS BLOB) AS path, missing, media_type, audio_codec, video_codec, duration_seconds, size_bytes, added_at,
  EXISTS (SELECT 1 FROM correction WHERE correction.content_hash = media.content_hash AND ended_at IS NULL
    AND verdict IN ('accepted', 'corrected')) AS reviewed
FROM media WHERE id IN (SELECT value FROM json_each(?))`

/** The whole file's captions; with words to mark, those of its parts as well. */
const captions = (isMarked: boolean) => `SELECT media_id, text, start_seconds FROM caption
WHERE media_id IN (SELECT value FROM json_each(?)) ${isMarked ? "" : "AND start_seconds IS NULL"}
ORDER BY kind = 'Correction' DESC, kind = 'CleanCaption' DESC, start_seconds IS NOT NULL, start_seconds, id`

const tags = `SELECT DISTINCT media_id, vocabulary, label FROM tag
WHERE media_id IN (SELECT value FROM json_each(?)) ORDER BY vocabulary, label`

/** The folder as a person knows it: from the config's folder on where it lies inside. */
export const folderOf = (file: string, from: string): string => {
  const folder = dirname(file)
  const inside = relative(from, folder)
  return RawPath.display(inside.startsWith("..") ? folder : inside)
}

/** The rows of these files, in their order. Files that went in the meantime are left out. */
export const read = (
  { query }: Opened,
  ids: ReadonlyArray<number>,
  phrases: Search.Phrases,
  folder: string
): Effect.Effect<ReadonlyArray<Row>, Away> =>
  Effect.gen(function* () {
    const asked = [JSON.stringify(ids)]
    const found = new Map((yield* query.rows(files, asked)).map((row): [number, SqlRow] => [Column.number(row, "id") ?? 0, row]))
    const said = Arr.groupBy(yield* query.rows(captions(phrases.length > 0), asked), (row) => String(row["media_id"]))
    const labels = Arr.groupBy(yield* query.rows(tags, asked), (row) => String(row["media_id"]))
    return ids.flatMap((id): ReadonlyArray<Row> => {
      const row = found.get(id)
      if (row === undefined) return []
      const file = Column.path(row, "path")
      const texts = (said[id] ?? []).map((caption) => Column.text(caption, "text") ?? "")
      const snippet = Search.snippet(texts, phrases, CAPTION_CHARACTERS)
      return [
        {
          id,
          name: RawPath.display(basename(file)),
          folder: folderOf(file, folder),
          missing: row["missing"] === 1,
          mediaType: Column.text(row, "media_type") ?? "",
          playable: (row["audio_codec"] ?? row["video_codec"] ?? null) !== null,
          durationSeconds: Column.number(row, "duration_seconds") ?? null,
          sizeBytes: Column.number(row, "size_bytes") ?? 0,
          caption: snippet?.text ?? null,
          marks: snippet?.marks ?? [],
          tags: (labels[id] ?? []).slice(0, TAGS_SHOWN).map((tag) => ({
            vocabulary: Column.text(tag, "vocabulary") ?? "",
            label: Column.text(tag, "label") ?? ""
          })),
          isReviewed: row["reviewed"] === 1,
          addedAt: Column.text(row, "added_at") ?? ""
        }
      ]
    })
  })
