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

/** A stretch of decoded sound. The arrays are used again for the next one. */
export interface PcmBlock {
  /** One array a channel; full scale is 1, and every sample is finite. */
  readonly channels: ReadonlyArray<Float32Array>
  /** The highest magnitude over all channels, sample by sample. */
  readonly peaks: Float32Array
  /** Samples of each channel in this block. */
  readonly count: number
  /** Samples among them, over all channels, that were no finite numbers: here they are 0. */
  readonly invalid: number
}

/** Samples of a channel that a block holds at most. */
const BLOCK = 4096

/** Cuts interleaved 32-bit float samples, as they come in pieces of any size, into blocks. */
export class PcmReader {
  readonly #channels: ReadonlyArray<Float32Array>
  readonly #peaks = new Float32Array(BLOCK)
  readonly #frame: number
  #rest = new Uint8Array(0)
  /** Samples of a channel that were read. */
  count = 0

  constructor(
    { channels }: Pick<PcmFormat, "channels">,
    readonly take: (block: PcmBlock) => void
  ) {
    this.#channels = Array.from({ length: channels }, () => new Float32Array(BLOCK))
    this.#frame = 4 * channels
  }

  /** @param bytes little-endian; a frame may be cut anywhere */
  read(bytes: Uint8Array): void {
    const joined = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const frames = Math.floor(joined.length / this.#frame)
    const used = frames * this.#frame
    const aligned = joined.byteOffset % 4 === 0 ? joined : Uint8Array.from(joined)
    const samples = new Float32Array(aligned.buffer, aligned.byteOffset, used / 4)
    for (let start = 0; start < frames; start += BLOCK) this.#block(samples, start, Math.min(BLOCK, frames - start))
    this.#rest = used === joined.length ? new Uint8Array(0) : Uint8Array.from(joined.subarray(used))
    this.count += frames
  }

  #block(samples: Float32Array, start: number, count: number): void {
    const width = this.#channels.length
    const peaks = this.#peaks
    let invalid = 0
    for (const [number, channel] of this.#channels.entries())
      for (let i = 0, from = start * width + number; i < count; i++, from += width) {
        let value = samples[from] ?? 0
        // NaN and the infinities are the only numbers that don't cancel themselves.
        if (value - value !== 0) {
          value = 0
          invalid++
        }
        channel[i] = value
        const magnitude = value < 0 ? -value : value
        if (number === 0 || magnitude > (peaks[i] ?? 0)) peaks[i] = magnitude
      }
    this.take({ channels: this.#channels, peaks, count, invalid })
  }
}
