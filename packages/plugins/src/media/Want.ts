/** A stretch of the input, in seconds. */
export interface Cut {
  readonly startSeconds: number
  readonly durationSeconds: number
}

/** An encoded copy of the sound, without the source's tags and chapters. */
export interface AudioCopy {
  readonly _tag: "AudioCopy"
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
  readonly cut?: Cut | undefined
}

/** An encoded copy of picture and sound, without the source's tags and chapters. */
export interface VideoCopy {
  readonly _tag: "VideoCopy"
  readonly path: string
  readonly container: "mp4" | "webm" | "mkv"
  readonly videoCodec: "h264" | "vp9" | "copy"
  /** The sound stays away when the input has none. */
  readonly audioCodec: "aac" | "opus" | "copy" | "none"
  /** Pixels; the picture keeps its shape and is never enlarged. */
  readonly maxHeight?: number | undefined
  /** Constant rate factor of the encoder; lower is better. Default 23 for h264, 32 for vp9. */
  readonly quality?: number | undefined
  readonly maxBytes?: number | undefined
  readonly cut?: Cut | undefined
}

/** EBU R128 / ITU-R BS.1770. */
export interface Loudness {
  readonly _tag: "Loudness"
  /** Oversamples to find peaks between the samples: doubles the cost of the measurement. Default false. */
  readonly truePeak?: boolean | undefined
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

/** Spectral centroid (Hz) and flatness (0 to 1) up to 12 kHz, averaged over the frames that sound. */
export interface Spectrum {
  readonly _tag: "Spectrum"
}

/** A PNG of the level over time, on a transparent ground. */
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

/** One frame of the picture as a PNG or JPEG; the last one when `atSeconds` lies behind the end. */
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

/** A want whose answer is a file. */
export type FileWant = Extract<Want, { readonly path: string }>

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
  readonly audioCodec?: string | undefined
  readonly width: number
  readonly height: number
}

/** The answer to each want, by its tag. */
export interface Answers {
  readonly AudioCopy: Written
  readonly VideoCopy: WrittenVideo
  /** LUFS, LU, dBTP; absent where the gate left nothing (silence, under 0.4 s). `truePeak` only where it was wanted. */
  readonly Loudness: {
    readonly integrated?: number | undefined
    readonly range?: number | undefined
    readonly truePeak?: number | undefined
  }
  /** dBFS; absent for digital silence. `clippedSamples` counts those at full scale where some of them stand in a row. */
  readonly Levels: {
    readonly peak?: number | undefined
    readonly rms?: number | undefined
    readonly clippedSamples: number
  }
  readonly Silences: ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }>
  readonly Spectrum: { readonly centroid?: number | undefined; readonly flatness?: number | undefined }
  readonly WaveformImage: { readonly size: number }
  readonly Samples: { readonly count: number }
  readonly Frame: { readonly size: number; readonly width: number; readonly height: number }
}
export type Answer<W extends Want> = Answers[W["_tag"]]
