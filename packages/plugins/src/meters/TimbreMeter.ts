import { Envelope } from "./Envelope.js"
import { fourier } from "./Fourier.js"
import type { MakeMeter } from "./Meter.js"
import { BLOCK, type PcmChannel } from "./Pcm.js"
import { timbreScale } from "./timbreScale.js"

/** Seconds of a window, about: its size is the nearest power of two. */
const WINDOW = 0.045
const SMALLEST = 64
/** Bands of equal width on the ear's scale, and the Hz that they reach from and to. */
const BANDS = 24
const LOWEST = 60
const HIGHEST = 15_000
/** Cosine terms that are kept of a spectrum: its shape, without the place of single partials. */
const SHAPE = 14
const CHANGE = 8
/** Windows this much (50 dB) under the loudest don't sound. */
const SOUNDING = 1e-5
/** Windows of a long file that are looked at, about. */
const ENOUGH = 1500
/** Powers that are multiplied before their logarithm is taken: of integers of 32 bits, too, a double holds the product of so many. */
const PRODUCT = 16
/** Windows side by side, so that change can be told. */
const RUN = 32

const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700)
const hertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1)

/** What is told of one window. */
interface Frame {
  readonly power: number
  /** The cube root of each band's share: as loud as the ear takes it. */
  readonly shape: Float64Array
  /** Octaves over 1 kHz. */
  readonly centroid: number
  /** 0 for noise, towards 1 for lines: of the bands, by their power. */
  readonly tonality: number
  readonly flatness: number
  /** Whether the one before was looked at too. */
  readonly follows: boolean
}

const cosines = (values: Float64Array, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, k) =>
    values.reduce((sum, value, n) => sum + value * Math.cos((Math.PI * k * (n + 0.5)) / values.length), 0)
  )

/** Places of the first bin of each band, and of the end. */
const edgesOf = (size: number, rate: number): ReadonlyArray<number> =>
  Array.from({ length: BANDS + 1 }, (_, n) =>
    Math.min(size / 2, Math.round((hertz(mel(LOWEST) + ((mel(HIGHEST) - mel(LOWEST)) * n) / BANDS) * size) / rate))
  )

const frameOf = (spectrum: Float32Array, edges: ReadonlyArray<number>, follows: boolean): Frame => {
  const powers = new Float64Array(BANDS)
  let [all, moment, tonal, logarithms, places] = [0, 0, 0, 0, 0]
  for (let band = 0; band < BANDS; band++) {
    const [from = 0, to = 0] = [edges[band], edges[band + 1]]
    let sum = 0
    let logarithm = 0
    let product = 1
    for (let bin = from; bin < to; bin++) {
      const power = (spectrum[bin] ?? 0) + 1e-14
      sum += power
      product *= power
      // One logarithm for many.
      if ((bin - from) % PRODUCT !== PRODUCT - 1) continue
      logarithm += Math.log(product)
      product = 1
    }
    logarithm += Math.log(product)
    powers[band] = sum
    if (to - from >= 4) tonal += sum * (1 - Math.exp(logarithm / (to - from)) / (sum / (to - from)))
    all += sum
    moment += sum * (band + 0.5)
    logarithms += logarithm
    places += to - from
  }
  return {
    power: all,
    shape: powers.map((power) => Math.cbrt(power / all)),
    centroid: moment / all / BANDS,
    tonality: tonal / all,
    flatness: Math.exp(logarithms / places) / (all / places),
    follows
  }
}

/**
 * What a sound is like, as numbers that two sounds can be compared by: the shape of its spectrum and how that changes, brightness,
 * noisiness, how its level moves and where it has onsets. Pitch, level and length hardly matter. A row for each number; none of silence.
 */
export const timbreMeter: MakeMeter = ({ channels: width, sampleRate, seconds }, kernels) => {
  const size = Math.max(SMALLEST, 2 ** Math.round(Math.log2(sampleRate * WINDOW)))
  const { input, powers, transform } = fourier(kernels, size)
  const edges = edgesOf(size, sampleRate)
  const stride = Math.max(1, Math.ceil((seconds * sampleRate) / size / ENOUGH))
  const mixed = kernels.reserve(4 * BLOCK)
  const mono = kernels.floats(mixed, BLOCK)
  const frames: Array<Frame> = []
  const envelope = new Envelope(sampleRate)
  let filled = 0
  let number = 0
  let last = -2

  const isSampled = (window: number): boolean => Math.floor(window / RUN) % stride === 0
  const look = () => {
    transform()
    frames.push(frameOf(powers, edges, last === number - 1))
    last = number
  }
  /** The mean of all channels. */
  const mix = (channels: ReadonlyArray<PcmChannel>, count: number): Float32Array => {
    const [first, second, ...more] = channels
    if (first !== undefined && second === undefined) return first.samples
    if (first !== undefined && second !== undefined && more.length === 0)
      kernels.loops.mix(first.at, 1 / 2, second.at, 1 / 2, count, mixed)
    else {
      mono.fill(0, 0, count)
      for (const { samples } of channels) for (let i = 0; i < count; i++) mono[i] = (mono[i] ?? 0) + (samples[i] ?? 0) / width
    }
    return mono
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
        if (isLookedAt) input.set(samples.subarray(from, to), filled)
        filled += to - from
        from = to
        if (filled < size) continue
        if (isLookedAt) look()
        number++
        filled = 0
      }
    },
    finish: () => {
      if (frames.length === 0 && filled > 0) {
        input.fill(0, filled)
        look()
      }
      const scaled = summary(frames, envelope).map((value, n) => {
        const [usual, spread] = timbreScale[n] ?? [0, 1]
        return Math.round((1e4 * (value - usual)) / spread) / 1e4
      })
      return { values: {}, rows: scaled.map((value) => ({ value })) }
    }
  }
}

const summary = (frames: ReadonlyArray<Frame>, envelope: Envelope): ReadonlyArray<number> => {
  const loudest = frames.reduce((most, { power }) => Math.max(most, power), 0)
  const sounding = frames.filter(({ power }) => power >= loudest * SOUNDING && power > 1e-9)
  if (sounding.length === 0) return []
  const weights = sounding.map(({ power }) => Math.cbrt(power))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = (of: (frame: Frame, n: number) => number) =>
    sounding.reduce((sum, frame, n) => sum + (weights[n] ?? 0) * of(frame, n), 0) / total
  const spread = (of: (frame: Frame, n: number) => number) => {
    const middle = mean(of)
    return Math.sqrt(mean((frame, n) => (of(frame, n) - middle) ** 2))
  }
  const bands = Array.from({ length: BANDS }, (_, band) => band)
  const shape = Float64Array.from(bands, (band) => mean((frame) => frame.shape[band] ?? 0))
  const change = Float64Array.from(bands, (band) => spread((frame) => frame.shape[band] ?? 0))
  const flux = mean((frame, n) =>
    frame.follows
      ? frame.shape.reduce((sum, value, band) => sum + Math.abs(value - (sounding[n - 1]?.shape[band] ?? value)), 0)
      : 0
  )
  return [
    ...cosines(shape, SHAPE),
    ...cosines(change, CHANGE),
    flux,
    mean(({ centroid }) => centroid),
    spread(({ centroid }) => centroid),
    mean(({ tonality }) => tonality),
    spread(({ tonality }) => tonality),
    Math.sqrt(mean(({ flatness }) => flatness)),
    ...envelope.figures
  ]
}
