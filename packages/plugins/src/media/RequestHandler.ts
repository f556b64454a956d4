import type { Inspection } from "./Inspection.js"
import type { FilterSetting } from "./FilterChain.js"
import type { Track } from "./Streams.js"

/** What every request for the sound may say. */
export interface SoundRequest {
  /** The track that is listened to; absent: the default one. */
  readonly track?: Track | undefined
}

/** What an engine measured, as it goes between processes: finite numbers by name, and rows of such. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>
  readonly rows: ReadonlyArray<Readonly<Record<string, number>>>
}

/** What one filter of ffmpeg's command logged. */
export interface FilterLog {
  /** The last value under a key; NaN where it never came. */
  readonly value: (key: string) => number
  /** Every value of a key of the frames, without its `lavfi.` */
  readonly series: (key: string) => ReadonlyArray<number>
  /** The last values of each channel. */
  readonly channels: ReadonlyArray<(key: string) => number>
}

/** Reads the numbers that filters put on frames, frame by frame. */
export interface FrameReader {
  /** @param value gives a number by its key, without `lavfi.` */
  readonly read: (value: (key: string) => number | undefined) => void
  readonly finish: () => Measured
}

/** Sound in numbers. */
export interface MeasurementEnd {
  readonly _tag: "Measurement"
  /** The format that the filters give, so that nothing is converted at their end. */
  readonly codec: "pcm_f32le" | "pcm_f64le" | "pcm_s32le"
  readonly fromLog: (log: FilterLog) => Measured
  readonly fromFrames: (channels: number) => FrameReader
}

/** How sound is encoded into a file. */
export interface SoundEncoding {
  readonly path: string
  readonly container: "mp3" | "wav" | "flac" | "m4a" | "aac" | "ogg" | "opus" | "amr"
  /** FFmpeg's name of the codec: `mp3`, `pcm_s16le`, `flac`, `aac`, `vorbis`, `opus`, `amr_nb`. The engine picks the encoder. */
  readonly codec: string
  /** Hz; absent keeps the input's, or the nearest that the codec has. */
  readonly sampleRate?: number | undefined
  readonly channels?: number | undefined
  /** Bits per second. */
  readonly bitRate?: number | undefined
  /** Bytes that the output must not pass; the engine's own ceiling holds beside it. */
  readonly maxBytes?: number | undefined
}

/** What is at the end of a request's filters: each engine knows these four. */
export type SoundEnd =
  | MeasurementEnd
  | { readonly _tag: "EncodedSound"; readonly encoding: SoundEncoding }
  /** One picture as a PNG. */
  | { readonly _tag: "Picture"; readonly path: string }
  /** 32-bit float, mono, without a header. */
  | { readonly _tag: "RawSamples"; readonly path: string }

/** Where the sound that was heard lies in the input, in seconds from the start of the file. */
export interface HeardSpan {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** How a result is made from what the engine said or wrote. */
export type ResultOf<Result> =
  | { readonly _tag: "FromMeasured"; readonly result: (measured: Measured, heard: HeardSpan) => Result }
  | { readonly _tag: "FromSize"; readonly result: (size: number) => Result }
  /** The file is probed. */
  | { readonly _tag: "FromMedia"; readonly result: (size: number, written: Inspection, heard: HeardSpan) => Result }
  | {
      readonly _tag: "FromPicture"
      /** `undefined` where the bytes are no picture. */
      readonly result: (bytes: Buffer) => Result | undefined
    }

/** Carries out one request for the sound. */
export interface SoundHandler<Result> {
  readonly _tag: "Sound"
  /** What is needed, in seconds of the input; to infinity: all of it, and a damaged input spoils it. */
  readonly extent: readonly [start: number, end: number]
  /** The filters between the decoded sound and the end: the same for both engines, so that they measure alike. */
  readonly filters: (setting: FilterSetting) => string
  /** Whether the filters hand the sound on as it came. */
  readonly isTransparent?: boolean
  /** Whether its result tells how much was decoded. */
  readonly countsSound?: boolean
  readonly end: SoundEnd
  readonly answer: ResultOf<Result>
}
