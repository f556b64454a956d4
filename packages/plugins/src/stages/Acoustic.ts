import { Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Acoustics, SourceFile, Span } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { isInfrasound } from "./describe/hearing.js"
import { track, tracked, trackIn } from "./listen/track.js"

const Config = Schema.Struct({
  silenceThreshold: Field.withDefault(Schema.Number.pipe(Schema.between(-120, 0)), -50, "Level in dBFS below which it is silent"),
  silenceSeconds: Field.withDefault(Schema.Positive, 0.5, "Seconds that a silence must last to count"),
  truePeak: Field.withDefault(Schema.Boolean, true, "Whether peaks between the samples are looked for; it costs some time"),
  music: Field.withDefault(Schema.Boolean, true, "Whether tempo and key are estimated"),
  musicSeconds: Field.withDefault(
    Schema.Number.pipe(Schema.between(5, 600)),
    120,
    "Seconds from the start that tempo and key are estimated from"
  ),
  track
})

const rounded = (value: number | undefined, digits: number): number | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : Math.round(value * 10 ** digits) / 10 ** digits

/** Measures the sound: levels, silences, spectrum, and tempo and key where there are any. */
export const acoustic = Stage.make({
  name: "acoustic",
  version: 3,
  summary: "Measures loudness, peaks, silences, clipping, brightness, noisiness, tempo and key",
  input: { file: SourceFile },
  output: Acoustics,
  config: Config,
  error: MediaError,
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      // All at once, so that they share one decode.
      const heard = tracked(config)
      const { levels, loudness, music, silences, spectrum } = yield* engine.askAll(file, {
        loudness: { _tag: "Loudness", truePeak: config.truePeak, ...heard },
        levels: { _tag: "Levels", ...heard },
        spectrum: { _tag: "Spectrum", ...heard, threshold: config.silenceThreshold },
        silences: { _tag: "Silences", ...heard, threshold: config.silenceThreshold, minimumSeconds: config.silenceSeconds },
        ...(config.music ? { music: { _tag: "Music", ...heard, maxSeconds: config.musicSeconds } } : {})
      })
      // Now that it is decoded its length is known.
      const probe = yield* engine.probe(file)
      const sound = trackIn(probe, config.track)
      if (sound?.sampleRate === undefined || sound.channels === undefined)
        return yield* new MediaError({ code: "NoAudio", detail: "the file has no sound" })
      const silentSeconds = silences.reduce((sum, { endSeconds, startSeconds }) => sum + endSeconds - startSeconds, 0)
      const isSilent = levels.peak === undefined || levels.peak < config.silenceThreshold
      const brightness = rounded(spectrum.centroid, 0)
      const integratedLoudness = rounded(loudness.integrated, 2)
      const rmsLevel = rounded(levels.rms, 2)
      // What isn't heard has neither.
      const isHeard = !isSilent && !isInfrasound({ brightness, integratedLoudness, rmsLevel })
      return new Acoustics({
        durationSeconds: probe.durationSeconds,
        channels: sound.channels,
        sampleRate: sound.sampleRate,
        silences: silences.map((span) => new Span(span)),
        // All of it is silent where no sample sounds, however short it is; a single click is none of it.
        silenceRatio: isSilent ? 1 : Math.min(0.9999, rounded(silentSeconds / probe.durationSeconds, 4) ?? 0),
        clippedSamples: levels.clippedSamples,
        ...(levels.invalidSamples === 0 ? {} : { invalidSamples: levels.invalidSamples }),
        integratedLoudness,
        loudnessRange: rounded(loudness.range, 2),
        truePeak: rounded(loudness.truePeak, 2),
        samplePeak: rounded(levels.peak, 2),
        rmsLevel,
        brightness,
        noisiness: rounded(spectrum.flatness, 4),
        tempo: isHeard ? music?.tempo : undefined,
        key: isHeard ? music?.key : undefined,
        musicSeconds: music?.seconds
      })
    }),
  examples: [
    { title: "Only the numbers that need no estimate", with: { music: false } },
    { title: "Pauses in speech", with: { silenceThreshold: -40, silenceSeconds: 0.3 } }
  ]
})
