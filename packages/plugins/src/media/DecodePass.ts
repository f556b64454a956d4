import type { InputJob } from "./InputJob.js"
import type { Inspection, Stream } from "./Inspection.js"
import { isJoined } from "./Joined.js"
import { type AnyMediaResult, handlerOf, trackOf } from "./MediaRequest.js"
import type { SoundHandler } from "./RequestHandler.js"
import type { Frame } from "./requests/frame.js"
import type { PacketHash } from "./requests/packetHash.js"
import type { PicturesHandler } from "./requests/pictures.js"
import type { VideoCopy } from "./requests/videoCopy.js"
import { picture, sound } from "./Streams.js"

/** A request for the sound, and its place among the requests of its job. */
export interface PlacedHandler {
  readonly place: number
  readonly handler: SoundHandler<AnyMediaResult>
}

/** One decode of the sound for all requests that need it. */
export interface SoundPass {
  readonly _tag: "SoundPass"
  readonly stream: Stream
  /** FFmpeg's name of the container. */
  readonly container: string
  /** Seconds of the input before its sound begins. */
  readonly startSeconds: number
  readonly hasPicture: boolean
  /** Whether recordings stand behind each other in it. */
  readonly isJoined: boolean
  /** Seconds of the input at which it starts. */
  readonly origin: number
  /** Seconds that are needed from there; absent: all. */
  readonly seconds?: number | undefined
  readonly handlers: ReadonlyArray<PlacedHandler>
}

/** A copy of the picture. */
export interface VideoPass {
  readonly _tag: "VideoPass"
  readonly picture: Stream
  readonly sound: Stream | undefined
  /** Seconds of the copy at which its last picture ends, where the header says. */
  readonly endSeconds: number | undefined
  readonly place: number
  readonly request: VideoCopy
}

export interface FramePass {
  readonly _tag: "FramePass"
  readonly picture: Stream
  /** Where to look for the frame, inside the file. */
  readonly at: number
  readonly place: number
  readonly request: Frame
}

/** Pictures at a steady rate. */
export interface PicturesPass {
  readonly _tag: "PicturesPass"
  readonly picture: Stream
  readonly place: number
  readonly handler: PicturesHandler<AnyMediaResult>
}

/** The sound as it stands in the file. */
export interface PacketsPass {
  readonly _tag: "PacketsPass"
  readonly stream: Stream
  readonly place: number
  readonly request: PacketHash
}

/** One opening of an input. */
export type DecodePass = SoundPass | VideoPass | FramePass | PicturesPass | PacketsPass

/** Whether the packets of a stream may each begin with a header of ADTS: within MP4 and Matroska they have none. */
export const mayHaveHeaders = ({ stream }: PacketsPass): boolean => stream.codec === "aac"

/**
 * Seconds that are decoded before a cut, and thrown away: where a decoder of MP3, AAC or Opus begins, it gives silence until it has
 * what later frames rest on. Without them a window's first word depends on what else was cut in the same process.
 */
const LEAD = 0.5

/**
 * Whether the sound can be entered by its times. Recordings behind each other begin them again; in a program stream libav may look for
 * the next frame for as long as a second.
 */
const isEntered = (inspection: Inspection): boolean => !isJoined(inspection) && inspection.container !== "mpeg"

const soundPass = (stream: Stream, inspection: Inspection, handlers: ReadonlyArray<PlacedHandler>): SoundPass => {
  const extents = handlers.map(({ handler }) => handler.extent)
  const joined = isJoined(inspection)
  const origin = isEntered(inspection) ? Math.max(0, Math.min(...extents.map(([start]) => start)) - LEAD) : 0
  const end = Math.max(...extents.map(([, end]) => end))
  return {
    _tag: "SoundPass",
    stream,
    container: inspection.container,
    startSeconds: stream.startSeconds ?? 0,
    hasPicture: picture(inspection) !== undefined,
    isJoined: joined,
    origin,
    ...(end < inspection.durationSeconds ? { seconds: end - origin } : {}),
    handlers
  }
}

/** Where the last picture of a copy ends: a copy of all begins with the first packet of the file. */
const endOf = ({ promisedSeconds, startSeconds = 0 }: Stream, inspection: Inspection, { cut }: VideoCopy): number | undefined => {
  if (promisedSeconds === undefined || isJoined(inspection)) return undefined
  const { leadSeconds: lead = 0 } = inspection
  const end = Math.max(startSeconds, lead) + promisedSeconds
  return cut === undefined ? end - lead : Math.min(cut.durationSeconds, end - cut.startSeconds)
}

/** How often an input is opened, and what for. */
export const passes = ({ inspection, requests }: InputJob): ReadonlyArray<DecodePass> => {
  const seen = picture(inspection)
  const placed = requests.map((request, place) => ({
    handler: handlerOf(request),
    place,
    heard: sound(inspection, trackOf(request))
  }))
  const bySound = new Map<Stream, Array<PlacedHandler>>()
  for (const { handler, heard, place } of placed)
    if (handler._tag === "Sound" && heard !== undefined) bySound.set(heard, [...(bySound.get(heard) ?? []), { handler, place }])
  return [
    ...[...bySound].map(([stream, handlers]) => soundPass(stream, inspection, handlers)),
    ...placed.flatMap(({ handler, heard, place }): ReadonlyArray<DecodePass> => {
      if (handler._tag === "Packets")
        return heard === undefined ? [] : [{ _tag: "PacketsPass", stream: heard, place, request: handler.request }]
      if (seen === undefined || handler._tag === "Sound") return []
      if (handler._tag === "Video") {
        const { request } = handler
        const listened = request.audioCodec === "none" ? undefined : heard
        const endSeconds = endOf(seen, inspection, request)
        return [{ _tag: "VideoPass", picture: seen, sound: listened, endSeconds, place, request }]
      }
      if (handler._tag === "Pictures") return [{ _tag: "PicturesPass", picture: seen, place, handler }]
      // A frame lasts; half a second before the end there is one in any video.
      const at = Math.max(0, Math.min(handler.request.atSeconds, inspection.durationSeconds - 0.5))
      return [{ _tag: "FramePass", picture: seen, at, place, request: handler.request }]
    })
  ]
}
