import type { Kernels, Pointer } from "./Kernels.js"
import { finite, hundredth, type MakeMeter } from "./Meter.js"
import type { PcmChannel, PcmFormat } from "./Pcm.js"

/** Hz below which the weighting is off by a quarter of a dB and more: loudness is absent there. */
const SLOWEST = 8000
/** Bits of the channel mask: the channels behind and beside the listener count 1.41-fold, the low-frequency ones not at all. */
const SURROUND = 0x3_8730
const LOW_FREQUENCY = 0x8
const BEHIND = 1.41

/** How much each channel counts (ITU-R BS.1770-4, Annex 3); 1 where its place is unknown. */
export const weights = ({ channels, mask }: Pick<PcmFormat, "channels" | "mask">): ReadonlyArray<number> => {
  const places = Array.from({ length: 18 }, (_, bit) => 2 ** bit).filter((bit) => (mask & bit) !== 0)
  return Array.from({ length: channels }, (_, number) => {
    const place = places[number] ?? 0
    return (place & LOW_FREQUENCY) !== 0 ? 0 : (place & SURROUND) !== 0 ? BEHIND : 1
  })
}

/** A second-order filter, as `b0 b1 b2 a1 a2`. */
type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number]

/** The two filters of the K weighting at any rate: the analogue ones behind the figures that BS.1770 gives for 48 kHz. */
const kWeighting = (sampleRate: number): readonly [shelf: Biquad, highPass: Biquad] => {
  const shelf = (): Biquad => {
    const q = 0.7071752369554196
    const gain = 10 ** (3.999843853973347 / 20)
    const slope = gain ** 0.4996667741545416
    const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate)
    const a0 = 1 + k / q + k * k
    return [
      (gain + (slope * k) / q + k * k) / a0,
      (2 * (k * k - gain)) / a0,
      (gain - (slope * k) / q + k * k) / a0,
      (2 * (k * k - 1)) / a0,
      (1 - k / q + k * k) / a0
    ]
  }
  const q = 0.5003270373238773
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate)
  const a0 = 1 + k / q + k * k
  return [shelf(), [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0]]
}

/** The filters as the kernels take them. */
const coefficients = (sampleRate: number): ReadonlyArray<number> => {
  const [shelf, [, , , a1, a2]] = kWeighting(sampleRate)
  return [...shelf, a1, a2]
}

/** Weighs two channels at once; their state lies in the kernels' memory. */
class WeightedPair {
  readonly #state: Float64Array

  constructor(
    readonly kernels: Kernels,
    readonly filters: Pointer,
    /** Channel and share of either; where there is no second one, the first stands for it and counts nothing. */
    readonly pair: readonly [first: Weighted, second: Weighted | undefined]
  ) {
    this.#state = kernels.doubles(kernels.reserve(80), 10).fill(0)
  }

  /** The weighted power of a stretch of a block. */
  power(channels: ReadonlyArray<PcmChannel>, from: number, to: number): number {
    const [first, second] = this.pair
    const state = this.#state
    const at = channels[first.channel]?.at ?? 0
    state.fill(0, 8)
    this.kernels.loops.weigh(
      at,
      second === undefined ? at : (channels[second.channel]?.at ?? at),
      from,
      to,
      this.filters,
      state.byteOffset
    )
    return first.share * (state[8] ?? 0) + (second === undefined ? 0 : second.share * (state[9] ?? 0))
  }
}

/** A channel that counts, and how much. */
interface Weighted {
  readonly channel: number
  readonly share: number
}

const pairs = (format: PcmFormat, kernels: Kernels): ReadonlyArray<WeightedPair> => {
  const filters = kernels.doubles(kernels.reserve(56), 7)
  filters.set(coefficients(format.sampleRate))
  const counted = weights(format).flatMap((share, channel): ReadonlyArray<Weighted> => (share > 0 ? [{ channel, share }] : []))
  return counted.flatMap((first, n) =>
    n % 2 === 0 ? [new WeightedPair(kernels, filters.byteOffset, [first, counted[n + 1]])] : []
  )
}

const loudnessOf = (power: number): number => -0.691 + 10 * Math.log10(power)

/** Means over windows of `length` steps, a step apart. */
const windows = (steps: ReadonlyArray<number>, length: number): ReadonlyArray<number> => {
  const means: Array<number> = []
  let sum = 0
  for (const [n, step] of steps.entries()) {
    sum += step - (steps[n - length] ?? 0)
    if (n + 1 >= length) means.push(Math.max(0, sum / length))
  }
  return means
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** LUFS below which nothing counts. */
const ABSOLUTE = -70

/** Those above the absolute gate, and above `relative` LU under their mean. */
const gated = (powers: ReadonlyArray<number>, relative: number): ReadonlyArray<number> => {
  const heard = powers.filter((power) => loudnessOf(power) > ABSOLUTE)
  const gate = mean(heard) * 10 ** (relative / 10)
  return heard.filter((power) => power > gate)
}

/** A step of a tenth of a second: blocks of 0.4 s overlap by three quarters. */
const STEPS = 10
const MOMENTARY = 4
const SHORT_TERM = 30
/** Seconds below which a loudness range says nothing: EBU Tech 3342 calls it unstable even up to a minute. */
const RANGE_FROM = 10

/** LU between the quiet and the loud of the programme (EBU Tech 3342). */
const rangeOf = (steps: ReadonlyArray<number>): number | undefined => {
  if (steps.length < RANGE_FROM * STEPS) return undefined
  const sorted = Float64Array.from(gated(windows(steps, SHORT_TERM), -20)).sort()
  const at = (share: number) => loudnessOf(sorted[Math.round((sorted.length - 1) * share)] ?? NaN)
  return sorted.length === 0 ? undefined : at(0.95) - at(0.1)
}

/** LUFS over the programme (ITU-R BS.1770-4), and its range; absent where the gates leave nothing. */
export const loudnessMeter: MakeMeter = (format, kernels) => {
  const { sampleRate } = format
  const weighted = pairs(format, kernels)
  const steps: Array<number> = []
  let position = 0
  let power = 0
  const endOf = (step: number) => Math.round(((step + 1) * sampleRate) / STEPS)
  let next = endOf(0)
  let last = 0
  return {
    take: ({ channels, count }) => {
      if (sampleRate < SLOWEST) return
      for (let from = 0; from < count;) {
        const to = Math.min(count, from + next - position)
        for (const pair of weighted) power += pair.power(channels, from, to)
        position += to - from
        from = to
        if (position === next) {
          steps.push(power / (next - last))
          power = 0
          last = next
          next = endOf(steps.length)
        }
      }
    },
    finish: () => {
      const momentary = windows(steps, MOMENTARY)
      const heard = gated(momentary, -10)
      const integrated = heard.length === 0 ? undefined : hundredth(loudnessOf(mean(heard)))
      const range = rangeOf(steps)
      return {
        values: finite({ integrated, range: integrated === undefined || range === undefined ? undefined : hundredth(range) }),
        rows: []
      }
    }
  }
}
