import type { Artifact, Original } from "@mediaspool/core"
import { Context, type Effect } from "effect"
import type { Probe } from "../kinds.js"
import type { MediaError } from "./MediaError.js"

/** A file that the engine reads; never one that it writes. */
export type Input = Original | Artifact

/** A stretch of the input, in seconds. */
export interface Cut {
  readonly startSeconds: number
  readonly durationSeconds: number
}

/** An encoded copy of the sound. */
export interface AudioCopy {
  readonly _tag: "AudioCopy"
  readonly path: string
  readonly container: "mp3" | "wav" | "flac" | "m4a" | "aac" | "ogg" | "opus" | "amr"
  /** FFmpeg encoder family: `mp3`, `pcm_s16le`, `flac`, `aac`, `vorbis`, `opus`, `amr_nb`. */
  readonly codec: string
  /** Hz; absent keeps the input's. */
  readonly sampleRate?: number
  readonly channels?: number
  /** Bits per second. */
  readonly bitRate?: number
  /** Bytes that the output must not pass. */
  readonly maxBytes?: number
  readonly cut?: Cut
}

/** An encoded copy of picture and sound. */
export interface VideoCopy {
  readonly _tag: "VideoCopy"
  readonly path: string
  readonly container: "mp4" | "webm" | "mkv"
  readonly videoCodec: "h264" | "vp9" | "copy"
  readonly audioCodec: "aac" | "opus" | "copy" | "none"
  /** Pixels; the picture keeps its shape and is never enlarged. */
  readonly maxHeight?: number
  /** Constant rate factor of the encoder. */
  readonly quality?: number
  readonly maxBytes?: number
  readonly cut?: Cut
}

/** EBU R128 / ITU-R BS.1770. */
export interface Loudness {
  readonly _tag: "Loudness"
}

/** Sample statistics over the whole input. */
export interface Levels {
  readonly _tag: "Levels"
}

export interface Silences {
  readonly _tag: "Silences"
  /** dBFS */
  readonly threshold: number
  readonly minimumSeconds: number
}

/** Spectral centroid (Hz) and flatness (0 to 1), averaged over the frames that sound. */
export interface Spectrum {
  readonly _tag: "Spectrum"
}

/** A PNG of the level over time. */
export interface WaveformImage {
  readonly _tag: "WaveformImage"
  readonly path: string
  readonly width: number
  readonly height: number
  /** `#rrggbb` */
  readonly colour: string
}

/** Mono 32-bit float samples, little-endian, without a header. */
export interface Samples {
  readonly _tag: "Samples"
  readonly path: string
  /** Hz */
  readonly sampleRate: number
  readonly maxSeconds: number
}

/** One frame of the picture as a PNG or JPEG. */
export interface Frame {
  readonly _tag: "Frame"
  readonly path: string
  readonly format: "png" | "jpeg"
  readonly atSeconds: number
  /** Pixels; the picture keeps its shape. */
  readonly width: number
}

/** What may be asked of an input. Everything asked of one input at the same time shares one decode. */
export type Want = AudioCopy | VideoCopy | Loudness | Levels | Silences | Spectrum | WaveformImage | Samples | Frame

/** What a file at `path` came out as. */
export interface Written {
  readonly size: number
  readonly durationSeconds: number
  readonly container: string
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  readonly bitRate: number
}

export interface WrittenVideo {
  readonly size: number
  readonly durationSeconds: number
  readonly videoCodec: string
  readonly audioCodec?: string
  readonly width: number
  readonly height: number
}

interface Answers {
  readonly AudioCopy: Written
  readonly VideoCopy: WrittenVideo
  /** LUFS, LU, dBTP; absent where the gate left nothing (silence, under 0.4 s). */
  readonly Loudness: { readonly integrated?: number; readonly range?: number; readonly truePeak?: number }
  /** dBFS; absent for digital silence. */
  readonly Levels: { readonly peak?: number; readonly rms?: number; readonly clippedSamples: number }
  readonly Silences: ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }>
  readonly Spectrum: { readonly centroid?: number; readonly flatness?: number }
  readonly WaveformImage: { readonly size: number }
  readonly Samples: { readonly count: number }
  readonly Frame: { readonly size: number; readonly width: number; readonly height: number }
}
export type Answer<W extends Want> = Answers[W["_tag"]]

export interface Service {
  /** `ffmpeg` or `node-av`, with the version: recorded with results, never part of their key. */
  readonly engine: { readonly name: string; readonly version: string }
  /** What the container says. Refuses what no decoder would accept: a sound needs a sample rate, channels and a duration. */
  readonly probe: (input: Input) => Effect.Effect<Probe, MediaError>
  /**
   * Answers a want. Requests on one input are merged into one decode, short inputs are packed into one process, long ones run
   * alone and report to `Progress`. Outputs are complete files or absent. Interruption ends the process when nobody else waits for it.
   */
  readonly ask: <const W extends Want>(input: Input, want: W) => Effect.Effect<Answer<W>, MediaError>
}

/** Reads and writes media, with ffmpeg where it is found and node-av where it is not. */
export class MediaEngine extends Context.Tag("@mediaspool/plugins/MediaEngine")<MediaEngine, Service>() {}
