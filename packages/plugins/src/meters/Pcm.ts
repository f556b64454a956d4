import type { Kernels, Pointer } from "./Kernels.js"

/** What meters are told of the sound before it comes. */
export interface PcmFormat {
  /** Hz */
  readonly sampleRate: number
  readonly channels: number
  /** Which places the channels have: a bit each, as in WAVE_FORMAT_EXTENSIBLE and in FFmpeg; 0 where the file doesn't say. */
  readonly mask: number
  /** FFmpeg's name of the codec: it tells what full scale is. */
  readonly codec: string
  /** Length that is expected: an estimate, which saves work on long files and decides nothing. */
  readonly seconds: number
  /** Seconds of the file before its sound begins. */
  readonly startSeconds: number
  /** Length of the whole file, where it may go on after its sound. */
  readonly wholeSeconds?: number | undefined
}

/** Samples of a channel in a block; only the last one has fewer. */
export const BLOCK = 4096

/** Samples before each channel's block that meters may keep from the one before. */
export const HISTORY = 24

/** One channel of a block. */
export interface PcmChannel {
  /** Full scale is 1, and every sample is finite. */
  readonly samples: Float32Array
  /** Where the samples stand; behind the {@link HISTORY} before them. */
  readonly at: Pointer
  /** Sum of the samples' squares in this block. */
  squares: number
  highest: number
  lowest: number
}

/** All channels summed up, the even and the odd ones. */
export interface Folded {
  readonly even: Pointer
  readonly odd: Pointer
  /** Sums of squares of both together, and of their difference. */
  readonly summed: number
  readonly flipped: number
}

/** A stretch of decoded sound. The arrays are used again for the next one. */
export interface PcmBlock {
  readonly channels: ReadonlyArray<PcmChannel>
  /** The highest magnitude over all channels, sample by sample. */
  readonly peaks: Float32Array
  /** The sum of squares over all channels, sample by sample. */
  readonly powers: Float32Array
  /** The highest of `peaks`. */
  readonly peak: number
  /** Samples of each channel in this block. */
  readonly count: number
  /** Samples among them, over all channels, that were no finite numbers: here they are 0. */
  readonly invalid: number
  readonly fold: () => Folded
}

/** Bytes of the kernels' memory that sound of so many channels takes. */
export const memoryOf = (channels: number): number => 2 * (channels + 8) * 4 * (BLOCK + HISTORY + 64)

/** Cuts interleaved 32-bit float samples, as they come in pieces of any size, into blocks. */
export class PcmReader {
  readonly #kernels: Kernels
  readonly #channels: ReadonlyArray<PcmChannel>
  readonly #peaks: Float32Array
  readonly #powers: Float32Array
  readonly #input: Uint8Array
  readonly #stats: Float64Array
  readonly #extremes: Float32Array
  readonly #frame: number
  readonly #even: Pointer
  readonly #odd: Pointer
  #filled = 0
  #blocks = 0

  constructor(
    { channels }: Pick<PcmFormat, "channels">,
    kernels: Kernels,
    readonly take: (block: PcmBlock) => void
  ) {
    const row = () => kernels.reserve(4 * BLOCK)
    this.#kernels = kernels
    this.#frame = 4 * channels
    this.#input = kernels.bytes(kernels.reserve(this.#frame * BLOCK), this.#frame * BLOCK)
    this.#channels = Array.from({ length: channels }, () => {
      const line = kernels.reserve(4 * (HISTORY + BLOCK))
      kernels.floats(line, HISTORY).fill(0)
      const at = line + 4 * HISTORY
      return { samples: kernels.floats(at, BLOCK), at, squares: 0, highest: 0, lowest: 0 }
    })
    this.#peaks = kernels.floats(row(), BLOCK)
    this.#powers = kernels.floats(row(), BLOCK)
    this.#even = row()
    this.#odd = row()
    const stats = kernels.reserve(16)
    this.#stats = kernels.doubles(stats, 2)
    this.#extremes = kernels.floats(stats, 4)
  }

  /** Samples of a channel that were read. */
  get count(): number {
    return this.#blocks * BLOCK + Math.floor(this.#filled / this.#frame)
  }

  /** @param bytes little-endian; a frame may be cut anywhere */
  read(bytes: Uint8Array): void {
    const input = this.#input
    for (let from = 0; from < bytes.length;) {
      const to = Math.min(bytes.length, from + input.length - this.#filled)
      input.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#filled)
      this.#filled += to - from
      from = to
      if (this.#filled < input.length) continue
      this.#block(BLOCK)
      this.#filled = 0
      this.#blocks++
    }
  }

  /** Gives what is left. */
  finish(): void {
    const count = Math.floor(this.#filled / this.#frame)
    if (count > 0) this.#block(count)
  }

  #block(count: number): void {
    const { loops } = this.#kernels
    const [peaks, powers, stats] = [this.#peaks, this.#powers, this.#stats]
    let invalid = 0
    let peak = 0
    for (const [n, channel] of this.#channels.entries()) {
      invalid += loops.splitChannel(
        this.#input.byteOffset + 4 * n,
        count,
        this.#channels.length,
        channel.at,
        peaks.byteOffset,
        powers.byteOffset,
        n === 0,
        stats.byteOffset
      )
      channel.squares = stats[0] ?? 0
      channel.highest = this.#extremes[2] ?? 0
      channel.lowest = this.#extremes[3] ?? 0
      peak = Math.max(peak, channel.highest, -channel.lowest)
    }
    let folded: Folded | undefined
    const fold = () => (folded ??= this.#fold(count))
    this.take({ channels: this.#channels, peaks, powers, peak, count, invalid, fold })
  }

  #fold(count: number): Folded {
    const [first, second] = this.#channels
    const [even, odd, stats] = [this.#even, this.#odd, this.#stats]
    const stride = (second?.at ?? 0) - (first?.at ?? 0)
    this.#kernels.loops.fold(first?.at ?? 0, stride, this.#channels.length, count, even, odd, stats.byteOffset)
    return { even, odd, summed: stats[0] ?? 0, flipped: stats[1] ?? 0 }
  }
}
