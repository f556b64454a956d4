import { Effect, Stream } from "effect"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"
import { type ExportedCaption, type ExportedMedia, parse } from "../ExportRow.js"
import { type Cue, cue, subRip, webVtt } from "../../Subtitles.js"
import { stemOf } from "./fileName.js"

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
    return cue(text, start, end_seconds ?? media.duration_seconds ?? start) ?? []
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

export const vtt = subtitles("vtt", webVtt, "WebVTT captions, a file for each medium")

export const srt = subtitles("srt", subRip, "SubRip captions, a file for each medium")
