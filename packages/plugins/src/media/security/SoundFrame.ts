/** Says how many bytes the frame has whose header stands there; `undefined` where none does. */
export type FrameLength = (bytes: Uint8Array, at: number) => number | undefined

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

/** Says which sample rate a frame has, by a number that each rate has for itself. */
export type FrameRate = (bytes: Uint8Array, at: number) => number

/** The version says as much as the number of the rate. */
export const mpegRate: FrameRate = (bytes, at) => ((bytes[at + 1] ?? 0) & 0x18) | (((bytes[at + 2] ?? 0) >> 2) & 3)

export const adtsRate: FrameRate = (bytes, at) => ((bytes[at + 2] ?? 0) >> 2) & 15

export const ac3Rate: FrameRate = (bytes, at) => (bytes[at + 4] ?? 0) >> 6

/** MP1, MP2 and MP3. */
export const mpeg: FrameLength = (bytes, at) => {
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

/** AAC in ADTS (ISO/IEC 13818-7, 6.2). */
export const adts: FrameLength = (bytes, at) => {
  if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xf6) !== 0xf0 || (((bytes[at + 2] ?? 0) >> 2) & 15) > 12) return undefined
  const length = (((bytes[at + 3] ?? 0) & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) | ((bytes[at + 5] ?? 0) >> 5)
  return length > 7 ? length : undefined
}

/** kbit/s of AC-3 (ATSC A/52, table 5.18). */
const ac3Rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]

/** AC-3, and E-AC-3, whose `bsid` is above 10. */
export const ac3: FrameLength = (bytes, at) => {
  if (bytes[at] !== 0x0b || bytes[at + 1] !== 0x77) return undefined
  const [second, third, fourth, fifth] = [bytes[at + 2] ?? 0, bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes[at + 5] ?? 0]
  const version = fifth >> 3
  if (version > 16) return undefined
  if (version > 10) return ((((second & 7) << 8) | third) + 1) * 2
  const [rate, hertz] = [ac3Rates[(fourth & 63) >> 1], fourth >> 6]
  if (rate === undefined || hertz === 3) return undefined
  return 2 * (hertz === 0 ? 2 * rate : hertz === 2 ? 3 * rate : Math.floor((rate * 320) / 147) + (fourth & 1))
}
