import type { Fourier } from "./Fourier.js"
import type { Kernels } from "./Kernels.js"

/** Bands of equal width on the ear's scale, and the Hz that they reach from and to. */
export const BANDS = 24
const LOWEST = 60
const HIGHEST = 15_000
/** Numbers of a band that the kernel gives. */
const OF_BAND = 3

const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700)
const hertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1)

/** Places of the first bin of each band, and of the end. */
const edgesOf = (size: number, rate: number): Int32Array =>
  Int32Array.from({ length: BANDS + 1 }, (_, n) =>
    Math.min(size / 2, Math.round((hertz(mel(LOWEST) + ((mel(HIGHEST) - mel(LOWEST)) * n) / BANDS) * size) / rate))
  )

/** Where a window's numbers stand in its row. */
export const COLUMN = {
  power: 0,
  /** From 0 to 1 over the bands. */
  centroid: 1,
  /** 0 for noise, towards 1 for lines: of the bands, by their power. */
  tonality: 2,
  flatness: 3,
  /** 1 where the window before was looked at too. */
  follows: 4,
  /** From here on the cube root of each band's share: as loud as the ear takes it. */
  shape: 5
}
const WIDTH = COLUMN.shape + BANDS

/** What is told of windows of a sound, a row each. */
export class TimbreFrames {
  readonly #kernels: Kernels
  readonly #edges: Int32Array
  readonly #found: Float64Array
  readonly #powers: Float32Array
  #rows = new Float64Array(64 * WIDTH)
  count = 0

  constructor(kernels: Kernels, { input, powers }: Fourier, sampleRate: number) {
    this.#kernels = kernels
    this.#powers = powers
    this.#edges = kernels.integers(kernels.reserve(4 * (BANDS + 1)), BANDS + 1)
    this.#edges.set(edgesOf(input.length, sampleRate))
    this.#found = kernels.doubles(kernels.reserve(8 * OF_BAND * BANDS), OF_BAND * BANDS)
  }

  row(n: number): Float64Array {
    return this.#rows.subarray(n * WIDTH, (n + 1) * WIDTH)
  }

  /** Adds the window that was transformed last. */
  add(follows: boolean): void {
    const found = this.#found
    const edges = this.#edges
    this.#kernels.loops.bands(this.#powers.byteOffset, edges.byteOffset, BANDS, found.byteOffset)
    if ((this.count + 1) * WIDTH > this.#rows.length) {
      const larger = new Float64Array(2 * this.#rows.length)
      larger.set(this.#rows)
      this.#rows = larger
    }
    const rows = this.#rows
    const at = this.count++ * WIDTH
    let [all, moment, tonal, logarithms] = [0, 0, 0, 0]
    for (let band = 0; band < BANDS; band++) {
      const sum = found[OF_BAND * band] ?? 0
      const places = (edges[band + 1] ?? 0) - (edges[band] ?? 0)
      const logarithm = Math.log(found[OF_BAND * band + 1] ?? 1) + Math.LN2 * (found[OF_BAND * band + 2] ?? 0)
      if (places >= 4) tonal += sum * (1 - Math.exp(logarithm / places) / (sum / places))
      all += sum
      moment += sum * (band + 0.5)
      logarithms += logarithm
    }
    for (let band = 0; band < BANDS; band++) rows[at + COLUMN.shape + band] = Math.cbrt((found[OF_BAND * band] ?? 0) / all)
    const places = (edges[BANDS] ?? 0) - (edges[0] ?? 0)
    rows[at + COLUMN.power] = all
    rows[at + COLUMN.centroid] = moment / all / BANDS
    rows[at + COLUMN.tonality] = tonal / all
    rows[at + COLUMN.flatness] = Math.exp(logarithms / places) / (all / places)
    rows[at + COLUMN.follows] = Number(follows)
  }
}
