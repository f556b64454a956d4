import { Schema, Struct } from "effect"
import { MediaStream, Probe } from "../kinds.js"
import { rounded } from "./FilterChain.js"
import { readsApart } from "./Joined.js"
import { reads } from "./security/Whitelist.js"
import { sound } from "./Streams.js"

/** A stream as a prober sees it. */
export const Stream = Schema.Struct({
  /** Its place in the container. */
  index: Schema.Int,
  ...MediaStream.fields,
  /** Seconds of the stream that the header promises; absent where it was estimated. A decode that yields less met a truncated file. */
  promisedSeconds: Schema.optional(Schema.Number),
  /** Seconds of them for which its last picture stands though no decoder says so. */
  stillSeconds: Schema.optional(Schema.Number),
  /** Whether its channels stand where FFmpeg's own mix has no place for them, or nowhere that the file says. */
  isUnplaced: Schema.optional(Schema.Boolean),
  /** How its channels are brought into FFmpeg's order, where they stand in another one. */
  order: Schema.optional(Schema.Struct({ layout: Schema.String, from: Schema.Array(Schema.Int) })),
  /** Bits of a sample, where the codec keeps more than 24 of them. */
  depth: Schema.optional(Schema.Number),
  /** Whether the container marks it as the one to begin with. */
  isDefault: Schema.optional(Schema.Boolean),
  /** What is shown of its pictures, where the container cuts their edges away, and how wide a pixel is by its height. */
  crop: Schema.optional(
    Schema.Struct({
      width: Schema.Int,
      height: Schema.Int,
      left: Schema.Int,
      top: Schema.Int,
      pixelAspect: Schema.Number
    })
  ),
  /** Whether its pictures are shown as in a mirror, before they are turned. */
  isMirrored: Schema.optional(Schema.Boolean),
  /** Seconds of the file, from and to, in which it is empty, whatever a decoder gives. */
  gaps: Schema.optional(Schema.Array(Schema.Tuple(Schema.Number, Schema.Number)))
})
export type Stream = typeof Stream.Type

/** Samples without a header that says how many they are. */
const RawSamples = Schema.Struct({
  container: Schema.String,
  codec: Schema.String,
  sampleRate: Schema.Number,
  channels: Schema.Number,
  start: Schema.Number,
  end: Schema.Number
})

/** What a prober found in a file that it let pass. */
export const Inspection = Schema.Struct({
  size: Schema.Number,
  container: Schema.String,
  durationSeconds: Schema.Number,
  /** Whether the length is the container's guess. */
  durationEstimated: Schema.optional(Schema.Boolean),
  /** Seconds of the file before its first packet. */
  leadSeconds: Schema.optional(Schema.Number),
  /** Whether several recordings stand behind each other: times begin again on the way. */
  isJoined: Schema.optional(Schema.Boolean),
  /**
   * The parts of the file, in bytes, that are read each as one: recordings behind each other, or the only one where others' bytes stand
   * around it.
   */
  parts: Schema.optional(Schema.Array(Schema.Struct({ start: Schema.Number, end: Schema.Number }))),
  /** The samples, where they are read without their header. */
  raw: Schema.optional(RawSamples),
  streams: Schema.Array(Stream),
  tags: Schema.Record({ key: Schema.String, value: Schema.String })
})
export type Inspection = typeof Inspection.Type

/** Why a prober refused a file. */
export const Refused = Schema.Struct({
  refusal: Schema.Literal(
    "EmptyFile",
    "NotMedia",
    "PlaylistRefused",
    "Truncated",
    "Unreadable",
    "Undecodable",
    "CodecRefused",
    "EngineUnable",
    "EngineFailed"
  ),
  detail: Schema.String
})
export type Refused = typeof Refused.Type

/** A prober's words were checked when they came. */
const known = { disableValidation: true }

/** What the container says of itself, without the file's size and promises. */
export const toProbe = (inspection: Inspection): Probe => {
  const chosen = sound(inspection)
  const several = inspection.streams.filter(({ type }) => type === "audio").length > 1
  return new Probe(
    {
      container: inspection.container,
      durationSeconds: rounded(inspection.durationSeconds),
      ...(inspection.durationEstimated === true ? { durationEstimated: true } : {}),
      ...(readsApart(inspection) ? { joined: true } : {}),
      bitRate: Math.round((inspection.size * 8) / inspection.durationSeconds),
      streams: inspection.streams.map((found) => {
        const stream = Struct.omit(
          found,
          "crop",
          "depth",
          "gaps",
          "index",
          "isDefault",
          "isMirrored",
          "isUnplaced",
          "order",
          "promisedSeconds",
          "stillSeconds"
        )
        const isUnread = ["audio", "video"].includes(found.type) && !reads(found.codec)
        const marks = { ...(several && found === chosen ? { chosen: true } : {}), ...(isUnread ? { unread: true } : {}) }
        return new MediaStream({ ...stream, ...marks }, known)
      }),
      tags: inspection.tags
    },
    known
  )
}
