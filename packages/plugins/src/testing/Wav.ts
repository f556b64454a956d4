/** 16-bit little-endian samples of the channels, interleaved. */
export const interleave = (channels: ReadonlyArray<Float32Array>): Buffer => {
  const count = channels[0]?.length ?? 0
  const bytes = Buffer.alloc(count * channels.length * 2)
  let at = 0
  for (let i = 0; i < count; i++)
    for (const samples of channels) {
      const value = Math.round((samples[i] ?? 0) * 32767)
      at = bytes.writeInt16LE(Math.max(-32768, Math.min(32767, value)), at)
    }
  return bytes
}

/** A RIFF chunk: four letters, a length, the bytes, padded to an even length. */
export const chunk = (name: string, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write(name, "latin1")
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

/** `WAVEFORMAT` for 16-bit PCM. */
export const format = (rate: number, channels: number): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(channels, 2)
  bytes.writeUInt32LE(rate, 4)
  bytes.writeUInt32LE(rate * channels * 2, 8)
  bytes.writeUInt16LE(channels * 2, 12)
  bytes.writeUInt16LE(16, 14)
  return bytes
}

/** A WAV file of 16-bit PCM. */
export const encode = (channels: ReadonlyArray<Float32Array>, rate: number): Buffer =>
  chunk("RIFF", Buffer.from("WAVE"), chunk("fmt ", format(rate, channels.length)), chunk("data", interleave(channels)))
