/** Magnitudes of one frame: `frame[at … at + size]` in, `size / 2` values from 0 Hz upwards out. A full-scale sine gives about 1. */
export type Magnitudes = (samples: Float32Array, at: number, out: Float32Array) => void

/**
 * A Hann-windowed spectrum of real samples: an FFT of half the size with the even samples as real and the odd ones as imaginary
 * parts, taken apart at the end. Samples past the end count as 0. A hot loop: tables are made once, nothing is allocated after.
 *
 * @param size a power of two
 */
export const magnitudes = (size: number): Magnitudes => {
  const known = made.get(size) ?? make(size)
  made.set(size, known)
  return known
}

/** Tables are made once a thread. */
const made = new Map<number, Magnitudes>()

const make = (size: number): Magnitudes => {
  const half = size / 2
  const re = new Float64Array(half)
  const im = new Float64Array(half)
  const window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  const cos = Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / size))
  const sin = Float64Array.from({ length: half }, (_, i) => -Math.sin((2 * Math.PI * i) / size))
  const reversed = new Uint32Array(half)
  for (let i = 1; i < half; i++) reversed[i] = ((reversed[i >> 1] ?? 0) >> 1) | (i & 1 ? half >> 1 : 0)

  const transform = () => {
    for (let length = 2; length <= half; length *= 2) {
      const step = size / length
      const middle = length / 2
      for (let start = 0; start < half; start += length)
        for (let k = 0; k < middle; k++) {
          const c = cos[k * step] ?? 0
          const s = sin[k * step] ?? 0
          const a = start + k
          const b = a + middle
          const x = (re[b] ?? 0) * c - (im[b] ?? 0) * s
          const y = (re[b] ?? 0) * s + (im[b] ?? 0) * c
          re[b] = (re[a] ?? 0) - x
          im[b] = (im[a] ?? 0) - y
          re[a] = (re[a] ?? 0) + x
          im[a] = (im[a] ?? 0) + y
        }
    }
  }

  return (samples, at, out) => {
    for (let i = 0; i < half; i++) {
      const j = 2 * (reversed[i] ?? 0)
      re[i] = (samples[at + j] ?? 0) * (window[j] ?? 0)
      im[i] = (samples[at + j + 1] ?? 0) * (window[j + 1] ?? 0)
    }
    transform()
    const scale = 4 / size
    for (let k = 0; k < half; k++) {
      const m = k === 0 ? 0 : half - k
      const evenRe = ((re[k] ?? 0) + (re[m] ?? 0)) / 2
      const evenIm = ((im[k] ?? 0) - (im[m] ?? 0)) / 2
      const oddRe = ((im[k] ?? 0) + (im[m] ?? 0)) / 2
      const oddIm = ((re[m] ?? 0) - (re[k] ?? 0)) / 2
      const c = cos[k] ?? 0
      const s = sin[k] ?? 0
      const x = evenRe + oddRe * c - oddIm * s
      const y = evenIm + oddRe * s + oddIm * c
      // `Math.hypot` would take most of the time.
      out[k] = scale * Math.sqrt(x * x + y * y)
    }
  }
}
