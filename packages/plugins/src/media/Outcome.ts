import { Schema } from "effect"

const Maybe = Schema.optional(Schema.Number)

/** What an engine says to one want: a measurement, that the file is written, or why not. */
export const Reading = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("Loudness"), integrated: Maybe, range: Maybe, truePeak: Maybe }),
  Schema.Struct({ _tag: Schema.Literal("Levels"), peak: Maybe, rms: Maybe, clippedSamples: Schema.Number }),
  Schema.Struct({
    _tag: Schema.Literal("Silences"),
    /** The last one has no end when it lasts to the end of the input. */
    spans: Schema.Array(Schema.Struct({ start: Schema.Number, end: Maybe }))
  }),
  Schema.Struct({ _tag: Schema.Literal("Spectrum"), centroid: Maybe, flatness: Maybe }),
  Schema.Struct({ _tag: Schema.Literal("File") }),
  Schema.Struct({
    _tag: Schema.Literal("Failed"),
    code: Schema.Literal("Undecodable", "CodecRefused", "TooLarge", "DiskFull", "EngineFailed", "NoAudio", "NoVideo"),
    detail: Schema.String
  })
)
export type Reading = typeof Reading.Type

/** What came of one input. */
export const Outcome = Schema.Struct({
  /** In the order of the wants. */
  readings: Schema.Array(Reading),
  /** Seconds of sound that the decoder gave; absent where nobody counted. */
  seconds: Maybe,
  /** How often the decoder or demuxer met damage. */
  complaints: Schema.Number,
  complaint: Schema.optional(Schema.String)
})
export type Outcome = typeof Outcome.Type
