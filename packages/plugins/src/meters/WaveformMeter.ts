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

/** Places in the open stretch's state. */
const [FILLED, PEAK, SQUARE, TAKEN] = [0, 1, 2, 3] as const

/** The level over time, from the power of all channels: channels that cancel each other are seen. */
class Waveform {
  readonly #kernels: Kernels
  readonly #peaks: Float64Array
  readonly #squares: Float64Array
  /** The stretch that isn't full yet. */
  readonly #open: Float64Array
  #stretch = 1
  #count = 0

  constructor(kernels: Kernels) {
    this.#kernels = kernels
    this.#peaks = kernels.doubles(kernels.reserve(8 * KEPT), KEPT)
    this.#squares = kernels.doubles(kernels.reserve(8 * KEPT), KEPT)
    this.#open = kernels.doubles(kernels.reserve(8 * 4), 4).fill(0)
  }

  /** @param scale of the powers */
  see({ count, peaks, powers }: PcmBlock, scale: number): void {
    for (let from = 0; from < count; from += this.#open[TAKEN] ?? count) {
      this.#count += this.#kernels.loops.condense(
        peaks.byteOffset,
        powers.byteOffset,
        from,
        count,
        scale,
        this.#stretch,
        this.#peaks.byteOffset + 8 * this.#count,
        this.#squares.byteOffset + 8 * this.#count,
        KEPT - this.#count,
        this.#open.byteOffset
      )
      this.#halve()
    }
  }

  /** Silence. */
  rest(samples: number): void {
    for (let left = samples; left > 0;) {
      const filled = this.#open[FILLED] ?? 0
      const taken = Math.min(left, this.#stretch - filled)
      left -= taken
      this.#open[FILLED] = filled + taken
      if (filled + taken === this.#stretch) this.#close()
    }
  }

  #close(): void {
    this.#peaks[this.#count] = this.#open[PEAK] ?? 0
    this.#squares[this.#count] = (this.#open[SQUARE] ?? 0) / (this.#open[FILLED] ?? 1)
    this.#count++
    this.#open.fill(0)
    this.#halve()
  }

  /** Makes room where there is none. */
  #halve(): void {
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
    if ((this.#open[FILLED] ?? 0) > 0) this.#close()
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
