import { distance } from "fastest-levenshtein"

/** What stands behind a field's colon. */
export type FieldKind =
  /** Words, in one column of the full-text index. */
  | "text"
  /** A number or a range: `>60`, `1m..2m`, `120`. */
  | "number"
  /** A day, a range of days, or an age: `2026-01`, `>2026-01-31`, `<7d`. */
  | "date"
  /** One of the words that `values` lists, or others where `open`. */
  | "choice"
  /** Any text, compared without case and accents; `*` at the end lets it go on. */
  | "value"

/** What a query may name, besides the vocabularies of the library's tags. */
export interface QueryField {
  readonly name: string
  readonly kind: FieldKind
  readonly summary: string
  readonly example: string
  readonly values?: ReadonlyArray<string>
}

/** Words that a file can be sorted by; `-` before one turns the order round. */
export const sortKeys = [
  "relevance",
  "path",
  "name",
  "title",
  "duration",
  "size",
  "added",
  "changed",
  "tempo",
  "loudness"
] as const
/** What an answer can be sorted by. */
export type SortKey = (typeof sortKeys)[number]

/** Things that a file can have or lack; names of vocabularies, kinds and nodes too. */
const features = ["caption", "tags", "title", "audio", "video", "speech", "failure", "file"] as const

export const numberFields = [
  "duration",
  "tempo",
  "loudness",
  "size",
  "channels",
  "rate",
  "cost",
  "speech",
  "snr",
  "bandwidth",
  "hum",
  "clipping",
  "offset",
  "balance",
  "doubt"
] as const
export type NumberField = (typeof numberFields)[number]
export const textFields = ["name", "title", "caption"] as const
export type TextField = (typeof textFields)[number]
export const dateFields = ["added", "changed"] as const
export type DateField = (typeof dateFields)[number]

/** The fields of queries, in the order of the help. */
export const fields: ReadonlyArray<QueryField> = [
  { name: "name", kind: "text", summary: "Words of the file's name, of any copy", example: "name:holiday" },
  { name: "title", kind: "text", summary: "Words of the title, artist and album in the file", example: "title:café" },
  { name: "caption", kind: "text", summary: "Words of captions only", example: 'caption:"heavy rain"' },
  { name: "tag", kind: "value", summary: "A label of any vocabulary", example: "tag:calm" },
  { name: "path", kind: "value", summary: "Part of the path, of any copy", example: "path:archive/2026" },
  { name: "type", kind: "value", summary: "The media type, or a part of it", example: "type:video" },
  { name: "duration", kind: "number", summary: "Length, in seconds or with units", example: "duration:1m..2m" },
  { name: "size", kind: "number", summary: "Size of the file, in bytes or with kB, MB, GB", example: "size:>10MB" },
  { name: "channels", kind: "number", summary: "Number of audio channels", example: "channels:2" },
  { name: "rate", kind: "number", summary: "Sample rate, in Hz or kHz", example: "rate:48kHz" },
  { name: "tempo", kind: "number", summary: "Beats a minute", example: "tempo:110..130" },
  { name: "loudness", kind: "number", summary: "Integrated loudness, in LUFS", example: "loudness:<-23" },
  { name: "key", kind: "value", summary: "Musical key", example: 'key:"c minor"' },
  { name: "language", kind: "value", summary: "Language of a caption", example: "language:zh" },
  { name: "speech", kind: "number", summary: "Share of the file in which speech was detected, 0 to 1", example: "speech:>0.5" },
  { name: "snr", kind: "number", summary: "Signal to noise, in dB", example: "snr:>30" },
  { name: "bandwidth", kind: "number", summary: "Where the spectrum ends, in Hz or kHz", example: "bandwidth:<16kHz" },
  { name: "hum", kind: "number", summary: "Hum of the mains, in dBFS", example: "hum:>-60" },
  { name: "clipping", kind: "number", summary: "Share of samples at full scale, 0 to 1", example: "clipping:>0.1%" },
  { name: "offset", kind: "number", summary: "Mean of the samples, of full scale, either way", example: "offset:>1%" },
  { name: "balance", kind: "number", summary: "dB between two channels, either way", example: "balance:>6" },
  {
    name: "doubt",
    kind: "number",
    summary: "Claims of captions and tags that measurements contradict",
    example: "doubt:>0"
  },
  { name: "model", kind: "value", summary: "Model that a caption or tag comes from", example: "model:qwen3-omni" },
  { name: "pipeline", kind: "value", summary: "Pipeline that wrote the file into the library", example: "pipeline:sounds" },
  { name: "stage", kind: "value", summary: "Node or stage with a result, or a failure, for the file", example: "stage:caption" },
  {
    name: "failed",
    kind: "value",
    summary: "Error code, node or stage of a failure; yes for any",
    example: "failed:RateLimited"
  },
  { name: "cost", kind: "number", summary: "Money spent on the file; any currency, or one", example: "cost:>0.05usd" },
  { name: "added", kind: "date", summary: "When the file came into the library", example: "added:<7d" },
  { name: "changed", kind: "date", summary: "When its rows were last written", example: "changed:>2026-01-31" },
  {
    name: "reviewed",
    kind: "choice",
    summary: "Whether a person has accepted or corrected its results",
    example: "reviewed:no",
    values: ["yes", "no"]
  },
  {
    name: "has",
    kind: "choice",
    summary: "What the file has: a feature, a vocabulary, a kind or a node",
    example: "has:video",
    values: features
  },
  { name: "missing", kind: "choice", summary: "What the file lacks", example: "missing:caption", values: features },
  {
    name: "dup",
    kind: "choice",
    summary:
      "Whether it is there twice, as `spool duplicates` found; content, audio or near says how, kept or marked what a person decided",
    example: "dup:audio",
    values: ["yes", "no", "content", "audio", "near", "kept", "marked"]
  },
  { name: "saved", kind: "value", summary: "A query saved under `queries` in the config", example: "saved:sad-piano" },
  { name: "sort", kind: "choice", summary: "Order of the results; - turns it round", example: "sort:-duration", values: sortKeys }
]

/** A name fits itself and its plural: `instrument` and `instruments`. */
export const isNamed = (vocabulary: string, name: string): boolean =>
  vocabulary === name || vocabulary === `${name}s` || `${vocabulary}s` === name

/** How many slips make one word of the other: two letters in each other's place are one. */
const slips = (word: string, meant: string): number => {
  const isSwapped = [...word].some(
    (_, i) => `${word.slice(0, i)}${word.charAt(i + 1)}${word.charAt(i)}${word.slice(i + 2)}` === meant
  )
  return isSwapped && word !== meant ? 1 : distance(word, meant)
}

/** The word that was most likely meant, if one is near. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  const near = candidates
    .map((candidate) => ({ candidate, far: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far > 0 && far <= (Math.min(word.length, candidate.length) <= 3 ? 1 : 2))
    .sort((a, b) => a.far - b.far)
  return near[0]?.candidate
}
