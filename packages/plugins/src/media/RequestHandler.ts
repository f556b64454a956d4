import type { Measured } from "../meters/Meter.js"
import type { MeterSpec } from "../meters/MeterRun.js"
import type { Inspection, Stream } from "./Inspection.js"
import type { Track } from "./Streams.js"

/** What every request for the sound may say. */
export interface SoundRequest {
  /** The track that is listened to; absent: the default one. */
  readonly track?: Track | undefined
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

/** What filters are told of the sound. */
export interface FilterSetting {
  /** Where the decode starts, in seconds of the input. */
  readonly origin: number
  /** Seconds of the input before its sound begins. */
  readonly startSeconds: number
  /** The sound as it was probed. */
  readonly stream: Pick<Stream, "channels" | "isUnplaced" | "sampleRate">
}

/** The filters between the decoded sound and a file: the same for both engines. */
type Filters = (setting: FilterSetting) => string

/** Where a request's sound goes: each engine knows these three. */
export type SoundEnd =
  /** Into meters, as it is in the file: decoded, and neither mixed nor resampled. */
  | { readonly _tag: "Meters"; readonly specs: ReadonlyArray<MeterSpec> }
  | { readonly _tag: "EncodedSound"; readonly encoding: SoundEncoding; readonly filters: Filters }
  /** 32-bit float, mono, without a header. */
  | { readonly _tag: "RawSamples"; readonly path: string; readonly filters: Filters }

/** Where sound goes that becomes a file. */
export type WrittenEnd = Exclude<SoundEnd, { readonly _tag: "Meters" }>

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
      readonly _tag: "FromBytes"
      /** `undefined` where the bytes are not what was asked for. */
      readonly result: (bytes: Buffer) => Result | undefined
    }

/** Carries out one request for the sound. */
export interface SoundHandler<Result> {
  readonly _tag: "Sound"
  /** What is needed, in seconds of the input; to infinity: all of it, and a damaged input spoils it. */
  readonly extent: readonly [start: number, end: number]
  readonly end: SoundEnd
  readonly answer: ResultOf<Result>
}
