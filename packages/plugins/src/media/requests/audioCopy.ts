import { layoutsOf, limitsOf, rateOf } from "../CodecLimits.js"
import { layoutOf } from "../Encoding.js"
import { converted, type Cut, rounded, trimmed } from "../FilterChain.js"
import { type Mix, mixFilters, placing } from "../Mix.js"
import type { FilterSetting, SoundEncoding, SoundHandler, SoundRequest } from "../RequestHandler.js"
import { sound } from "../Streams.js"

/** An encoded copy of the sound, without the source's tags and chapters. */
export interface AudioCopy extends SoundEncoding, SoundRequest {
  readonly _tag: "AudioCopy"
  readonly cut?: Cut | undefined
  /** How channels become fewer; FFmpeg's own matrix when left out. */
  readonly mix?: Mix | undefined
}

/** What a copy came out as. */
export interface WrittenSound {
  readonly size: number
  readonly durationSeconds: number
  readonly container: string
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  readonly bitRate: number
  /** Seconds of the input before the copy begins, where its sound begins late. */
  readonly startSeconds?: number | undefined
}

/** The codec's own rate, where it can't keep that of the sound. */
const otherRate = (codec: string, { sampleRate = 0 }: FilterSetting["stream"]): number | undefined => {
  const rate = sampleRate > 0 ? rateOf(codec, sampleRate) : sampleRate
  return rate === sampleRate ? undefined : rate
}

/** Whether one of the channels, of which nobody knows that it has low frequencies alone, would lose all others. */
export const isMuffled = ({ channels, codec }: AudioCopy, stream: FilterSetting["stream"]): boolean =>
  stream.isUnplaced === true && stream.channels === limitsOf(codec).muffles && (channels ?? stream.channels) === stream.channels

export const audioCopy = (request: AudioCopy): SoundHandler<WrittenSound> => {
  const { channels, codec, container, cut, mix, sampleRate } = request
  return {
    _tag: "Sound",
    extent: cut === undefined ? [0, Infinity] : [cut.startSeconds, cut.startSeconds + cut.durationSeconds],
    end: {
      _tag: "EncodedSound",
      encoding: request,
      filters: ({ origin, startSeconds, stream }) => {
        // As many as there are, wherever they stand, are left as they are.
        const fewer = stream.isUnplaced === true && channels === stream.channels ? undefined : channels
        return [
          // Containers would keep the time before it, some of them.
          ...(cut !== undefined ? trimmed(cut, origin) : startSeconds > 0 ? ["asetpts=PTS-STARTPTS"] : []),
          ...(fewer === undefined ? placing(codec, stream) : mixFilters(stream, fewer, mix, layoutOf(fewer))),
          converted(sampleRate ?? otherRate(codec, stream), {
            channel_layouts: fewer === undefined ? layoutsOf(codec, stream.channels ?? 1)?.join("|") : layoutOf(fewer)
          })
        ].join(",")
      }
    },
    answer: {
      _tag: "FromMedia",
      result: (size, written, { startSeconds }) => {
        const heard = sound(written)
        return {
          size,
          durationSeconds: written.durationSeconds,
          container,
          codec: heard?.codec ?? codec,
          sampleRate: heard?.sampleRate ?? 0,
          channels: heard?.channels ?? 0,
          bitRate: Math.round((size * 8) / written.durationSeconds),
          ...(cut === undefined && startSeconds > 0 ? { startSeconds: rounded(startSeconds) } : {})
        }
      }
    }
  }
}
