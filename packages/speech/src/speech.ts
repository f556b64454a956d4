import { Field, Stage, StateFolder } from "@mediaspool/core"
import { MediaEngine, MediaError, mixFor, SourceFile, Speech, SpeechSpan, track, tracked, trackIn } from "@mediaspool/plugins"
import { Effect, Option, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FRAME_SECONDS, SpeechDetector } from "./SpeechDetector.js"
import { SpeechError } from "./SpeechError.js"
import { speechSpans } from "./speechSpans.js"

const Config = Schema.Struct({
  threshold: Field.withDefault(
    Schema.Number.pipe(Schema.between(0.2, 0.95)),
    0.5,
    "Probability from which a moment counts as speech; lower finds more, and more that is none"
  ),
  minimumSeconds: Field.withDefault(Schema.NonNegative, 0.25, "Shorter speech is left out"),
  pauseSeconds: Field.withDefault(Schema.NonNegative, 0.3, "Shorter pauses are part of the speech around them"),
  track
})

const MODEL = "silero-vad-5"

/** A place for samples while the scope is open. In a run it lies in the state folder, which the next start tidies up. */
const temporaryPath = Effect.gen(function* () {
  const folder = Option.match(yield* Effect.serviceOption(StateFolder), { onNone: tmpdir, onSome: ({ temporary }) => temporary })
  return yield* Effect.acquireRelease(Effect.succeed(join(folder, `speech-${randomUUID()}.f32`)), (path) =>
    Effect.promise(() => fs.rm(path, { force: true }))
  )
})

/** Finds where somebody speaks. */
export const speech = Stage.make({
  name: "speech",
  version: 1,
  summary: "Finds speech, with times and probabilities, by a model on your own machine",
  input: { file: SourceFile },
  output: Speech,
  config: Config,
  error: Schema.Union(MediaError, SpeechError),
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const detector = yield* SpeechDetector
      const probe = yield* engine.probe(file)
      const path = yield* temporaryPath
      // A length may be an estimate; what is longer is heard too.
      const maxSeconds = probe.durationSeconds * 3 + 60
      const request = { _tag: "Samples", path, sampleRate: 16_000, maxSeconds, ...tracked(config) } as const
      const { downmix } = yield* Effect.all(
        { samples: engine.ask(file, request), downmix: engine.ask(file, { _tag: "Downmix", ...tracked(config) }) },
        { concurrency: "unbounded" }
      )
      // Channels in opposite phase leave nothing of a voice in their sum.
      const mix = mixFor(downmix)
      if (mix !== undefined) yield* engine.ask(file, { ...request, mix })
      const { probabilities, seconds } = yield* detector.detect(path)
      const late = trackIn(probe, config.track)?.startSeconds ?? 0
      const spans = speechSpans(probabilities, FRAME_SECONDS, seconds, config)
      return new Speech({
        spans: spans.map(
          ({ endSeconds, probability, startSeconds }) =>
            new SpeechSpan({ startSeconds: startSeconds + late, endSeconds: endSeconds + late, probability })
        ),
        model: MODEL
      })
    }).pipe(Effect.scoped),
  examples: [
    { title: "Only what is surely speech", with: { threshold: 0.8 } },
    { title: "Sentences rather than words", with: { pauseSeconds: 1, minimumSeconds: 1 } }
  ]
})
