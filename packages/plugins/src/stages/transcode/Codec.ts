/** What must be known of an encoder to choose its bit rate. The figures were measured with FFmpeg's encoders. */
export interface Codec {
  /** Bits per second that it can be asked for, ascending; empty for a codec without loss. */
  readonly bitRates: (sampleRate: number, channels: number) => ReadonlyArray<number>
  /** An output may be so many times larger than its bit rate says. */
  readonly slack: number
  /** Bytes of a sample, where the size is known before. */
  readonly sampleBytes?: number
}

const kilo = (...rates: ReadonlyArray<number>): ReadonlyArray<number> => rates.map((rate) => rate * 1000)
const steps = kilo(8, 12, 16, 20, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 320)
const from = (least: number, most = Infinity) => steps.filter((rate) => rate >= least && rate <= most)

const none = (): ReadonlyArray<number> => []
const pcm = (sampleBytes: number): Codec => ({ bitRates: none, slack: 1, sampleBytes })

const vorbisLeast = (sampleRate: number, channels: number): number => {
  if (sampleRate <= 9000) return channels === 1 ? 8000 : 12_000
  if (sampleRate <= 16_000) return channels === 1 ? 16_000 : 24_000
  if (sampleRate <= 26_000) return channels === 1 ? 16_000 : 32_000
  return channels === 1 ? 32_000 : 48_000
}

export const codecs = {
  mp3: {
    // MPEG-1, MPEG-2 and MPEG-2.5 have a table each (ISO/IEC 11172-3, 13818-3).
    bitRates: (sampleRate) =>
      sampleRate >= 32_000
        ? kilo(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
        : kilo(8, 16, 24, 32, 40, 48, 56, 64, ...(sampleRate >= 16_000 ? [80, 96, 112, 128, 144, 160] : [])),
    slack: 1.005
  },
  aac: {
    bitRates: (sampleRate, channels) =>
      from(Math.min(24_000, sampleRate * (channels === 1 ? 0.35 : 0.8)), sampleRate * channels * 6),
    slack: 1.12
  },
  vorbis: {
    bitRates: (sampleRate, channels) =>
      from(vorbisLeast(sampleRate, channels), sampleRate <= 9000 ? 40_000 * channels : Infinity),
    slack: 1.45
  },
  opus: {
    bitRates: (_, channels) => from(8000, 256_000 * channels),
    slack: 1.15
  },
  flac: { bitRates: none, slack: 1 },
  pcm_s16le: pcm(2),
  pcm_s24le: pcm(3),
  pcm_f32le: pcm(4)
} as const satisfies Readonly<Record<string, Codec>>
export type CodecName = keyof typeof codecs

/** The containers, each with the codecs that go into it; the first is the usual one. */
export const formats = {
  mp3: ["mp3"],
  wav: ["pcm_s16le", "pcm_s24le", "pcm_f32le"],
  flac: ["flac"],
  m4a: ["aac"],
  aac: ["aac"],
  ogg: ["vorbis", "opus", "flac"],
  opus: ["opus"]
} as const satisfies Readonly<Record<string, readonly [CodecName, ...ReadonlyArray<CodecName>]>>

/** Bits per second that sound well enough for most ears, where nobody says how many; `undefined` for a codec without loss. */
export const usualBitRate = (name: CodecName, sampleRate: number, channels: number): number | undefined => {
  const codec: Codec = codecs[name]
  const each = sampleRate <= 12_000 ? 16_000 : sampleRate <= 24_000 ? 32_000 : 64_000
  const rates = codec.bitRates(sampleRate, channels)
  return rates.findLast((rate) => rate <= each * channels) ?? rates[0]
}
