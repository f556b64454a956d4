import { SearchText } from "@mediaspool/core"
import { Option, Schema } from "effect"

export interface Segment {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

export interface CorrectedTag {
  readonly vocabulary: string
  readonly label: string
  /** 0 to 1, where a model gave one. */
  readonly confidence?: number | undefined
  /** Absent for the whole file. */
  readonly startSeconds: number | undefined
  readonly endSeconds: number | undefined
}

/** What a node said, or a person says instead. */
export interface Word {
  readonly kind: "caption" | "tags"
  readonly text: string | undefined
  readonly segments: ReadonlyArray<Segment>
  readonly tags: ReadonlyArray<CorrectedTag>
}

const Seconds = Schema.optional(Schema.NullOr(Schema.Number))
/** Rows of `caption` and `tag` as a correction keeps them. */
const Kept = Schema.parseJson(
  Schema.Struct({
    captions: Schema.Array(Schema.Struct({ text: Schema.String, start_seconds: Seconds, end_seconds: Seconds })),
    tags: Schema.Array(
      Schema.Struct({
        vocabulary: Schema.String,
        label: Schema.String,
        confidence: Schema.optional(Schema.NullOr(Schema.Number)),
        start_seconds: Seconds,
        end_seconds: Seconds
      })
    )
  })
)
const decodeKept = Schema.decodeUnknownOption(Kept)

/** From the JSON that a correction keeps; empty where it is none. */
export const ofRows = (json: unknown): Omit<Word, "kind"> => {
  const { captions, tags } = Option.getOrElse(decodeKept(json), () => ({ captions: [], tags: [] }))
  return {
    text: captions.find((row) => (row.start_seconds ?? null) === null)?.text,
    segments: captions.flatMap(({ end_seconds, start_seconds, text }) =>
      typeof start_seconds === "number" ? [{ startSeconds: start_seconds, endSeconds: end_seconds ?? start_seconds, text }] : []
    ),
    tags: tags.map(({ confidence, end_seconds, label, start_seconds, vocabulary }) => ({
      vocabulary,
      label,
      confidence: confidence ?? undefined,
      startSeconds: start_seconds ?? undefined,
      endSeconds: end_seconds ?? undefined
    }))
  }
}

/** In the column `model`, where a person said it. */
export const PERSON = "person"

/** A person's word as rows: of no model, and with what the search finds of it. */
export const byPerson = ({ kind, segments, tags, text }: Word): string => {
  const caption = (words: string, start: number | null, end: number | null) => ({
    kind: "Correction",
    text: words,
    model: PERSON,
    provider: "",
    start_seconds: start,
    end_seconds: end
  })
  const searched =
    kind === "caption" ? [text ?? "", ...segments.map((one) => one.text)].join("\n") : tags.map(({ label }) => label).join("\n")
  const line = (words: string) => words.replace(/\s+/g, " ").trim()
  return JSON.stringify({
    captions:
      kind === "caption"
        ? [
            ...(text === undefined ? [] : [caption(text, null, null)]),
            ...segments.map((one) => caption(one.text, one.startSeconds, one.endSeconds))
          ]
        : [],
    tags:
      kind === "tags"
        ? tags.map(({ endSeconds, label, startSeconds, vocabulary }) => ({
            vocabulary,
            label,
            raw: label,
            start_seconds: startSeconds ?? null,
            end_seconds: endSeconds ?? null,
            model: PERSON,
            provider: ""
          }))
        : [],
    terms: line(SearchText.index(searched)),
    parts: line(SearchText.parts(searched))
  })
}
