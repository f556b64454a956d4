import { Artifact, ArtifactError, Artifacts, Field, Stage } from "@mediaspool/core"
import { Caption } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"
import { promises as fs } from "node:fs"
import * as Cue from "./Cue.js"

/** Captions with their times, as a file that players read. */
export class Subtitles extends Schema.TaggedClass<Subtitles>("podcast-timeline/Subtitles")("Subtitles", {
  file: Artifact,
  cues: Schema.Int
}) {}

const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** Writes the timed captions of a recording as WebVTT. */
export const webVtt = Stage.make({
  name: "web-vtt",
  version: 1,
  summary: "Writes timed captions as a WebVTT file",
  input: { caption: Caption },
  output: Subtitles,
  config: Schema.Struct({
    lineLength: Field.withDefault(Schema.Int.pipe(Schema.between(20, 200)), 60, "Longest line of a cue, in characters")
  }),
  error: ArtifactError,
  run: ({ caption }, { lineLength }) =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      const cues = caption.segments.filter(({ text }) => text.trim() !== "").map((segment) => Cue.write(segment, lineLength))
      const text = ["WEBVTT", ...cues].join("\n\n")
      const { artifact } = yield* artifacts.write("subtitles", "vtt", (path) =>
        Effect.tryPromise({ try: () => fs.writeFile(path, `${text}\n`), catch: notWritten })
      )
      return new Subtitles({ file: artifact, cues: cues.length })
    }),
  examples: [{ title: "For narrow screens", with: { lineLength: 36 } }]
})
