import { Either } from "effect"
import { MediaError } from "../../media/MediaError.js"
import * as BitRate from "./BitRate.js"
import * as ByteSize from "./ByteSize.js"
import { type Codec, type CodecName, codecs } from "./Codec.js"

/** A copy that must not pass a size. */
export interface Wish {
  readonly codec: CodecName
  /** Hz, of the copy. */
  readonly sampleRate: number
  readonly channels: number
  /** Of the copy. */
  readonly seconds: number
  /** Bits per second; the most that is wanted. */
  readonly bitRate: number | undefined
  /** The ceiling. */
  readonly maxBytes: number
}

/** Bytes of headers and index, whatever the sound. */
const HEADERS = 4096

const length = (seconds: number): string =>
  seconds >= 120 ? `${(seconds / 60).toLocaleString("en", { maximumFractionDigits: 1 })} min` : `${seconds.toFixed(1)} s`

/** What is said of an output of `bytes` that `what` needs. */
export const tooLarge = (what: string, bytes: number, maxBytes: number): MediaError =>
  new MediaError({
    code: "TooLarge",
    detail: `${what} ${ByteSize.display(bytes)}, ${ByteSize.display(bytes - maxBytes)} over the ceiling of ${ByteSize.display(maxBytes)}`
  })

/**
 * The highest bit rates that keep the copy under the ceiling: the one to try first, then lower ones for the case that the encoder
 * passes its bit rate. A list of one `undefined` for a codec without bit rates. Refused when not even the lowest fits.
 */
export const bitRates = (wish: Wish): Either.Either<ReadonlyArray<number | undefined>, MediaError> => {
  const codec: Codec = codecs[wish.codec]
  if (codec.sampleBytes !== undefined) {
    const bytes = Math.ceil(wish.seconds * wish.sampleRate) * wish.channels * codec.sampleBytes + 128
    return bytes <= wish.maxBytes
      ? Either.right([undefined])
      : Either.left(tooLarge(`${length(wish.seconds)} of ${wish.codec} take`, bytes, wish.maxBytes))
  }
  const all = codec.bitRates(wish.sampleRate, wish.channels)
  const least = all[0]
  if (least === undefined) return Either.right([undefined])
  const bytesAt = (rate: number) => (rate * wish.seconds) / 8 + HEADERS
  const wanted = all.filter((rate) => rate <= Math.max(wish.bitRate ?? Infinity, least)).reverse()
  // Those that fit even when the encoder uses all its slack, and below them the rest that fits at all.
  const sure = wanted.filter((rate) => bytesAt(rate) * codec.slack <= wish.maxBytes)
  const tries = sure.length > 0 ? sure.slice(0, 3) : wanted.filter((rate) => bytesAt(rate) <= wish.maxBytes).slice(-1)
  return tries.length > 0
    ? Either.right(tries)
    : Either.left(
        tooLarge(
          `${length(wish.seconds)} of ${wish.codec} at its lowest bit rate, ${BitRate.display(least)}, take`,
          Math.ceil(bytesAt(least)),
          wish.maxBytes
        )
      )
}
