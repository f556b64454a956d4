/** Where a RIFF file's chunk begins and how long its content is. */
const chunk = (wav: Buffer, name: string): { readonly at: number; readonly length: number } | undefined => {
  for (let at = 12; at + 8 <= wav.length;) {
    const length = Math.min(wav.readUInt32LE(at + 4), wav.length - at - 8)
    if (wav.toString("latin1", at, at + 4) === name) return { at, length }
    at += 8 + length + (length % 2)
  }
  return undefined
}

/** A PCM WAV file with silence after its sound, up to so many seconds. Another file, or one that is long enough, stays as it is. */
export const pad = (wav: Buffer, seconds: number): Buffer => {
  if (wav.length < 12 || wav.toString("latin1", 0, 4) !== "RIFF" || wav.toString("latin1", 8, 12) !== "WAVE") return wav
  const format = chunk(wav, "fmt ")
  const data = chunk(wav, "data")
  if (format === undefined || format.length < 16 || data === undefined) return wav
  const block = wav.readUInt16LE(format.at + 20)
  const rate = wav.readUInt32LE(format.at + 12)
  const missing = Math.ceil(seconds * rate) * block - data.length
  if (missing <= 0 || wav.readUInt16LE(format.at + 22) < 16) return wav
  const head = Buffer.from(wav.subarray(0, data.at + 8 + data.length))
  head.writeUInt32LE(data.length + missing, data.at + 4)
  head.writeUInt32LE(head.length + missing - 8, 4)
  return Buffer.concat([head, Buffer.alloc(missing)])
}
