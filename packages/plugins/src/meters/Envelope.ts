import type { Kernels, Pointer } from "./Kernels.js"
import { percentile } from "./Percentile.js"

/** Seconds that one value stands for. */
const STEP = 0.01
/** Hz between which the level's movement is told apart. */
const RATES = [0.7, 2, 4, 8, 16, 50]
/** Values that are kept: of a long file the first three minutes. */
const KEPT = 18_000

/** How the level of a sound moves, at a hundred values a second. */
export class Envelope {
  readonly #step: number
  readonly #powers = new Float64Array(KEPT)
  #count = 0
  #sum = 0
  #filled = 0

  constructor(
    sampleRate: number,
    readonly kernels: Kernels
  ) {
    this.#step = Math.round(sampleRate * STEP)
  }

  /** Whether as much was seen as is kept. */
  get isFull(): boolean {
    return this.#count === KEPT
  }

  see(samples: Pointer, count: number): void {
    for (let at = 0; at < count && !this.isFull;) {
      const end = Math.min(count, at + this.#step - this.#filled)
      this.#sum += this.kernels.loops.squares(samples + 4 * at, end - at)
      this.#filled += end - at
      at = end
      if (this.#filled < this.#step) return
      this.#powers[this.#count++] = this.#sum / this.#step
      this.#sum = 0
      this.#filled = 0
    }
  }

  /**
   * Numbers of about 0 to 1: how far the level goes up and down, how much of the time is quiet, onsets, how steep they are, and how
   * fast the level moves.
   */
  get figures(): ReadonlyArray<number> {
    const powers = this.#powers.subarray(0, this.#count)
    if (powers.length < 4) return Array.from({ length: 5 + RATES.length - 1 }, () => 0)
    const loud = percentile(powers, 0.95)
    // As loud as the ear takes it, and 40 dB down at most.
    const levels = Float64Array.from(powers, (power) => Math.max(-40, 10 * Math.log10(power / (loud + 1e-12) + 1e-9)) / 40)
    const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length
    const deviation = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length)
    const quiet = levels.filter((level) => level < -0.6).length / levels.length
    const rises = levels.map((level, n) => Math.max(0, level - (levels[n - 3] ?? level)))
    const onsets = rises.filter((rise, n) => rise > 0.2 && rise >= (rises[n - 1] ?? 0) && rise > (rises[n + 1] ?? 0)).length
    const steep = percentile(rises, 0.98)
    return [
      deviation * 3,
      quiet,
      -mean,
      Math.min(1, Math.log1p(onsets / (powers.length * STEP)) / 3),
      steep,
      ...movements(levels)
    ]
  }
}

/** Shares of the level's movement that lie between {@link RATES}, from differences over spans of time. */
const movements = (levels: Float64Array): ReadonlyArray<number> =>
  RATES.slice(1).map((rate) => {
    const span = Math.max(1, Math.round(0.5 / rate / STEP))
    let sum = 0
    for (let n = span; n < levels.length; n++) sum += Math.abs((levels[n] ?? 0) - (levels[n - span] ?? 0))
    return levels.length <= span ? 0 : (2 * sum) / (levels.length - span)
  })
