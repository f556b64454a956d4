import * as Bar from "./Bar.js"
import type { Kernels } from "./Kernels.js"
import * as Onsets from "./Onsets.js"

/** Beats a minute that are looked for. */
const SLOWEST = 40
const FASTEST = 220
/** Where people tap most readily, and how far from it (in octaves) they still do. */
const PREFERRED = 120
const SPREAD = 1
/** Below this nothing begins: a drone, a steady noise, silence. */
const LEAST_CONTRAST = 0.04
/** Below this the estimate would say nothing. */
const LEAST_CONFIDENCE = 0.25
/** Regular beyond this many times a minute it is a flutter: a vibrato, a ring, a motor. Nobody taps to a part of it. */
const FLUTTER = 280
/** A flutter is at least this regular, against the beat that it would be parts of; what hi-hats leave of a beat isn't. */
const STEADY = 0.88
/** Hz: below, the frames of the onsets are as long as beats. */
const LEAST_RATE = 4000
/** Fewer beats than this are no pulse. */
const LEAST_BEATS = 5

/** How alike the envelope is to itself, `lag` frames later, from -1 to 1. */
const autocorrelation = (strength: Float64Array, lags: number): Float64Array => {
  const count = strength.length
  const mean = strength.reduce((sum, value) => sum + value, 0) / Math.max(1, count)
  const centred = strength.map((value) => value - mean)
  const result = new Float64Array(lags)
  for (let lag = 0; lag < lags && lag < count; lag++) {
    let sum = 0
    for (let i = 0; i + lag < count; i++) sum += (centred[i] ?? 0) * (centred[i + lag] ?? 0)
    result[lag] = sum / (count - lag)
  }
  const power = result[0] ?? 0
  return power === 0 ? result : result.map((value) => value / power)
}

/** The value at a place between two lags. */
const between = (values: Float64Array, lag: number): number => {
  const left = Math.floor(lag)
  const share = lag - left
  return (1 - share) * (values[left] ?? 0) + share * (values[left + 1] ?? 0)
}

/** The mean likeness after one, two and three beats, as far as the recording goes. */
const regularity = (values: Float64Array, lag: number): number => {
  let sum = 0
  let times = 0
  while (times < 3 && lag * (times + 1) < values.length - 1) sum += between(values, lag * ++times)
  return sum / Math.max(1, times)
}

/** The same for a lag of a few frames, which lies between two of them: the better one counts. */
const quickRegularity = (values: Float64Array, lag: number): number => {
  let sum = 0
  for (const times of [1, 2, 3]) sum += Math.max(values[Math.floor(times * lag)] ?? 0, values[Math.ceil(times * lag)] ?? 0)
  return sum / 3
}

/** Whether the beat is only three or more rounds of something quicker than any beat. */
const isFlutter = (values: Float64Array, lag: number, least: number): boolean => {
  const own = regularity(values, lag)
  for (let parts = 3; lag / parts > 2; parts++)
    if (lag / parts < least && quickRegularity(values, lag / parts) > STEADY * own) return true
  return false
}

/** The lag of the summit near `lag`, between two frames. */
const summit = (values: Float64Array, lag: number): number => {
  let top = Math.round(lag)
  for (let i = top - 1; i <= top + 1; i++) if ((values[i] ?? -1) > (values[top] ?? -1)) top = i
  const [left, middle, right] = [values[top - 1] ?? 0, values[top] ?? 0, values[top + 1] ?? 0]
  const bend = left - 2 * middle + right
  return bend >= 0 ? top : top + Math.max(-0.5, Math.min(0.5, (left - right) / (2 * bend)))
}

/** A pulse that may be wrong; confidences are from 0 to 1. */
export interface Tempo {
  readonly beatsPerMinute: number
  readonly confidence: number
  /** The same pulse counted twice as fast or half as fast, where the sound leaves that open. */
  readonly alternative?: { readonly beatsPerMinute: number; readonly confidence: number } | undefined
}

/** Half a beat that is this regular, against the beat, is the beat: bass drum and snare drum by turns are, a hi-hat between them isn't. */
const DOUBLED = 0.75
/** From here on somebody may hear the half of the beat as the beat. */
const DIVIDED = 0.31
/** A beat that is less regular than two of it by this much may be half of one. */
const PAIRED = 0.9

/** The other count of a pulse, and how likely it is against the one that was chosen. */
const otherCount = (values: Float64Array, lag: number, shortest: number, longest: number) => {
  const own = regularity(values, lag)
  const half = lag / 2 >= shortest ? regularity(values, lag / 2) / own : 0
  const pair = lag * 2 <= longest ? own / regularity(values, lag * 2) : 1
  const quick = half > DIVIDED ? Math.min(1, half / DOUBLED) : 0
  const slow = pair < PAIRED ? Math.min(1, (1 - pair) / (1 - DOUBLED)) : 0
  return quick === 0 && slow === 0 ? undefined : quick >= slow ? { times: 2, share: quick } : { times: 0.5, share: slow }
}

/** Beats a minute below which what has three beginnings or more is a bar. */
const SLOW = 90
/** Likeness from which a stretch repeats itself, and by how much it is more like the next one than a beat is. */
const REPEATED = 0.6
const BETTER = 0.2
/** How far from a whole number of beats a bar may be. */
const UNEVEN = 0.08

/** Frames after which the sound repeats itself far better than from one beat to the next: a bar; `undefined` where it doesn't. */
const repetition = (values: Float64Array, lag: number): number | undefined => {
  let most = Math.max(REPEATED, regularity(values, lag) + BETTER)
  for (let at = Math.ceil(1.2 * lag); at < values.length - 1; at++) most = Math.max(most, (values[at] ?? 0) - 0.05)
  for (let at = Math.ceil(1.2 * lag); at < values.length - 1; at++)
    if ((values[at] ?? 0) >= most && (values[at] ?? 0) >= (values[at + 1] ?? 0)) return summit(values, at)
  return undefined
}

/** Whether a bar has no whole number of such beats: they are longer or shorter ones, or belong to no bar. */
const isUneven = (bar: number, lag: number): boolean => Math.abs(bar / lag - Math.round(bar / lag)) > UNEVEN

/** Beats a minute up to which quarters of a beat may be halves of a quicker one, and from which two beats may be one. */
const BROAD = 110
/** What a quarter of a beat must at least be, against the beat. */
const QUARTER = 0.04
/** A beat that is less regular than this may be a part of the beat. */
const UNSURE = 0.5

/** The count that a half-time feel or a broken beat leaves open, where the likeness of beats tells none. */
const openCount = (strength: Float64Array, lag: number, beatsPerMinute: number, confidence: number, bar: number | undefined) => {
  if (beatsPerMinute <= BROAD) {
    const [first = 0, , third = 0] = Bar.between(Bar.folded(strength, lag), 4)
    return Math.min(first, third) > QUARTER && 2 * beatsPerMinute <= FASTEST ? { times: 2, share: 0.5 } : undefined
  }
  const beats = bar === undefined ? 1 : Math.round(bar / lag)
  return confidence < UNSURE && beats % 2 === 0 && beatsPerMinute / 2 >= SLOWEST ? { times: 0.5, share: 0.6 } : undefined
}

const rounded = (value: number, steps: number): number => Math.round(value * steps) / steps

/**
 * The pulse of mono samples; `undefined` where there is none worth naming: silence, noise, a drone, a flutter, speech without a
 * beat, or too few beats to tell. The confidence is how regular the beats are beyond what chance would give.
 */
export const estimate = (samples: Float32Array, sampleRate: number, kernels: Kernels): Tempo | undefined => {
  if (sampleRate < LEAST_RATE) return undefined
  const { contrast, rate, strength } = Onsets.detect(samples, sampleRate, kernels)
  if (contrast < LEAST_CONTRAST) return undefined
  const lagOf = (beatsPerMinute: number) => (60 * rate) / beatsPerMinute
  const longest = Math.min(lagOf(SLOWEST), strength.length / LEAST_BEATS)
  const likeness = autocorrelation(strength, Math.min(strength.length, Math.ceil(3 * lagOf(SLOWEST)) + 4))
  const liking = (lag: number) => Math.exp(-0.5 * (Math.log2(lagOf(PREFERRED) / lag) / SPREAD) ** 2)

  let best = 0
  let bestScore = 0
  for (let lag = lagOf(FASTEST); lag <= longest; lag += 0.25) {
    const score = regularity(likeness, lag) * liking(lag)
    if (score > bestScore) [best, bestScore] = [lag, score]
  }
  if (best === 0) return undefined
  // The preference for the middle must not hide a quick beat.
  while (best / 2 >= lagOf(FASTEST) && regularity(likeness, best / 2) > DOUBLED * regularity(likeness, best)) best /= 2
  // Far multiples tell the beat more exactly than the beat itself.
  for (const times of [1, 2, 4])
    if (best * times < Math.min(likeness.length - 3, strength.length / 2)) best = summit(likeness, best * times) / times

  const round = Bar.folded(strength, best)
  if (best > lagOf(SLOW) && Bar.beginnings(round) > 2) {
    const beats = Bar.beatsIn(round)
    // Nothing tells how it is divided.
    if (beats === 1) return undefined
    best /= beats
  }
  const bar = repetition(likeness, best)
  if (bar !== undefined && isUneven(bar, best)) return undefined

  if (isFlutter(likeness, best, lagOf(FLUTTER))) return undefined

  // What unrelated onsets reach by chance: the fewer of them, the more.
  const chance = 2.5 * Math.sqrt(2.5 / strength.length)
  const confidence = Math.max(0, Math.min(1, (regularity(likeness, best) - chance) / (0.9 - chance)))
  if (confidence < LEAST_CONFIDENCE) return undefined
  const beatsPerMinute = rounded((60 * rate) / best, 10)
  const other = otherCount(likeness, best, lagOf(FASTEST), longest) ?? openCount(strength, best, beatsPerMinute, confidence, bar)
  return {
    beatsPerMinute,
    confidence: rounded(confidence, 100),
    ...(other === undefined
      ? {}
      : {
          alternative: {
            beatsPerMinute: rounded(beatsPerMinute * other.times, 10),
            confidence: rounded(confidence * other.share * 0.8, 100)
          }
        })
  }
}
