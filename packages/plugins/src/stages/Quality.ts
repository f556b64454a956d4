import { Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Quality, SourceFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { track, tracked, trackIn } from "./listen/track.js"

const Config = Schema.Struct({
  snr: Field.withDefault(Schema.Number, 10, "Signal to noise in dB below which a file is marked `noisy`"),
  hum: Field.withDefault(Schema.Number, -70, "Level of the mains in dBFS from which a file is marked `hum`"),
  clipping: Field.withDefault(
    Schema.Number.pipe(Schema.between(0, 1)),
    0.0001,
    "Share of samples at full scale from which a file is marked `clipped`"
  ),
  offset: Field.withDefault(
    Schema.Number.pipe(Schema.between(0, 1)),
    0.01,
    "Mean of the samples, of full scale, from which a file is marked `dc-offset`"
  ),
  balance: Field.withDefault(
    Schema.Positive,
    6,
    "dB between two channels from which a file is marked `unbalanced`; from 40 dB on `one-sided`"
  ),
  track
})

/** Between channels that differ by this much (40 dB) one is as good as silent. */
const ONE_SIDED = 40
/** Correlation from which two channels are the same sound, as a lossy encoder leaves it, and from which they are turned over. */
const SAME = 0.9999
const OPPOSITE = -0.9

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits + 0

type Limits = Pick<typeof Config.Type, "snr" | "hum" | "clipping" | "offset" | "balance">

/** What stands out in the figures. */
export const marksOf = (found: Omit<Quality, "_tag" | "marks">, limits: Limits): ReadonlyArray<string> => {
  const apart = Math.abs(found.balance ?? 0)
  const marks: Readonly<Record<string, boolean>> = {
    hum: (found.hum ?? -Infinity) >= limits.hum,
    noisy: (found.snr ?? Infinity) < limits.snr,
    "band-limited": found.cutoff !== undefined,
    clipped: found.clipping >= limits.clipping && found.clipping > 0,
    "dc-offset": Math.abs(found.offset) >= limits.offset,
    "dual-mono": (found.correlation ?? 0) >= SAME && apart < 0.1,
    "opposite-phase": (found.correlation ?? 0) <= OPPOSITE,
    unbalanced: apart >= limits.balance && apart < ONE_SIDED,
    "one-sided": apart >= ONE_SIDED
  }
  return Object.entries(marks).flatMap(([mark, holds]) => (holds ? [mark] : []))
}

/** Measures how well a sound is recorded, on the samples that `acoustic` decodes. */
export const quality = Stage.make({
  name: "quality",
  version: 1,
  summary: "Measures noise, bandwidth, hum, clipping, offset and what two channels have in common, and marks what stands out",
  input: { file: SourceFile },
  output: Quality,
  config: Config,
  error: MediaError,
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const heard = tracked(config)
      const { levels, quality } = yield* engine.askAll(file, {
        levels: { _tag: "Levels", ...heard },
        quality: { _tag: "Quality", ...heard }
      })
      const probe = yield* engine.probe(file)
      const sound = trackIn(probe, config.track)
      const samples = probe.durationSeconds * (sound?.sampleRate ?? 0) * (sound?.channels ?? 0)
      const figures = {
        ...quality,
        clipping: samples > 0 ? rounded(Math.min(1, levels.clippedSamples / samples), 6) : 0,
        offset: rounded(quality.offset, 5)
      }
      return new Quality({ ...figures, marks: marksOf(figures, config) })
    }),
  examples: [{ title: "Only what is really noisy", with: { snr: 3 } }]
})
