import { Effect, Stream } from "effect"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"
import { type ExportedCaption, type ExportedMedia, parse } from "../ExportRow.js"
import { stemOf } from "./fileName.js"

interface Cue {
  readonly start: number
  readonly end: number
  readonly text: string
}

const two = (number: number): string => String(number).padStart(2, "0")

const millisOf = (seconds: number): number => Math.max(0, Math.round(seconds * 1000))

const timeOf = (seconds: number, point: "." | ","): string => {
  const whole = millisOf(seconds)
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60]
  return `${two(hours)}:${two(minutes)}:${two(Math.floor(whole / 1000) % 60)}${point}${String(whole % 1000).padStart(3, "0")}`
}

/** An empty line would end the cue. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim()

/** The captions of one node: the cleaned ones where there are any, those with times before those of the whole file. */
const chosen = ({ captions }: ExportedMedia): ReadonlyArray<ExportedCaption> => {
  const weight = (caption: ExportedCaption) => (caption.start_seconds === null ? 0 : 2) + (caption.kind === "Caption" ? 0 : 1)
  const best = captions.reduce<ExportedCaption | undefined>(
    (best, next) => (best === undefined || weight(next) > weight(best) ? next : best),
    undefined
  )
  const ofNode = captions.filter(({ node, pipeline }) => node === best?.node && pipeline === best.pipeline)
  const timed = ofNode.filter(({ start_seconds }) => start_seconds !== null)
  return timed.length > 0 ? timed : ofNode
}

const cuesOf = (media: ExportedMedia): ReadonlyArray<Cue> =>
  chosen(media).flatMap(({ end_seconds, start_seconds, text }) => {
    const start = start_seconds ?? 0
    const end = end_seconds ?? media.duration_seconds ?? start
    const said = oneLine(text)
    // A cue must last.
    return said === "" || millisOf(end) <= millisOf(start) ? [] : [{ start, end, text: said }]
  })

const subtitles = (extension: string, print: (cues: ReadonlyArray<Cue>) => string, summary: string): ExportFormat => ({
  kind: "folder",
  summary,
  write: (pages, staging) => {
    let leftOut = 0
    const write = (row: SplitRow) => {
      const cues = cuesOf(parse(row))
      if (cues.length === 0) {
        leftOut += 1
        return Effect.void
      }
      const folder = row.split === undefined ? "" : `${row.split}/`
      return Effect.scoped(
        Effect.gen(function* () {
          const file = yield* staging.file(`${folder}${stemOf(row)}.${extension}`)
          yield* file.write(print(cues))
          yield* Effect.flatMap(file.end, staging.add)
        })
      )
    }
    return Stream.runForEach(Stream.flattenIterables(pages), write).pipe(Effect.map(() => leftOut))
  }
})

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** WebVTT: with its three signs escaped no text is taken for a tag or a time. */
export const vtt = subtitles(
  "vtt",
  (cues) =>
    `WEBVTT\n\n${cues.map(({ end, start, text }) => `${timeOf(start, ".")} --> ${timeOf(end, ".")}\n${escaped(text)}\n`).join("\n")}`,
  "WebVTT captions, a file for each medium"
)

/** SubRip has no escapes: what players take for a tag or a time is written with signs that look alike. */
const plain = (text: string): string =>
  text.replaceAll("-->", "→").replaceAll("<", "‹").replaceAll(">", "›").replaceAll("{\\", "(\\")

export const srt = subtitles(
  "srt",
  (cues) =>
    cues.map(({ end, start, text }, i) => `${i + 1}\n${timeOf(start, ",")} --> ${timeOf(end, ",")}\n${plain(text)}\n`).join("\n"),
  "SubRip captions, a file for each medium"
)
