import type { SoundWant } from "./Chain.js"
import type { Inspection, Stream } from "./Inspection.js"
import { picture, sound } from "./Streams.js"
import type { Frame, VideoCopy, Want } from "./Want.js"

/** An input as an engine opens it, with everything asked of it. */
export interface Spec {
  /** `file:` and an absolute path. */
  readonly url: string
  readonly inspection: Inspection
  /** Their paths are those of unfinished files. */
  readonly wants: ReadonlyArray<Want>
}

/** A want, and its place among the wants of its spec. */
export interface Placed<W extends Want> {
  readonly place: number
  readonly want: W
}

/** One decode of the sound for all wants that need it. */
export interface SoundPass {
  readonly _tag: "SoundPass"
  readonly stream: Stream
  /** Seconds of the input at which it starts. */
  readonly origin: number
  /** Seconds that are needed from there; absent: all. */
  readonly seconds?: number | undefined
  readonly wants: ReadonlyArray<Placed<SoundWant>>
}

/** A copy of the picture: its cost is the encoder's, so it shares nothing. */
export interface VideoPass {
  readonly _tag: "VideoPass"
  readonly picture: Stream
  readonly sound: Stream | undefined
  readonly want: Placed<VideoCopy>
}

export interface FramePass {
  readonly _tag: "FramePass"
  readonly picture: Stream
  /** Where to look for the frame, inside the file. */
  readonly at: number
  readonly want: Placed<Frame>
}

export type Pass = SoundPass | VideoPass | FramePass

const isSound = (want: Want): want is SoundWant => want._tag !== "VideoCopy" && want._tag !== "Frame"

/** The stretch that a want needs. */
const extent = (want: SoundWant): readonly [start: number, end: number] => {
  if (want._tag === "AudioCopy" && want.cut !== undefined)
    return [want.cut.startSeconds, want.cut.startSeconds + want.cut.durationSeconds]
  return [0, want._tag === "Samples" ? want.maxSeconds : Infinity]
}

/**
 * Seconds that are decoded before a cut, and thrown away: where a decoder of MP3, AAC or Opus begins, it gives silence until it has
 * what later frames rest on. Without them a window's first word depends on what else was cut in the same process.
 */
const LEAD = 0.5

const soundPass = (stream: Stream, wants: ReadonlyArray<Placed<SoundWant>>, duration: number): SoundPass => {
  const extents = wants.map(({ want }) => extent(want))
  const origin = Math.max(0, Math.min(...extents.map(([start]) => start)) - LEAD)
  const end = Math.max(...extents.map(([, end]) => end))
  return { _tag: "SoundPass", stream, origin, ...(end < duration ? { seconds: end - origin } : {}), wants }
}

/** How often an input is opened, and what for. */
export const passes = ({ inspection, wants }: Spec): ReadonlyArray<Pass> => {
  const heard = sound(inspection)
  const seen = picture(inspection)
  const placed = wants.map((want, place) => ({ want, place }))
  const sounds = placed.flatMap(({ place, want }) => (isSound(want) ? [{ place, want }] : []))
  return [
    ...(heard === undefined || sounds.length === 0 ? [] : [soundPass(heard, sounds, inspection.durationSeconds)]),
    ...placed.flatMap(({ place, want }): ReadonlyArray<Pass> => {
      if (seen === undefined) return []
      if (want._tag === "VideoCopy")
        return [
          { _tag: "VideoPass", picture: seen, sound: want.audioCodec === "none" ? undefined : heard, want: { place, want } }
        ]
      // A frame lasts; half a second before the end there is one in any video.
      const at = Math.max(0, Math.min(want._tag === "Frame" ? want.atSeconds : 0, inspection.durationSeconds - 0.5))
      return want._tag === "Frame" ? [{ _tag: "FramePass", picture: seen, at, want: { place, want } }] : []
    })
  ]
}
