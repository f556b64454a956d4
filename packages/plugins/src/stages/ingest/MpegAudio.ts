/** kbit/s by version (1, or 2 and 2.5) and layer, from ISO/IEC 11172-3 and 13818-3. Index 0 means "free" and 15 is forbidden. */
const bitRates = {
  first: [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
  ],
  second: [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
  ]
}
const sampleRates = [44100, 48000, 32000]

/** The length in bytes of the frame whose header starts at `at`; `undefined` when there is none. */
const frameLength = (bytes: Uint8Array, at: number): number | undefined => {
  const [sync, second, third] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0]
  if (sync !== 0xff || (second & 0xe0) !== 0xe0) return undefined
  const version = (second >> 3) & 3 // 0: 2.5, 1: reserved, 2: 2, 3: 1
  const layer = 4 - ((second >> 1) & 3) // 4: reserved
  const base = sampleRates[(third >> 2) & 3]
  if (version === 1 || layer === 4 || base === undefined) return undefined
  const rate = (version === 3 ? bitRates.first : bitRates.second)[layer - 1]?.[(third >> 4) - 1]
  if (rate === undefined) return undefined
  const sampleRate = version === 3 ? base : version === 2 ? base / 2 : base / 4
  const padding = (third >> 1) & 1
  if (layer === 1) return (Math.floor((12_000 * rate) / sampleRate) + padding) * 4
  const samples = layer === 3 && version !== 3 ? 72_000 : 144_000
  return Math.floor((samples * rate) / sampleRate) + padding
}

/** Frames in a row that can't be chance. */
const ENOUGH = 3

/** Where MPEG audio (MP1, MP2, MP3) begins after junk that is no tag; `undefined` when no row of frames is found. */
export const find = (bytes: Uint8Array): number | undefined => {
  for (let start = 0; start + 4 <= bytes.length; start++) {
    let at = start
    for (let frames = 0; ; frames++) {
      if (frames === ENOUGH) return start
      const length = frameLength(bytes, at)
      if (length === undefined) break
      at += length
    }
  }
  return undefined
}
