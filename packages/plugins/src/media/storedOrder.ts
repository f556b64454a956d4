import type { Inspection } from "./Inspection.js"
import type { Sniffed } from "./security/Sniff.js"

/** What a prober found, with the samples of a WAV in the order of bytes that its mark tells: libav takes those of a RIFX for others. */
export const storedOrder = (found: Inspection, { bigEndian }: Sniffed): Inspection =>
  bigEndian
    ? { ...found, streams: found.streams.map((one) => ({ ...one, codec: one.codec.replace(/^(pcm_[sf]\d+)le$/, "$1be") })) }
    : found
