import { Failure, Field, SourceFile, Stage } from "@mediaspool/core"
import { MediaEngine, MediaError } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"

/** What the stage gives. Later stages ask for it by this class, and `persist` keeps it in the library. */
export class MyStage extends Schema.TaggedClass<MyStage>("my-package/MyStage")("MyStage", {
  /** dB by which the highest sample stands out over the average level: 3.01 for a sine, 12 and more for drums. */
  crestFactor: Schema.Number,
  punchy: Schema.Boolean
}) {}

/** Why it may give nothing. The retry class says how the runner meets it, the help what a person can do. */
export class MyStageError extends Failure.Class<MyStageError>()("MyStageError", {
  MyStageSilent: { retry: "skip", help: "There is no level in silence; the stage does not apply to this file." }
}) {}

/** Its settings, each with description and default: parsing, `spool check`, editors and the reference read them from here. */
const Config = Schema.Struct({
  punchyFrom: Field.withDefault(Schema.Positive, 12, "Crest factor in dB from which a sound counts as punchy")
})

export const myStage = Stage.make({
  name: "my-stage",
  version: 1,
  summary: "Measures how far the peaks stand out (crest factor)",
  input: { file: SourceFile },
  output: MyStage,
  config: Config,
  error: Schema.Union(MediaError, MyStageError),
  run: ({ file }, { punchyFrom }) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const { peak, rms } = yield* engine.ask(file.file, { _tag: "Levels" })
      if (peak === undefined || rms === undefined)
        return yield* new MyStageError({ code: "MyStageSilent", detail: "every sample is zero" })
      const crestFactor = Math.round((peak - rms) * 100) / 100
      return new MyStage({ crestFactor, punchy: crestFactor >= punchyFrom })
    }),
  examples: [{ title: "Only what really hits", with: { punchyFrom: 18 } }]
})
