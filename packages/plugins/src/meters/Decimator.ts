/** Hz that suffice for beats, and for notes up to the fourth octave and their overtones. */
const ENOUGH = 11_025

/** Weights a side for each sample that is left out. */
const LENGTH = 4

/** Leaves out samples behind a low-pass filter: 44.1 kHz become 11,025 Hz, 48 kHz become 12 kHz. */
export class Decimator {
  readonly factor: number
  readonly #taps: Float64Array
  readonly #line: Float64Array
  #held = 0
  #skip = 0

  constructor(sampleRate: number) {
    this.factor = Math.max(1, Math.floor(sampleRate / ENOUGH))
    const reach = this.factor === 1 ? 0 : LENGTH * this.factor
    const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, n) => {
      const distance = (n - reach) / this.factor
      const sinc = distance === 0 ? 1 : Math.sin(Math.PI * 0.9 * distance) / (Math.PI * 0.9 * distance)
      return sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (LENGTH + 1)))
    })
    const sum = taps.reduce((all, tap) => all + tap, 0)
    this.#taps = taps.map((tap) => tap / sum)
    this.#line = new Float64Array(4096 + taps.length)
    // The first value stands on the first sample: silence lies before it.
    this.#held = reach
  }

  /** @param into takes what is left */
  see(samples: Float32Array, count: number, into: { readonly add: (sample: number) => void }): void {
    const taps = this.#taps
    const line = this.#line
    for (let i = 0; i < count; i++) line[this.#held + i] = samples[i] ?? 0
    const end = this.#held + count
    let at = this.#skip
    for (; at + taps.length <= end; at += this.factor) {
      let sum = 0
      for (let n = 0; n < taps.length; n++) sum += (line[at + n] ?? 0) * (taps[n] ?? 0)
      into.add(sum)
    }
    const kept = Math.min(at, end)
    line.copyWithin(0, kept, end)
    this.#held = end - kept
    this.#skip = at - kept
  }
}
