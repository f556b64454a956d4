/** What a codec can hold of a sound. */
export interface CodecLimits {
  /** Hz, ascending; absent: any up to {@link mostHertz}. */
  readonly sampleRates?: ReadonlyArray<number>
  /** Hz; absent: no limit that a recorder meets. */
  readonly mostHertz?: number
  readonly channels: number
  /** FFmpeg's names of the layouts that it keeps, by the number of channels; the first is the usual one. Absent: any. */
  readonly layouts?: ReadonlyArray<ReadonlyArray<string>>
  /** Of so many channels it takes one for low frequencies, and keeps nothing else of it, wherever they stand. */
  readonly muffles?: number
}

/** The layouts that Vorbis I (4.3.9) and, after it, Opus (RFC 7845, 5.1.1.2) name. */
const vorbisLayouts = [["mono"], ["stereo"], ["3.0"], ["quad"], ["5.0"], ["5.1"], ["6.1"], ["7.1"]]

/** Channels that a copy without compression may have. */
const MOST = 64

const limits: Readonly<Record<string, CodecLimits>> = {
  // ISO/IEC 11172-3, 13818-3 and MPEG-2.5.
  mp3: {
    sampleRates: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000],
    channels: 2,
    layouts: [["mono"], ["stereo"]]
  },
  // ISO/IEC 14496-3, 1.6.3.4; layouts as FFmpeg's encoder takes them.
  aac: {
    sampleRates: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000],
    channels: 8,
    layouts: [
      ["mono"],
      ["stereo"],
      ["3.0", "2.1"],
      ["4.0", "quad"],
      ["5.0"],
      ["5.1", "hexagonal"],
      ["6.1", "7.0"],
      ["7.1", "octagonal"]
    ]
  },
  vorbis: { mostHertz: 200_000, channels: MOST, layouts: vorbisLayouts, muffles: 6 },
  opus: { sampleRates: [8000, 12_000, 16_000, 24_000, 48_000], channels: 8, layouts: vorbisLayouts },
  // RFC 9639, 9.1.2, as far as older FFmpegs go.
  flac: { mostHertz: 655_350, channels: 8 }
}

/** What a codec can hold; PCM holds everything. */
export const limitsOf = (codec: string): CodecLimits => limits[codec] ?? { channels: MOST }

/** The rate that a codec keeps a sound at: its own, or the lowest of the codec's that loses nothing of it, or the highest. */
export const rateOf = (codec: string, hertz: number): number => {
  const { sampleRates } = limitsOf(codec)
  return sampleRates === undefined ? hertz : (sampleRates.find((rate) => rate >= hertz) ?? sampleRates.at(-1) ?? hertz)
}

/** The layouts that a codec keeps so many channels in: fewer where it holds no more; `undefined` for any. */
export const layoutsOf = (codec: string, channels: number): ReadonlyArray<string> | undefined => {
  const { layouts } = limitsOf(codec)
  if (layouts === undefined) return undefined
  // Beyond its usual layouts a codec holds channels that have no place, or none at all.
  return layouts[channels - 1] ?? (channels > MOST_PLACED ? undefined : layouts.at(-1))
}

/** Layouts without a low-frequency channel: no filter and no codec leaves anything of theirs out. */
const heard = ["mono", "stereo", "3.0", "4.0", "5.0", "hexagonal", "7.0", "octagonal"]

/** The layout in which each of so many channels is heard; `undefined` beyond those of a usual layout. */
export const heardLayout = (channels: number): string | undefined => heard[channels - 1]

/** The layout in which a codec keeps channels of which nobody knows where they stand; `undefined` where it keeps them without one. */
export const unplacedLayout = (codec: string, channels: number): string | undefined => {
  const [usual, ...others] = layoutsOf(codec, channels) ?? []
  return others.find((layout) => layout === heardLayout(channels)) ?? usual
}

/** Channels of the largest usual layout. */
const MOST_PLACED = 8

/** Bits of the places in the usual layouts, as a WAV's channel mask has them. */
const masks: Readonly<Record<string, bigint>> = {
  mono: 0x4n,
  stereo: 0x3n,
  "2.1": 0xbn,
  "3.0": 0x7n,
  "4.0": 0x107n,
  quad: 0x33n,
  "5.0": 0x37n,
  "5.0(side)": 0x607n,
  "5.1": 0x3fn,
  "5.1(side)": 0x60fn,
  hexagonal: 0x137n,
  "6.1": 0x70fn,
  "7.0": 0x637n,
  "7.1": 0x63fn,
  octagonal: 0x737n
}

/** The bits of a layout's places; `undefined` for one that no codec here is asked for. */
export const maskOf = (layout: string): bigint | undefined => masks[layout]

/** The usual layout with these places. */
export const layoutOfMask = (mask: number): string | undefined =>
  Object.entries(masks).find(([, bits]) => bits === BigInt(mask))?.[0]
