import type { Cut } from "../FilterChain.js"
import type { ResultOf } from "../RequestHandler.js"
import { picture, sound, type Track } from "../Streams.js"

/** An encoded copy of picture and sound, without the source's tags and chapters. */
export interface VideoCopy {
  readonly _tag: "VideoCopy"
  readonly path: string
  readonly container: "mp4" | "webm" | "mkv"
  readonly videoCodec: "h264" | "vp9" | "copy"
  /** The sound stays away when the input has none. */
  readonly audioCodec: "aac" | "opus" | "copy" | "none"
  /** The sound that goes into the copy; absent: the default one. */
  readonly track?: Track | undefined
  /** Pixels; the picture keeps its shape and is never enlarged. */
  readonly maxHeight?: number | undefined
  /** Constant rate factor of the encoder; lower is better. Default 23 for h264, 32 for vp9. */
  readonly quality?: number | undefined
  readonly maxBytes?: number | undefined
  readonly cut?: Cut | undefined
}

export interface WrittenVideo {
  readonly size: number
  readonly durationSeconds: number
  readonly videoCodec: string
  readonly audioCodec?: string | undefined
  readonly width: number
  readonly height: number
}

/** Constant rate factors that nobody complains of. */
export const quality = (request: VideoCopy): number => request.quality ?? (request.videoCodec === "vp9" ? 32 : 23)

/** The picture's filters: smaller if it must be, even sides, and a pixel format that every player knows. */
export const videoFilters = (request: VideoCopy): string =>
  `scale=w=-2:h='trunc(min(${request.maxHeight ?? "ih"},ih)/2)*2',format=yuv420p`

/** Codecs whose pixels are as deep as QuickTime says beside them, which libav doesn't write into Matroska. */
const deepOutside = new Set(["qtrle", "8bps"])

/** Whether pictures of a codec, copied as they are, could no more be seen. */
export const isLostIn = ({ container, videoCodec }: VideoCopy, codec: string): boolean =>
  videoCodec === "copy" && container === "mkv" && deepOutside.has(codec)

/** Carries out a copy of the picture: its cost is the encoder's, so it shares no decode. */
export interface VideoHandler {
  readonly _tag: "Video"
  readonly request: VideoCopy
  readonly answer: ResultOf<WrittenVideo>
}

export const videoCopy = (request: VideoCopy): VideoHandler => ({
  _tag: "Video",
  request,
  answer: {
    _tag: "FromMedia",
    result: (size, written) => {
      const seen = picture(written)
      const heard = sound(written)
      return {
        size,
        durationSeconds: written.durationSeconds,
        videoCodec: seen?.codec ?? request.videoCodec,
        ...(heard === undefined ? {} : { audioCodec: heard.codec }),
        width: seen?.width ?? 0,
        height: seen?.height ?? 0
      }
    }
  }
})
