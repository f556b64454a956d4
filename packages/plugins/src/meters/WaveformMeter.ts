import type { Kernels } from "./Kernels.js"
import type { MakeMeter, Meter } from "./Meter.js"
import type { PcmBlock } from "./Pcm.js"

/** Level over time: the highest sample and the mean square of each column, from left to right. */
export interface Columns {
  readonly peaks: Float64Array
  readonly squares: Float64Array
}

/** Stretches that are kept at most; when they are full, each two become one. */
const KEPT = 32_768

/** Spreads stretches of equal length over columns: a column has what lies under it, and where it is narrower, what it lies in. */
const spread = (peaks: Float64Array, squares: Float64Array, count: number, width: number): Columns => {
  const columns = { peaks: new Float64Array(width), squares: new Float64Array(width) }
  for (let column = 0; column < width; column++) {
    const from = Math.min(count - 1, Math.floor((column * count) / width))
    const to = Math.max(from + 1, Math.floor(((column + 1) * count) / width))
    let sum = 0
    for (let n = from; n < to; n++) {
      columns.peaks[column] = Math.max(columns.peaks[column] ?? 0, peaks[n] ?? 0)
      sum += squares[n] ?? 0
    }
    columns.squares[column] = sum / (to - from)
  }
  return columns
}

/** The level over time, from the power of all channels: channels that cancel each other are seen. */
class Waveform {
  readonly #peaks: Float64Array
  readonly #squares: Float64Array
  #stretch = 1
  #count = 0
  #filled = 0
  #peak = 0
  #square = 0

  constructor(kernels: Kernels) {
    this.#peaks = kernels.doubles(kernels.reserve(8 * KEPT), KEPT)
    this.#squares = kernels.doubles(kernels.reserve(8 * KEPT), KEPT)
  }

  /** @param scale of the powers */
  see({ count, peaks, powers }: PcmBlock, scale: number): void {
    for (let i = 0; i < count;) {
      const end = Math.min(count, i + this.#stretch - this.#filled)
      this.#filled += end - i
      let peak = this.#peak
      let square = this.#square
      for (; i < end; i++) {
        const own = peaks[i] ?? 0
        if (own > peak) peak = own
        square += (powers[i] ?? 0) * scale
      }
      this.#peak = peak
      this.#square = square
      if (this.#filled === this.#stretch) this.#close()
    }
  }

  /** Silence. */
  rest(samples: number): void {
    for (let left = samples; left > 0;) {
      const taken = Math.min(left, this.#stretch - this.#filled)
      left -= taken
      this.#filled += taken
      if (this.#filled === this.#stretch) this.#close()
    }
  }

  #close(): void {
    this.#peaks[this.#count] = this.#peak
    this.#squares[this.#count] = this.#square / this.#filled
    this.#count++
    this.#filled = 0
    this.#peak = 0
    this.#square = 0
    if (this.#count < KEPT) return
    for (let n = 0; n < KEPT / 2; n++) {
      this.#peaks[n] = Math.max(this.#peaks[2 * n] ?? 0, this.#peaks[2 * n + 1] ?? 0)
      this.#squares[n] = ((this.#squares[2 * n] ?? 0) + (this.#squares[2 * n + 1] ?? 0)) / 2
    }
    this.#count = KEPT / 2
    this.#stretch *= 2
  }

  /** `undefined` where no sound came. */
  columns(width: number): Columns | undefined {
    if (this.#filled > 0) this.#close()
    return this.#count === 0 ? undefined : spread(this.#peaks, this.#squares, this.#count, width)
  }
}

/**
 * The level over the whole file: silence where its sound begins late, or ends before the file does.
 *
 * @param done takes the columns after the last sample; gets nothing where no sound came
 */
export const waveformMeter =
  (width: number, done: (columns: Columns) => void): MakeMeter =>
  ({ channels, sampleRate, startSeconds, wholeSeconds = 0 }, kernels): Meter => {
    const waveform = new Waveform(kernels)
    let position = Math.round(startSeconds * sampleRate)
    waveform.rest(position)
    return {
      take: (block) => {
        waveform.see(block, 1 / channels)
        position += block.count
      },
      finish: () => {
        waveform.rest(Math.round(wholeSeconds * sampleRate) - position)
        const columns = waveform.columns(width)
        if (columns !== undefined) done(columns)
        return { values: {}, rows: [] }
      }
    }
  }
