import { Decimator } from "./Decimator.js"
import { fourier } from "./Fourier.js"
import { Hum } from "./Hum.js"
import { finite, hundredth, type MakeMeter } from "./Meter.js"
import { NoiseFloor } from "./NoiseFloor.js"
import { BLOCK, type PcmChannel } from "./Pcm.js"
import { spectrumEnd } from "./SpectrumEnd.js"

/** Seconds beyond which windows are left out, so that long files cost no more. */
const LONG = 60
/** dB between two channels beyond which one is as good as silent. */
const SILENT = 120

/** Sums over two channels, or one. */
class Pair {
  readonly #sums = [0, 0]
  readonly #squares = [0, 0]
  #products = 0
  #count = 0

  see([first, second]: ReadonlyArray<PcmChannel>, count: number): void {
    if (first === undefined) return
    const left = first.samples
    const other = second?.samples ?? left
    let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
    for (let i = 0; i < count; i++) {
      const x = left[i] ?? 0
      const y = other[i] ?? 0
      a += x
      b += y
      aa += x * x
      bb += y * y
      ab += x * y
    }
    this.#sums[0] = (this.#sums[0] ?? 0) + a
    this.#sums[1] = (this.#sums[1] ?? 0) + b
    this.#squares[0] = (this.#squares[0] ?? 0) + aa
    this.#squares[1] = (this.#squares[1] ?? 0) + bb
    this.#products += ab
    this.#count += count
  }

  /** The mean of each channel. */
  get means(): ReadonlyArray<number> {
    return this.#sums.map((sum) => sum / Math.max(1, this.#count))
  }

  get powers(): ReadonlyArray<number> {
    return this.#squares.map((sum, n) => Math.max(0, sum / Math.max(1, this.#count) - (this.means[n] ?? 0) ** 2))
  }

  /** -1 to 1; absent where a channel is silent. */
  get correlation(): number | undefined {
    const [a = 0, b = 0] = this.means
    const [p = 0, q = 0] = this.powers
    return p === 0 || q === 0 ? undefined : (this.#products / this.#count - a * b) / Math.sqrt(p * q)
  }

  /** dB of the first channel over the second; absent where both are silent. */
  get balance(): number | undefined {
    const [p = 0, q = 0] = this.powers
    return p === 0 && q === 0 ? undefined : Math.max(-SILENT, Math.min(SILENT, 10 * Math.log10(p / q)))
  }
}

/**
 * How well a sound is recorded: `snr` (dB), `bandwidth` and `cutoff` (Hz), `hum` (dBFS) with `mains` (Hz), `offset` (the farthest mean of
 * a channel, of full scale); of two channels also `balance` (dB, first over second) and `correlation`. Absent is what can't be told.
 */
export const qualityMeter: MakeMeter = ({ channels: width, sampleRate, seconds }, kernels) => {
  const stride = Math.max(1, Math.floor(seconds / LONG))
  const { powers, transform } = fourier(kernels, BLOCK)
  const power = new Float64Array(BLOCK / 2)
  const mean = new Float64Array(BLOCK / 2)
  const noise = new NoiseFloor(BLOCK / 2)
  const pairs = Array.from({ length: Math.ceil(width / 2) }, () => new Pair())
  const decimator = new Decimator(sampleRate, kernels)
  const hum = new Hum(sampleRate / decimator.factor, seconds, kernels)
  let number = 0
  let windows = 0

  const look = (channels: ReadonlyArray<PcmChannel>) => {
    const sounding = channels.filter(({ squares }) => squares > 0)
    // Digital silence was not recorded by anything.
    if (sounding.length === 0) return
    for (const [n, { at }] of sounding.entries()) transform(at, 1 / width, n > 0)
    power.set(powers)
    for (let bin = 0; bin < power.length; bin++) mean[bin] = (mean[bin] ?? 0) + (power[bin] ?? 0)
    noise.see(power)
    windows++
  }
  return {
    take: ({ channels, count }) => {
      for (const [n, pair] of pairs.entries()) pair.see(channels.slice(2 * n, 2 * n + 2), count)
      const [first] = channels
      if (first !== undefined) {
        // Of the first channel alone: a sum may cancel it.
        kernels.loops.mix(first.at, 1, first.at, 0, count, decimator.next)
        for (const sample of decimator.see(count)) hum.add(sample)
      }
      if (number++ % stride === 0 && count === BLOCK) look(channels)
    },
    finish: () => {
      const end =
        windows === 0
          ? undefined
          : spectrumEnd(
              mean.map((sum) => sum / windows),
              sampleRate / BLOCK
            )
      const [stereo] = pairs
      const found = hum.found
      return {
        values: finite({
          snr: noise.ratio === undefined ? undefined : hundredth(noise.ratio),
          bandwidth: end?.bandwidth,
          cutoff: end?.cutoff,
          hum: found === undefined ? undefined : hundredth(found.level),
          mains: found?.mains,
          offset: pairs.flatMap(({ means }) => means).reduce((far, at) => (Math.abs(at) > Math.abs(far) ? at : far), 0),
          balance: width === 2 && stereo?.balance !== undefined ? hundredth(stereo.balance) : undefined,
          correlation: width === 2 && stereo?.correlation !== undefined ? Math.round(stereo.correlation * 1e4) / 1e4 : undefined
        }),
        rows: []
      }
    }
  }
}
