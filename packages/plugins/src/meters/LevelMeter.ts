import { decibels, finite, hundredth, type MakeMeter } from "./Meter.js"
import type { PcmFormat } from "./Pcm.js"

/** The highest sample of a number of bits. Tools clip at its opposite as well as one below. */
const ofBits = (bits: number): number => Math.fround(1 - 2 ** (1 - bits))

/** ITU-T G.711: the largest of the 14 and 13 bits that are told apart. */
const laws: Readonly<Record<string, number>> = { pcm_mulaw: 32_124 / 32_768, pcm_alaw: 32_256 / 32_768 }

/** Codecs that give back the samples that they were given, without saying here of how many bits. */
const lossless = new Set(["flac", "alac", "wavpack", "tta", "ape", "mlp", "truehd", "wmalossless"])
const widths = [8, 12, 16, 20, 24] as const

/** Bits of the samples seen so far; beyond 24 they are float, or 32. */
class BitDepth {
  #place = 0

  see(samples: Float32Array, count: number): void {
    if (this.bits === undefined) return
    let scale = this.#scale
    for (let i = 0; i < count; i++) {
      const sample = samples[i] ?? 0
      while (Math.floor(sample * scale) !== sample * scale) {
        if (++this.#place >= widths.length) return
        scale = this.#scale
      }
    }
  }

  /** What makes whole numbers of samples of so many bits. */
  get #scale(): number {
    const bits = this.bits
    // All numbers are whole beyond.
    return bits === undefined ? 0 : 2 ** (bits - 1)
  }

  get bits(): number | undefined {
    return widths[this.#place]
  }
}

/**
 * Full scale by the codec; `undefined` where it has none (float), or where only the samples tell. Of lossy codecs it is that of 16 bits:
 * what they make of such a sample may lie beyond.
 */
const fullScaleOf = ({ codec }: PcmFormat): number | undefined => {
  const integer = /^pcm_[su](8|16|24|32)/.exec(codec)
  if (integer !== null) return ofBits(Number(integer[1]))
  return codec.startsWith("pcm_f") ? undefined : (laws[codec] ?? ofBits(16))
}

/** One side of one channel: the farthest sample, and how many stand there in runs of two or more. */
class Extreme {
  #farthest = -Infinity
  #run = 0
  #inRuns = 0

  constructor(readonly ceiling: number) {}

  /**
   * @param sign 1 for the positive side, -1 for the negative one
   * @param farthest of these samples
   * @param least below which nothing is of interest
   */
  see(samples: Float32Array, count: number, sign: 1 | -1, farthest: number, least: number): void {
    if (farthest < least || Math.min(farthest, this.ceiling) < this.#farthest) this.#run = 0
    else this.#count(samples, count, sign)
  }

  #count(samples: Float32Array, count: number, sign: 1 | -1): void {
    const ceiling = this.ceiling
    let farthest = this.#farthest
    let run = this.#run
    let inRuns = this.#inRuns
    for (let i = 0; i < count; i++) {
      const value = sign * (samples[i] ?? 0)
      if (value < farthest) {
        run = 0
        continue
      }
      const met = value > ceiling ? ceiling : value
      if (met > farthest) {
        farthest = met
        run = 0
        inRuns = 0
      }
      run++
      if (run === 2) inRuns += 2
      else if (run > 2) inRuns++
    }
    this.#farthest = farthest
    this.#run = run
    this.#inRuns = inRuns
  }

  /** Samples at `level` or beyond, in runs. */
  at(level: number): number {
    return this.#farthest >= level ? this.#inRuns : 0
  }
}

/** Sample peak and RMS level (dBFS), samples in runs at the format's full scale, and samples that are no numbers. */
export const levelMeter: MakeMeter = (format) => {
  const fixed = fullScaleOf(format)
  const isLossless = lossless.has(format.codec)
  // PCM often holds fewer bits than it has: 24 in 32, 20 in 24, 16 in 24 after a conversion.
  const isPadded = /^pcm_[su](16|24|32)/.test(format.codec)
  const tellsBits = isLossless || isPadded
  const ceiling = tellsBits ? Infinity : (fixed ?? Infinity)
  // No run below it is of any interest.
  const least = tellsBits ? ofBits(widths[0]) : (fixed ?? Infinity)
  const depth = new BitDepth()
  const sides = Array.from({ length: format.channels }, () => ({ high: new Extreme(ceiling), low: new Extreme(ceiling) }))
  let peak = 0
  let squares = 0
  let count = 0
  let invalid = 0

  const clipped = () => {
    const all = isLossless ? undefined : fixed
    const scale = !tellsBits || depth.bits === undefined ? all : ofBits(depth.bits)
    return scale === undefined ? 0 : sides.reduce((sum, { high, low }) => sum + high.at(scale) + low.at(scale), 0)
  }
  return {
    take: (block) => {
      peak = Math.max(peak, block.peak)
      for (const [number, channel] of block.channels.entries()) {
        squares += channel.squares
        sides[number]?.high.see(channel.samples, block.count, 1, channel.highest, least)
        sides[number]?.low.see(channel.samples, block.count, -1, -channel.lowest, least)
        if (tellsBits) depth.see(channel.samples, block.count)
      }
      count += block.count
      invalid += block.invalid
    },
    finish: () => ({
      values: finite({
        peak: hundredth(decibels(peak)),
        rms: hundredth(decibels(Math.sqrt(squares / (count * format.channels)))),
        clippedSamples: clipped(),
        invalidSamples: invalid
      }),
      rows: []
    })
  }
}
