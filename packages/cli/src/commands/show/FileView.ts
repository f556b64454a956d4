import type { Row } from "@mediaspool/core"
import type { MediaEntry } from "@mediaspool/plugins"
import { paint } from "../../output/Output.js"
import { bytes, position } from "../../output/Quantity.js"
import { inline, place, shortened } from "../../output/Text.js"
import type { FileDetails, FileItem } from "./FileDetails.js"

type Fields = Readonly<Record<string, unknown>>

const text = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  return value === null || value === undefined ? undefined : inline(String(value))
}
const number = (fields: Fields, name: string): number | undefined => {
  const value = fields[name]
  return value === null || value === undefined ? undefined : Number(value)
}

const present = (parts: ReadonlyArray<string | undefined>): ReadonlyArray<string> =>
  parts.flatMap((part) => (part === undefined || part === "" ? [] : [part]))

const unit = (fields: Fields, name: string, of: string): string | undefined => {
  const value = number(fields, name)
  return value === undefined ? undefined : `${value} ${of}`
}

/** `audio/wav, 0:08, pcm_s16le, 44100 Hz, 2 channels` */
const medium = (media: Fields): ReadonlyArray<string> => {
  const [seconds, width, height] = [number(media, "duration_seconds"), number(media, "width"), number(media, "height")]
  return present([
    text(media, "media_type"),
    seconds === undefined ? undefined : position(seconds),
    text(media, "audio_codec"),
    unit(media, "sample_rate", "Hz"),
    unit(media, "channels", number(media, "channels") === 1 ? "channel" : "channels"),
    text(media, "video_codec"),
    width === undefined || height === undefined ? undefined : `${width} × ${height}`
  ])
}

const isFields = (json: unknown): json is Fields => typeof json === "object" && json !== null

/** `track 2 of 3 (1 is in a codec that isn't read)`, where a file has several. */
const tracks = (results: MediaEntry.MediaEntry["results"]): string | undefined => {
  const probe = results.find(({ kind }) => kind === "Probe")?.value
  const streams: unknown = isFields(probe) ? probe["streams"] : undefined
  const sounds = (Array.isArray(streams) ? streams.filter(isFields) : []).filter(({ type }) => type === "audio")
  const heard = sounds.findIndex(({ chosen }) => chosen === true) + 1
  if (heard === 0) return undefined
  const unread = sounds.flatMap(({ unread }, n) => (unread === true ? [n + 1] : []))
  const left =
    unread.length === 0 ? "" : ` (${unread.join(", ")} ${unread.length === 1 ? "is" : "are"} in a codec that isn't read)`
  return `track ${heard} of ${sounds.length}${left}`
}

const itemHead = ({ goneAt, path, states }: FileItem): string => {
  const gone =
    goneAt === undefined ? "" : paint.yellow(`  gone since ${new Date(goneAt).toISOString().slice(0, 16).replace("T", " ")}`)
  return `${paint.bold(place(path))}  ${states.map((row) => `${text(row, "pipeline")} ${text(row, "state")}`).join(", ")}${gone}`
}

const head = ({ contentHash: hash, entry, items }: FileDetails): ReadonlyArray<string> => {
  const size = items[0]?.size
  const media = entry?.media ?? {}
  const track = tracks(entry?.results ?? [])
  return [
    ...(items.length === 0 && entry !== undefined ? [paint.bold(place(entry.path))] : items.map(itemHead)),
    `  ${[...medium(media), ...present([track]), ...(size === undefined ? [] : [bytes(size)])].join(", ")}`,
    ...present([present([text(media, "artist"), text(media, "title")]).join(" – ")]).map((line) => `  ${line}`),
    ...(hash === undefined ? [] : [paint.dim(`  sha256 ${hash}`)])
  ]
}

const origin = (fields: Fields): string => paint.dim(`${text(fields, "pipeline")}/${text(fields, "node")}`)

/** `0:00–0:30`, for a stretch of the file. */
const stretch = (fields: Fields): string | undefined => {
  const [start, end] = [number(fields, "start_seconds"), number(fields, "end_seconds")]
  return start === undefined || end === undefined ? undefined : `${position(start)}–${position(end)}`
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", paint.bold(title), ...lines.map((line) => `  ${line}`)]

const percent = (fields: Fields): string | undefined => {
  const confidence = number(fields, "confidence")
  return confidence === undefined ? undefined : `${Math.round(confidence * 100)} %`
}

const isFile = (json: unknown): json is Fields => typeof json === "object" && json !== null && "path" in json && "hash" in json

const value = (json: unknown): string =>
  isFile(json)
    ? (text(json, "slot") ?? "a file")
    : typeof json === "number"
      ? String(Number(json.toPrecision(6)))
      : inline(typeof json === "string" ? json : JSON.stringify(json))

const parts = (json: unknown): string =>
  typeof json === "object" && json !== null
    ? Object.entries(json)
        .filter(([name]) => !name.startsWith("_"))
        .map(([name, part]) => `${paint.dim(name)} ${shortened(value(part), 160)}`)
        .join(paint.dim(" · "))
    : value(json)

const failure = (row: Row): ReadonlyArray<string> => [
  `${paint.red(text(row, "code") ?? "")} in ${text(row, "node")}: ${text(row, "message")}`,
  `  ${text(row, "help")}`
]

const attempt = (row: Row): string =>
  present([
    new Date(number(row, "started_at") ?? 0).toISOString().slice(0, 19).replace("T", " "),
    text(row, "node"),
    text(row, "outcome"),
    `${Math.round(number(row, "milliseconds") ?? 0)} ms`,
    text(row, "code"),
    row["amount"] === null ? undefined : `${text(row, "amount")} ${text(row, "currency")}`
  ]).join("  ")

const attemptsShown = 20

/** Everything known of a file, for a person. */
export const fileView = (details: FileDetails): string => {
  const { entry, items } = details
  return [
    ...head(details),
    ...section("Failures", items.flatMap(({ failures }) => failures).flatMap(failure)),
    ...section(
      "Captions",
      (entry?.captions ?? []).flatMap((row) => [present([stretch(row), origin(row)]).join("  "), `  ${text(row, "text")}`])
    ),
    ...section(
      "Tags",
      (entry?.tags ?? []).map((row) =>
        present([`${text(row, "vocabulary")}: ${text(row, "label")}`, percent(row), stretch(row), origin(row)]).join("  ")
      )
    ),
    ...section(
      "Results",
      (entry?.results ?? []).flatMap((row) => [
        `${row.kind}  ${paint.dim(`${row.pipeline}/${row.node}`)}`,
        `  ${parts(row.value)}`,
        ...details.artifacts
          .filter(({ node, pipeline }) => node === row.node && pipeline === row.pipeline)
          .map(({ field, path, size }) => `  ${paint.dim(field.replace("$.", ""))}  ${place(path)} (${bytes(size)})`)
      ])
    ),
    ...section(
      "Attempts, the newest first",
      items
        .flatMap(({ attempts }) => attempts)
        .slice(0, attemptsShown)
        .map(attempt)
    )
  ].join("\n")
}
