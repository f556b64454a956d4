import { Envelope } from "./Envelope.js"
import { fourier } from "./Fourier.js"
import type { Pointer } from "./Kernels.js"
import type { MakeMeter } from "./Meter.js"
import { BLOCK, type PcmChannel } from "./Pcm.js"
import { TimbreFrames } from "./TimbreFrames.js"
import { timbreScale } from "./timbreScale.js"
import { timbreSummary } from "./timbreSummary.js"

/** Seconds of a window, about: its size is the nearest power of two. */
const WINDOW = 0.045
const SMALLEST = 64
/** Windows of a long file that are looked at, about. */
const ENOUGH = 1500
/** Windows side by side, so that change can be told. */
const RUN = 32

/**
 * What a sound is like, as numbers that two sounds can be compared by: the shape of its spectrum and how that changes, brightness,
 * noisiness, how its level moves and where it has onsets. Pitch, level and length hardly matter. A row for each number; none of silence.
 */
export const timbreMeter: MakeMeter = ({ channels: width, sampleRate, seconds }, kernels) => {
  const size = Math.max(SMALLEST, 2 ** Math.round(Math.log2(sampleRate * WINDOW)))
  const spectrum = fourier(kernels, size)
  const { input, transform } = spectrum
  const stride = Math.max(1, Math.ceil((seconds * sampleRate) / size / ENOUGH))
  const mixed = kernels.reserve(4 * BLOCK)
  const mono = kernels.floats(mixed, BLOCK)
  const frames = new TimbreFrames(kernels, spectrum, sampleRate)
  const envelope = new Envelope(sampleRate, kernels)
  let filled = 0
  let number = 0
  let last = -2

  const isSampled = (window: number): boolean => Math.floor(window / RUN) % stride === 0
  const look = (samples: Pointer) => {
    transform(samples)
    frames.add(last === number - 1)
    last = number
  }
  /** The mean of all channels. */
  const mix = (channels: ReadonlyArray<PcmChannel>, count: number): Pointer => {
    const [first, second, ...more] = channels
    if (first !== undefined && second === undefined) return first.at
    if (first !== undefined && second !== undefined && more.length === 0)
      kernels.loops.mix(first.at, 1 / 2, second.at, 1 / 2, count, mixed)
    else {
      mono.fill(0, 0, count)
      for (const { samples } of channels) for (let i = 0; i < count; i++) mono[i] = (mono[i] ?? 0) + (samples[i] ?? 0) / width
    }
    return mixed
  }
  return {
    take: ({ channels, count }) => {
      const end = number + Math.floor((filled + count) / size)
      // Nobody looks at any of it.
      if (envelope.isFull && end - number < RUN && !isSampled(number) && !isSampled(end)) {
        filled = (filled + count) % size
        number = end
        return
      }
      const samples = mix(channels, count)
      envelope.see(samples, count)
      for (let from = 0; from < count;) {
        const to = Math.min(count, from + size - filled)
        const isLookedAt = isSampled(number)
        const isWhole = to - from === size
        if (isLookedAt && !isWhole) input.set(kernels.floats(samples + 4 * from, to - from), filled)
        const at = isWhole ? samples + 4 * from : input.byteOffset
        filled += to - from
        from = to
        if (filled < size) continue
        if (isLookedAt) look(at)
        number++
        filled = 0
      }
    },
    finish: () => {
      if (frames.count === 0 && filled > 0) {
        input.fill(0, filled)
        look(input.byteOffset)
      }
      const scaled = timbreSummary(frames, envelope).map((value, n) => {
        const [usual, spread] = timbreScale[n] ?? [0, 1]
        return Math.round((1e4 * (value - usual)) / spread) / 1e4
      })
      return { values: {}, rows: scaled.map((value) => ({ value })) }
    }
  }
}
