// Recordings that cost nothing to make: one second of a tone, over and over.

/** A PCM WAV, mono, with a tone of 440 Hz. */
export const tone = (seconds, { rate = 16_000, bits = 16 } = {}) => {
  const block = bits / 8
  const second = Buffer.alloc(rate * block)
  for (let i = 0; i < rate; i++) {
    const value = 0.5 * Math.sin((2 * Math.PI * 440 * i) / rate)
    if (bits === 8) second.writeUInt8(128 + Math.round(value * 127), i)
    else second.writeInt16LE(Math.round(value * 32767), i * 2)
  }
  const head = Buffer.alloc(44)
  const length = second.length * seconds
  head.write("RIFF", 0, "latin1")
  head.writeUInt32LE(length + 36, 4)
  head.write("WAVEfmt ", 8, "latin1")
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * block, 28)
  head.writeUInt16LE(block, 32)
  head.writeUInt16LE(bits, 34)
  head.write("data", 36, "latin1")
  head.writeUInt32LE(length, 40)
  return Buffer.concat([head, ...Array.from({ length: seconds }, () => second)])
}
