import { interleave } from "./Wav.js"

/** An IFF chunk: four letters, a length, the bytes. */
const chunk = (name: string, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write(name, "latin1")
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

/** A whole number above 0 as the 80-bit float that AIFF writes rates as. */
const extended = (value: number): Buffer => {
  const bytes = Buffer.alloc(10)
  const exponent = Math.floor(Math.log2(value))
  bytes.writeUInt16BE(16_383 + exponent)
  bytes.writeBigUInt64BE(BigInt(value) << BigInt(63 - exponent), 2)
  return bytes
}

/** An AIFF file of 16-bit samples. */
export const encode = (channels: ReadonlyArray<Float32Array>, rate: number): Buffer => {
  const common = Buffer.alloc(8)
  common.writeUInt16BE(channels.length)
  common.writeUInt32BE(channels[0]?.length ?? 0, 2)
  common.writeUInt16BE(16, 6)
  return chunk(
    "FORM",
    Buffer.from("AIFF"),
    chunk("COMM", common, extended(rate)),
    chunk("SSND", Buffer.alloc(8), interleave(channels).swap16())
  )
}
