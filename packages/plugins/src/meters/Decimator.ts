import type { Kernels, Pointer } from "./Kernels.js"
import { BLOCK } from "./Pcm.js"

/** Hz that suffice for beats, and for notes up to the fourth octave and their overtones. */
const ENOUGH = 11_025

/** Weights a side for each sample that is left out. */
const LENGTH = 4

/** The weights of a low-pass filter, together 1, with silence up to a multiple of four. */
const lowPass = (factor: number, reach: number): Float32Array => {
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, n) => {
    const distance = (n - reach) / factor
    const sinc = distance === 0 ? 1 : Math.sin(Math.PI * 0.9 * distance) / (Math.PI * 0.9 * distance)
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (LENGTH + 1)))
  })
  const sum = taps.reduce((all, tap) => all + tap, 0)
  return Float32Array.from({ length: Math.ceil(taps.length / 4) * 4 }, (_, n) => (taps[n] ?? 0) / sum)
}

/** Leaves out samples behind a low-pass filter: 44.1 kHz become 11,025 Hz, 48 kHz become 12 kHz. */
export class Decimator {
  readonly factor: number
  readonly #kernels: Kernels
  readonly #taps: Pointer
  readonly #length: number
  readonly #line: Float32Array
  readonly #out: Float32Array
  #held: number
  #skip = 0

  constructor(sampleRate: number, kernels: Kernels) {
    const factor = Math.max(1, Math.floor(sampleRate / ENOUGH))
    const reach = factor === 1 ? 0 : LENGTH * factor
    this.factor = factor
    this.#kernels = kernels
    this.#length = 2 * reach + 1
    this.#taps = kernels.table(`low pass ${factor}`, () => lowPass(factor, reach))
    const held = BLOCK + this.#length + 4
    this.#line = kernels.floats(kernels.reserve(4 * held), held).fill(0)
    this.#out = kernels.floats(kernels.reserve(4 * BLOCK + 16), BLOCK + 4)
    // The first value stands on the first sample: silence lies before it.
    this.#held = reach
  }

  /** Where the next samples are to stand, up to a block of them. */
  get next(): Pointer {
    return this.#line.byteOffset + 4 * this.#held
  }

  /** What is left of the samples so far and those that were put at {@link next}. */
  see(count: number): Float32Array {
    const end = this.#held + count
    const outputs = Math.max(0, Math.ceil((end - this.#length - this.#skip + 1) / this.factor))
    const { loops } = this.#kernels
    const from = this.#line.byteOffset + 4 * this.#skip
    loops.decimate(from, outputs, this.factor, this.#taps, Math.ceil(this.#length / 4) * 4, this.#out.byteOffset)
    const at = this.#skip + outputs * this.factor
    const kept = Math.min(at, end)
    this.#line.copyWithin(0, kept, end)
    this.#held = end - kept
    this.#skip = at - kept
    return this.#out.subarray(0, outputs)
  }
}
