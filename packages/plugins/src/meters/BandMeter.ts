import { fourier } from "./Fourier.js"
import { decibels, type MakeMeter } from "./Meter.js"
import { BLOCK, type PcmChannel } from "./Pcm.js"

/** The lowest bins hold an offset, not a sound. */
const FIRST = 2
/** A Hann window spreads a tone over bins whose powers sum up to so much of its own. */
const SPREAD = 1.5
/** What no logarithm is taken of: 200 dB under full scale. */
const LEAST = 1e-10

/**
 * How loud a sound is up to some frequencies, and above each: a row an edge, with `inside` and `outside`, in dBFS (RMS over all
 * channels) of the loudest stretch of {@link BLOCK} samples.
 */
export const bandMeter =
  ({ edges }: { readonly edges: ReadonlyArray<number> }): MakeMeter =>
  ({ sampleRate }, kernels) => {
    const { powers, transform } = fourier(kernels, BLOCK)
    const bands = edges.map((hertz) => ({ end: Math.ceil((hertz * BLOCK) / sampleRate), inside: 0, outside: 0 }))
    let rest: ReadonlyArray<PcmChannel> | undefined
    const power = (from: number, to: number): number => {
      let sum = 0
      for (let bin = from; bin < Math.min(to, powers.length); bin++) sum += powers[bin] ?? 0
      return sum
    }
    const look = (channels: ReadonlyArray<PcmChannel>) => {
      for (const [n, { at }] of channels.entries()) transform(at, 1, n > 0)
      for (const band of bands) {
        band.inside = Math.max(band.inside, power(FIRST, band.end))
        band.outside = Math.max(band.outside, power(band.end, powers.length))
      }
    }
    const level = (power: number): number => decibels(Math.max(LEAST, Math.sqrt(power / SPREAD / 2)))
    return {
      take: ({ channels, count, peak }) => {
        if (peak < LEAST) return
        if (count === BLOCK) look(channels)
        else {
          for (const { samples } of channels) samples.fill(0, count)
          rest = channels
        }
      },
      finish: () => {
        // The end of a sound, cut off and filled up, is a click that isn't in it: only what is shorter than a block is looked at so.
        if (rest !== undefined && bands.every(({ inside, outside }) => inside + outside === 0)) look(rest)
        return { values: {}, rows: bands.map(({ inside, outside }) => ({ inside: level(inside), outside: level(outside) })) }
      }
    }
  }
