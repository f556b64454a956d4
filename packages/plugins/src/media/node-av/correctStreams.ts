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

/** What the decoder gives, where the header may say less. */
export const correctStreams = (found: Inspection, url: string, sniffed: Sniffed): Inspection => ({
  ...found,
  streams: found.streams.map((stream) =>
    mayBeOther(stream, found.container)
      ? {
          ...stream,
          ...decodedShape(url, stream, {
            container: found.container,
            late: showsStreamsLate(sniffed.container),
            lead: found.leadSeconds,
            range: sniffed.parts?.[0]
          })
        }
      : stream
  )
})
