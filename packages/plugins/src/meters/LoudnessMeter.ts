import { finite, hundredth, type MakeMeter } from "./Meter.js"
import type { PcmFormat } from "./Pcm.js"

/** Hz below which the weighting is off by a quarter of a dB and more: loudness is absent there. */
const SLOWEST = 8000
/** Bits of the channel mask: the channels behind and beside the listener count 1.41-fold, the low-frequency ones not at all. */
const SURROUND = 0x3_8730
const LOW_FREQUENCY = 0x8
const BEHIND = 1.41

/** What FFmpeg takes 1 to 8 channels for whose places the file doesn't tell. */
const usual = [0, 0x4, 0x3, 0xb, 0x107, 0x37, 0x3f, 0x70f, 0x63f]

/** How much each channel counts (ITU-R BS.1770-4, Annex 3); 1 where its place is unknown. */
export const weights = ({ channels, mask }: Pick<PcmFormat, "channels" | "mask">): ReadonlyArray<number> => {
  const known = mask === 0 ? (usual[channels] ?? 0) : mask
  const places = Array.from({ length: 18 }, (_, bit) => 2 ** bit).filter((bit) => (known & bit) !== 0)
  return Array.from({ length: channels }, (_, number) => {
    const place = places[number] ?? 0
    return (place & LOW_FREQUENCY) !== 0 ? 0 : (place & SURROUND) !== 0 ? BEHIND : 1
  })
}

/** A second-order filter, as `b0 b1 b2 a1 a2`. */
type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number]

/** The two filters of the K weighting at any rate: the analogue ones behind the figures that BS.1770 gives for 48 kHz. */
export const kWeighting = (sampleRate: number): readonly [shelf: Biquad, highPass: Biquad] => {
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

/** Squares of one channel's weighted samples. */
class Weighted {
  readonly #filters: ReturnType<typeof kWeighting>
  #s1 = 0
  #s2 = 0
  #t1 = 0
  #t2 = 0

  constructor(sampleRate: number) {
    this.#filters = kWeighting(sampleRate)
  }

  /** The sum of squares of `samples[from … to]`. */
  squares(samples: Float32Array, from: number, to: number): number {
    const [[b0, b1, b2, a1, a2], [, , , c1, c2]] = this.#filters
    let s1 = this.#s1
    let s2 = this.#s2
    let t1 = this.#t1
    let t2 = this.#t2
    let sum = 0
    for (let i = from; i < to; i++) {
      const x = samples[i] ?? 0
      const y = b0 * x + s1
      s1 = b1 * x - a1 * y + s2
      s2 = b2 * x - a2 * y
      const z = y + t1
      t1 = -2 * y - c1 * z + t2
      t2 = y - c2 * z
      sum += z * z
    }
    // Numbers this small slow a processor down and are heard by nobody.
    this.#s1 = Math.abs(s1) < 1e-30 ? 0 : s1
    this.#s2 = Math.abs(s2) < 1e-30 ? 0 : s2
    this.#t1 = Math.abs(t1) < 1e-30 ? 0 : t1
    this.#t2 = Math.abs(t2) < 1e-30 ? 0 : t2
    return sum
  }
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
export const loudnessMeter: MakeMeter = (format) => {
  const { sampleRate } = format
  const shares = weights(format)
  const filters = shares.map(() => new Weighted(sampleRate))
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
        for (const [number, samples] of channels.entries()) {
          const share = shares[number] ?? 0
          if (share > 0) power += share * (filters[number]?.squares(samples, from, to) ?? 0)
        }
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
