import type { Kernels } from "./Kernels.js"
import * as Pitches from "./Pitches.js"

export const notes = ["C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B"] as const

/** How well each degree fits a key, as listeners rated it (Krumhansl & Kessler 1982). */
const profiles = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
} as const

/** The degrees that each mode uses; a minor key its seventh both as it is and raised. */
const scales = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10, 11]
} as const

/** Seconds below which a key is a guess. */
const SHORTEST = 2.5
/** Tones a second below which there is too little to go by: noise has hardly any. */
const LEAST_TONES = 1.5
/** Notes that must be there: one or two tell no key. */
const LEAST_NOTES = 4
/** Of them, those that come or go: a hum and a held chord tell no key. */
const LEAST_CHANGING = 3
/** A note that is heard in this share of the frames is held. */
const HELD = 0.9
const LEAST_CONFIDENCE = 0.25
/** How much a note outside of its scale speaks against a key. */
const STRANGE = 0.5
/** Notes at random have this share in the scale that suits them best; those of music in a key have the other. */
const SCALE = { major: { random: 0.72, keyed: 0.84 }, minor: { random: 0.77, keyed: 0.88 } } as const

/** A key that may be wrong; the confidence is from 0 to 1. */
export interface MusicalKey {
  readonly tonic: (typeof notes)[number]
  readonly mode: "major" | "minor"
  readonly confidence: number
}

const turn = 2 * Math.PI

/** How far the tones lie from A = 440 Hz on the whole, in semitones from -0.5 to 0.5, and how much they agree on it (0 to 1). */
const tuning = (pitches: ReadonlyArray<Pitches.Pitch>): { readonly offset: number; readonly agreement: number } => {
  let [x, y, all] = [0, 0, 0]
  for (const { semitone, weight } of pitches) {
    x += weight * Math.cos(turn * semitone)
    y += weight * Math.sin(turn * semitone)
    all += weight
  }
  return { offset: Math.atan2(y, x) / turn, agreement: all === 0 ? 0 : Math.hypot(x, y) / all }
}

const noteOf = (semitone: number, offset: number): number => ((Math.round(semitone - offset) % 12) + 12) % 12

/** Whether each of the twelve notes, from C, comes or goes while something sounds. */
const changing = (pitches: ReadonlyArray<Pitches.Pitch>, offset: number): ReadonlyArray<boolean> => {
  const frames = new Set(pitches.map(({ frame }) => frame)).size
  return notes.map(
    (_, note) =>
      new Set(pitches.filter(({ semitone }) => noteOf(semitone, offset) === note).map(({ frame }) => frame)).size < HELD * frames
  )
}

/** The share of each of the twelve notes, from C. */
const chroma = (pitches: ReadonlyArray<Pitches.Pitch>, offset: number): ReadonlyArray<number> => {
  const shares = new Array<number>(12).fill(0)
  let all = 0
  for (const { semitone, weight } of pitches) {
    const note = noteOf(semitone, offset)
    shares[note] = (shares[note] ?? 0) + weight
    all += weight
  }
  return shares.map((share) => (all === 0 ? 0 : share / all))
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length

const correlation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, squareA, squareB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB]
    both += x * y
    squareA += x * x
    squareB += y * y
  }
  return squareA * squareB === 0 ? 0 : both / Math.sqrt(squareA * squareB)
}

const within = (value: number, low: number, high: number) => Math.max(0, Math.min(1, (value - low) / (high - low)))

/** The best key for twelve shares, how well it fits (-1 to 1), how much is in its scale (0 to 1), and by how much it beats the next. */
const bestKey = (shares: ReadonlyArray<number>) => {
  const all = (["major", "minor"] as const).flatMap((mode) =>
    notes.map((tonic, shift) => {
      const fit = correlation(
        shares,
        notes.map((_, note) => profiles[mode][(note - shift + 12) % 12] ?? 0)
      )
      const own = scales[mode].map((degree) => shares[(degree + shift) % 12] ?? 0).reduce((sum, share) => sum + share, 0)
      return { tonic, mode, fit, own, score: fit + STRANGE * own }
    })
  )
  const [best, next] = all.sort((a, b) => b.score - a.score)
  return best === undefined || next === undefined ? undefined : { ...best, lead: best.score - next.score }
}

/**
 * The key of mono samples; `undefined` where it means nothing: silence, noise, drums, speech, a single tone, a held
 * chord, a hum, or too short.
 * The confidence, from 0 to 1, grows with the fit to the key's profile, the lead over the next key, and how well the tones keep to twelve notes.
 */
export const estimate = (samples: Float32Array, sampleRate: number, kernels: Kernels): MusicalKey | undefined => {
  const pitches = Pitches.find(samples, sampleRate, kernels)
  const seconds = samples.length / sampleRate
  if (seconds < SHORTEST || pitches.length < LEAST_TONES * seconds) return undefined
  const { agreement, offset } = tuning(pitches)
  const shares = chroma(pitches, offset)
  const most = Math.max(...shares)
  const heard = shares.map((share) => share > 0.1 * most)
  if (heard.filter((isHeard) => isHeard).length < LEAST_NOTES) return undefined
  const changes = changing(pitches, offset)
  if (heard.filter((isHeard, note) => isHeard && changes[note] === true).length < LEAST_CHANGING) return undefined
  const best = bestKey(shares)
  if (best === undefined) return undefined
  const confidence =
    within(best.fit, 0.45, 0.85) *
    (0.35 + 0.65 * within(best.lead, 0, 0.15)) *
    within(agreement, 0.2, 0.6) *
    within(best.own, SCALE[best.mode].random, SCALE[best.mode].keyed)
  return confidence < LEAST_CONFIDENCE
    ? undefined
    : { tonic: best.tonic, mode: best.mode, confidence: Math.round(confidence * 100) / 100 }
}
