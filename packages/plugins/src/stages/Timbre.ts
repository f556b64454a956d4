import { Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { SourceFile, Vector } from "../kinds.js"
import { TIMBRE } from "../library/Likeness.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { track, tracked } from "./listen/track.js"

/** Measures what a sound is like, on the samples that `acoustic` decodes: no model is asked. */
export const timbre = Stage.make({
  name: "timbre",
  version: 1,
  summary: "Measures what a sound is like, so that similar ones are found: `spool search --like FILE`",
  input: { file: SourceFile },
  output: Vector,
  config: Schema.Struct({ track }),
  error: MediaError,
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const { values } = yield* engine.ask(file, { _tag: "Timbre", ...tracked(config) })
      return new Vector({ model: TIMBRE, provider: "mediaspool", values })
    }),
  examples: [{ title: "Of the German sound track", with: { track: { language: "de" } } }]
})
