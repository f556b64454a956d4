import { type Fourier, fourier } from "./Fourier.js"
import type { Kernels } from "./Kernels.js"
import { decibels } from "./Meter.js"
import { percentile } from "./Percentile.js"

/** Some 1.4 seconds at the rate that is left: bins of 0.7 Hz, so that 50 and 60 Hz and their neighbours stand apart. */
const WINDOW = 16_384
/** Hz that are looked at. */
const HIGHEST = 420
const HARMONICS = 6
/** Share of the time in which a line must be there: a note passes, the mains don't. */
const STEADY = 0.25
/** A line stands this much (12 dB) over the median around it. */
const PROMINENT = 16
/** A single line, without another, must stand 30 dB over it. */
const ALONE = 1000
/** Windows that are kept. */
const KEPT = 200

/** Hum of the mains. */
export interface HumLevel {
  readonly mains: 50 | 60
  /** dBFS of all its lines together; a full-scale sine has 0. */
  readonly level: number
}

/** Looks for steady lines at 50 or 60 Hz and their multiples. */
export class Hum {
  readonly #width: number
  readonly #bins: number
  readonly #fourier: Fourier
  readonly #windows: Array<Float64Array> = []
  readonly #stride: number
  #filled = 0
  #number = 0

  /**
   * @param sampleRate of what it sees, in Hz
   * @param seconds that are expected
   */
  constructor(sampleRate: number, seconds: number, kernels: Kernels) {
    this.#fourier = fourier(kernels, WINDOW)
    this.#width = sampleRate / WINDOW
    this.#bins = Math.min(WINDOW / 2, Math.ceil(HIGHEST / this.#width))
    this.#stride = Math.max(1, Math.ceil((seconds * this.#width) / KEPT))
  }

  add(sample: number): void {
    this.#fourier.input[this.#filled++] = sample
    if (this.#filled < WINDOW) return
    this.#filled = 0
    if (this.#number++ % this.#stride !== 0) return
    this.#fourier.transform()
    this.#windows.push(Float64Array.from(this.#fourier.powers.subarray(0, this.#bins)))
  }

  /** Absent where there is none, and under 1.5 seconds. */
  get found(): HumLevel | undefined {
    if (this.#windows.length === 0) return undefined
    const steady = Float64Array.from({ length: this.#bins }, (_, bin) =>
      percentile(
        this.#windows.map((power) => power[bin] ?? 0),
        STEADY
      )
    )
    const [fifty, sixty] = [this.#mains(steady, 50), this.#mains(steady, 60)]
    return (fifty?.level ?? -Infinity) >= (sixty?.level ?? -Infinity) ? fifty : sixty
  }

  #mains(steady: Float64Array, mains: 50 | 60): HumLevel | undefined {
    const lines = Array.from({ length: HARMONICS }, (_, n) => this.#lineAt(steady, mains * (n + 1))).map((line) =>
      line !== undefined && line.prominence >= PROMINENT ? line : undefined
    )
    const there = lines.flatMap((line) => line ?? [])
    const [first, second] = lines
    if (first === undefined && second === undefined) return undefined
    if (there.length < 2 && (first?.prominence ?? 0) < ALONE) return undefined
    return { mains, level: decibels(Math.sqrt(there.reduce((sum, { power }) => sum + power, 0))) }
  }

  #lineAt(steady: Float64Array, hertz: number): { readonly power: number; readonly prominence: number } | undefined {
    const bin = (at: number) => Math.round(at / this.#width)
    const from = bin(hertz * 0.99)
    const window = steady.subarray(from, bin(hertz * 1.01) + 1)
    const peak = window.reduce((best, power, at) => (power > (window[best] ?? 0) ? at : best), 0) + from
    const around = [...steady.subarray(bin(hertz - 18), bin(hertz - 5)), ...steady.subarray(bin(hertz + 5), bin(hertz + 18))]
    const floor = percentile(around, 0.5)
    // A Hann window spreads a line over three bins and half as much again.
    const power = steady.subarray(Math.max(0, peak - 1), peak + 2).reduce((sum, value) => sum + value / 1.5, 0)
    return power === 0 ? undefined : { power, prominence: floor === 0 ? Infinity : (steady[peak] ?? 0) / floor }
  }
}
