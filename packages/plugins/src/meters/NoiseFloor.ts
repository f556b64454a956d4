import { percentile } from "./Percentile.js"

/** The lowest bins hold an offset, not a sound. */
const FIRST = 3
/** Bins that a band has at least: the median of fewer says little. */
const NARROWEST = 32
/** Power of noise has an exponential distribution: a quarter of it lies under this share of its mean. */
const QUARTILE = -Math.log(0.75)
/** Share of the windows in which the floor is expected to be heard alone. */
const QUIET = 0.2
/** What the lower fifth of quartiles is short of, at the widths here. */
const SHORT = 1.2
/** dB beyond which nothing is told. */
const MOST = 100

/**
 * Estimates the steady noise under a sound from windows of its spectrum: in each band the lower quartile over its bins, which tones
 * don't reach, and of that the lower fifth over time, which passing sounds don't reach.
 */
export class NoiseFloor {
  readonly #edges: ReadonlyArray<number>
  readonly #floors: ReadonlyArray<Array<number>>
  #powers = 0
  #windows = 0

  /** @param bins of a spectrum */
  constructor(bins: number) {
    const edges = [FIRST]
    for (let at = FIRST; at < bins;) {
      at = Math.min(bins, Math.max(at + NARROWEST, Math.round(at * 1.26)))
      edges.push(at)
    }
    this.#edges = edges
    this.#floors = edges.slice(1).map(() => [])
  }

  /** @param power of each bin */
  see(power: Float64Array): void {
    for (const [band, floors] of this.#floors.entries()) {
      const values = power.slice(this.#edges[band], this.#edges[band + 1]).sort()
      floors.push((values[values.length >> 2] ?? 0) / QUARTILE)
      for (const value of values) this.#powers += value
    }
    this.#windows++
  }

  /** Signal to noise in dB, from -20 to 100; absent without sound. */
  get ratio(): number | undefined {
    if (this.#windows === 0) return undefined
    const noise = this.#floors.reduce((sum, floors, band) => {
      const bins = (this.#edges[band + 1] ?? 0) - (this.#edges[band] ?? 0)
      return sum + percentile(floors, QUIET) * SHORT * bins
    }, 0)
    const all = this.#powers / this.#windows
    if (all === 0) return undefined
    if (noise === 0) return MOST
    return Math.min(MOST, Math.max(-20, 10 * Math.log10(Math.max(all - noise, 0) / noise)))
  }
}
