import { layoutOf } from "../Encoding.js"
import { converted, type Cut, mixed, rounded, trimmed } from "../FilterChain.js"
import { type Mix, mixFilter } from "../Mix.js"
import type { SoundEncoding, SoundHandler, SoundRequest } from "../RequestHandler.js"
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

export const audioCopy = (request: AudioCopy): SoundHandler<WrittenSound> => {
  const { channels, codec, container, cut, mix, sampleRate } = request
  const layout = channels === undefined ? undefined : layoutOf(channels)
  return {
    _tag: "Sound",
    extent: cut === undefined ? [0, Infinity] : [cut.startSeconds, cut.startSeconds + cut.durationSeconds],
    end: {
      _tag: "EncodedSound",
      encoding: request,
      filters: ({ origin, startSeconds, stream }) =>
        [
          // Containers would keep the time before it, some of them.
          ...(cut !== undefined ? trimmed(cut, origin) : startSeconds > 0 ? ["asetpts=PTS-STARTPTS"] : []),
          ...(channels === undefined
            ? []
            : mix !== undefined
              ? mixFilter(stream.channels ?? 1, channels, mix, layout ?? "")
              : stream.isUnplaced === true
                ? [mixed(stream.channels ?? 1, channels)]
                : []),
          converted(sampleRate, { channel_layouts: layout })
        ].join(",")
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
