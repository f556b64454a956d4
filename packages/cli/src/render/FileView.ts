import type { Row } from "@mediaspool/core"
import { paint } from "../Output.js"
import type { FileDetails } from "../reading/FileDetails.js"
import { bytes, position } from "./Quantity.js"
import { inline, place, shortened } from "./Text.js"

const text = (row: Row, column: string): string | undefined => {
  const value = row[column]
  return value === null || value === undefined ? undefined : inline(String(value))
}
const number = (row: Row, column: string): number | undefined =>
  row[column] === null || row[column] === undefined ? undefined : Number(row[column])

const present = (parts: ReadonlyArray<string | undefined>): ReadonlyArray<string> =>
  parts.filter((part) => part !== undefined && part !== "").map(String)

const unit = (row: Row, column: string, name: string): string | undefined => {
  const value = number(row, column)
  return value === undefined ? undefined : `${value} ${name}`
}

const medium = (media: Row): string => {
  const [seconds, width, height] = [number(media, "duration_seconds"), number(media, "width"), number(media, "height")]
  return present([
    text(media, "media_type"),
    seconds === undefined ? undefined : position(seconds),
    text(media, "audio_codec"),
    unit(media, "sample_rate", "Hz"),
    unit(media, "channels", "channels"),
    text(media, "video_codec"),
    width === undefined || height === undefined ? undefined : `${width} × ${height}`
  ]).join(", ")
}

const head = ({ contentHash, goneAt, media, path, size, states }: FileDetails): ReadonlyArray<string> => [
  `${paint.bold(place(path))}${goneAt === undefined ? "" : paint.yellow("  gone since " + new Date(goneAt).toISOString())}`,
  `  ${present([media === undefined ? undefined : medium(media), bytes(size)]).join(", ")}`,
  ...(contentHash === undefined ? [] : [paint.dim(`  sha256 ${contentHash}`)]),
  ...present([
    media === undefined ? undefined : text(media, "artist"),
    media === undefined ? undefined : text(media, "title")
  ]).map((line) => `  ${line}`),
  ...states.map((row) => `  ${text(row, "pipeline")}: ${text(row, "state")}`)
]

const origin = (row: Row): string => paint.dim(`${text(row, "pipeline")}/${text(row, "node")}`)

/** ` 0:00–0:30`, for a stretch of the file. */
const stretch = (row: Row): string => {
  const [start, end] = [number(row, "start_seconds"), number(row, "end_seconds")]
  return start === undefined || end === undefined ? "" : ` ${position(start)}–${position(end)}`
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", paint.bold(title), ...lines.map((line) => `  ${line}`)]

const percent = (row: Row): string | undefined => {
  const confidence = number(row, "confidence")
  return confidence === undefined ? undefined : `${Math.round(confidence * 100)} %`
}

const value = (json: unknown): string =>
  typeof json === "number"
    ? String(Number(json.toPrecision(6)))
    : typeof json === "string"
      ? inline(json)
      : inline(JSON.stringify(json))

const fields = (json: unknown): string =>
  typeof json === "object" && json !== null
    ? Object.entries(json)
        .filter(([name]) => !name.startsWith("_"))
        .map(([name, part]) => `${paint.dim(name)} ${shortened(value(part), 160)}`)
        .join(paint.dim(" · "))
    : value(json)

const attempt = (row: Row): string =>
  present([
    new Date(number(row, "started_at") ?? 0).toISOString().slice(0, 19).replace("T", " "),
    text(row, "node"),
    text(row, "outcome"),
    `${Math.round(number(row, "milliseconds") ?? 0)} ms`,
    text(row, "code"),
    number(row, "amount") === undefined ? undefined : `${text(row, "amount")} ${text(row, "currency")}`
  ]).join("  ")

/** Everything known of a file, for a person. */
export const fileView = (file: FileDetails): string =>
  [
    ...head(file),
    ...section(
      "Failures",
      file.failures.flatMap((row) => [
        `${paint.red(text(row, "code") ?? "")} in ${text(row, "node")}: ${text(row, "message")}`,
        `  ${text(row, "help")}`
      ])
    ),
    ...section(
      "Captions",
      file.captions.flatMap((row) => [`${origin(row)}${stretch(row)}`, `  ${text(row, "text")}`])
    ),
    ...section(
      "Tags",
      file.tags.map((row) =>
        present([`${text(row, "vocabulary")}: ${text(row, "label")}`, percent(row), stretch(row).trim(), origin(row)]).join("  ")
      )
    ),
    ...section(
      "Results",
      file.results.flatMap((row) => [`${text(row, "kind")} ${origin(row)}`, `  ${fields(JSON.parse(String(row["json"])))}`])
    ),
    ...section("Attempts, the newest first", file.attempts.slice(0, 20).map(attempt))
  ].join("\n")
