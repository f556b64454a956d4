import { Kernels } from "./Kernels.js"

/** A Hann-windowed spectrum of real samples. */
export interface Fourier {
  /** The samples; `size` of them. */
  readonly input: Float32Array
  /** Powers of `size / 2` frequencies, from 0 Hz upwards. A full-scale sine gives about 1. */
  readonly powers: Float32Array
  /**
   * Transforms `input`, or the samples at `from`.
   *
   * @param scale of the powers; default 1
   * @param isAdded whether to what stands in `powers`; default false
   */
  readonly transform: (from?: number, scale?: number, isAdded?: boolean) => void
}

/** Cosines of `count` steps around a circle, and then their sines, negative. */
const circle = (count: number, steps: number): Float32Array =>
  Float32Array.from({ length: 2 * count }, (_, i) =>
    i < count ? Math.cos((2 * Math.PI * i) / steps) : -Math.sin((2 * Math.PI * (i - count)) / steps)
  )

/** @param size a power of two from 64 */
export const fourier = (kernels: Kernels, size: number): Fourier => {
  const half = size / 2
  const window = kernels.table(`hann ${size}`, () =>
    Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  )
  const turns = kernels.table(`turns ${half}`, () => circle(half, half))
  const ends = kernels.table(`ends ${half}`, () => circle(half, size))
  const work = kernels.reserve(8 * size)
  const input = kernels.floats(kernels.reserve(4 * size), size)
  const powers = kernels.floats(kernels.reserve(4 * half), half)
  const full = (4 / size) ** 2
  return {
    input,
    powers,
    transform: (from = input.byteOffset, scale = 1, isAdded = false) =>
      kernels.loops.powers(from, size, window, turns, ends, work, full * scale, isAdded, powers.byteOffset)
  }
}

/** Magnitudes of one frame: `samples[at … at + size]` in, `size / 2` values out. */
export type Magnitudes = (samples: Float32Array, at: number, out: Float32Array) => void

/** The same for who has no kernels. Samples past the end count as 0. @param size a power of two from 64 */
export const magnitudes = (size: number): Magnitudes => {
  const { input, powers, transform } = fourier(Kernels.take(32 * size), size)
  return (samples, at, out) => {
    const frame = samples.subarray(at, at + size)
    input.fill(0, frame.length).set(frame)
    transform()
    for (let k = 0; k < powers.length; k++) out[k] = Math.sqrt(powers[k] ?? 0)
  }
}
