import { Schema } from "effect"

const Numbers = Schema.Record({ key: Schema.String, value: Schema.Number })

/** What an engine says to one request: a measurement, that the file is written, or why not. */
export const RequestOutcome = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("Measured"), values: Numbers, rows: Schema.Array(Numbers) }),
  Schema.Struct({ _tag: Schema.Literal("File") }),
  Schema.Struct({
    _tag: Schema.Literal("Failed"),
    code: Schema.Literal(
      "Undecodable",
      "EngineUnable",
      "CodecRefused",
      "TooLarge",
      "DiskFull",
      "EngineFailed",
      "NoAudio",
      "NoVideo"
    ),
    detail: Schema.String
  })
)
export type RequestOutcome = typeof RequestOutcome.Type

/** Why a request was not met. */
export type RequestFailure = Extract<RequestOutcome, { readonly _tag: "Failed" }>

/** What came of one input. */
export const JobOutcome = Schema.Struct({
  /** In the order of the requests. */
  outcomes: Schema.Array(RequestOutcome),
  /** Seconds of sound that the decoder gave of each stream, gaps included; absent where nothing counted. */
  sounds: Schema.Array(Schema.Struct({ stream: Schema.Int, seconds: Schema.Number })),
  /** Whether the sound became another on its way (its rate, its channels), and this engine can't follow. */
  isChanging: Schema.optional(Schema.Boolean),
  /** How often the decoder or demuxer met damage. */
  complaints: Schema.Number,
  complaint: Schema.optional(Schema.String)
})
export type JobOutcome = typeof JobOutcome.Type
