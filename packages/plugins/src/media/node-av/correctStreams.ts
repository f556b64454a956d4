import type { Inspection, Stream } from "../Inspection.js"
import type { Sniffed } from "../security/Sniff.js"
import { reads, showsStreamsLate } from "../security/Whitelist.js"
import { decodedShape } from "./decodedShape.js"

/**
 * Sound whose header may not tell what its decoder gives: spectral band replication doubles an AAC's rate, parametric stereo its
 * channels, and some streams say nothing before they are decoded.
 */
const mayBeOther = ({ channels = 0, codec, sampleRate = 0, type }: Stream, container: string): boolean =>
  type === "audio" &&
  reads(codec) &&
  (sampleRate === 0 ||
    channels === 0 ||
    (codec.startsWith("aac") && sampleRate <= 24_000) ||
    // An MP4 says 2 channels of it, whatever it has.
    (codec === "mp3" && container === "mov"))

/** Of the length of 24 bits in 32 that libav tells: it divides the bytes by 24 bits. */
const PADDED = 24 / 32

/** Whether libav takes 24 bits in 32 for a float of 24. */
const isPadded = ({ streams }: Pick<Inspection, "streams">, { padded }: Sniffed): boolean =>
  padded && streams.some(({ codec }) => codec === "pcm_f24le")

/** A WAV's samples as they are: libav takes those of another order of bytes, and 24 bits in 32, for others. */
const named = (stream: Stream, sniffed: Sniffed): Stream => {
  const { codec, promisedSeconds } = stream
  if (isPadded({ streams: [stream] }, sniffed))
    return {
      ...stream,
      codec: "pcm_s32le",
      ...(promisedSeconds === undefined ? {} : { promisedSeconds: promisedSeconds * PADDED })
    }
  return sniffed.bigEndian ? { ...stream, codec: codec.replace(/^(pcm_[sf]\d+)le$/, "$1be") } : stream
}

/** What the decoder gives, where the header may say less. */
export const correctStreams = (found: Inspection, url: string, sniffed: Sniffed): Inspection => ({
  ...found,
  durationSeconds: isPadded(found, sniffed) ? found.durationSeconds * PADDED : found.durationSeconds,
  streams: found.streams
    .map((one) => named(one, sniffed))
    .map((stream) =>
      mayBeOther(stream, found.container)
        ? { ...stream, ...decodedShape(url, stream, { late: showsStreamsLate(sniffed.container), range: sniffed.parts?.[0] }) }
        : stream
    )
})
