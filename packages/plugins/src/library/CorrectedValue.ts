import { Column, type Correct, Library, type LibraryError, type Row } from "@mediaspool/core"
import { Effect } from "effect"
import { Caption, CaptionSegment, CleanCaption, Tag, Tags } from "../kinds.js"
import * as Word from "./Word.js"

const spoken = (segments: Word.Word["segments"], text: string) => ({
  text,
  segments: segments.map((segment) => new CaptionSegment(segment)),
  model: Word.PERSON,
  provider: ""
})

const labelsOf = (tags: ReadonlyArray<{ readonly label: string }>): string => JSON.stringify(tags.map(({ label }) => label))

/** A caption, or labels, with a person's words in them; the value itself where these are the same, and where it is of another kind. */
const correct =
  ({ kind, segments, tags, text = "" }: Word.Word): Correct =>
  (value) => {
    if (kind === "tags") {
      if (!(value instanceof Tags) || labelsOf(value.tags) === labelsOf(tags)) return value
      const said = tags.map(({ vocabulary: _, ...tag }) => new Tag({ ...tag, raw: tag.label }))
      return new Tags({ vocabulary: value.vocabulary, tags: said, model: Word.PERSON, provider: "" })
    }
    if (value instanceof Caption && value.text !== text) return new Caption({ ...value, ...spoken(segments, text) })
    if (value instanceof CleanCaption && value.text !== text) return new CleanCaption({ ...value, ...spoken(segments, text) })
    return value
  }

const rows = (pipeline: string, contentHashes: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Row>, LibraryError, Library> =>
  Effect.flatMap(Library, (library) =>
    library.read({
      sql: `SELECT content_hash, node, kind, word FROM correction
        WHERE pipeline = ? AND content_hash IN (SELECT value FROM json_each(?))
          AND ended_at IS NULL AND verdict IN ('accepted', 'corrected')`,
      values: [pipeline, JSON.stringify(contentHashes)]
    })
  )

/** By content and node, what stands in the place of what a node said, for as long as a person's word is pinned there. */
export const among = (
  pipeline: string,
  contentHashes: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, ReadonlyMap<string, Correct>>, LibraryError, Library> =>
  Effect.map(rows(pipeline, contentHashes), (rows) => {
    const found = new Map<string, Map<string, Correct>>()
    for (const row of rows) {
      const content = Column.text(row, "content_hash") ?? ""
      const byNode = found.get(content) ?? new Map<string, Correct>()
      found.set(
        content,
        byNode.set(
          Column.text(row, "node") ?? "",
          correct({ kind: row["kind"] === "tags" ? "tags" : "caption", ...Word.ofRows(row["word"]) })
        )
      )
    }
    return found
  })

/** The same of one content. */
export const of = (pipeline: string, contentHash: string): Effect.Effect<ReadonlyMap<string, Correct>, LibraryError, Library> =>
  Effect.map(among(pipeline, [contentHash]), (found) => found.get(contentHash) ?? new Map<string, Correct>())
