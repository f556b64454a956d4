import { fourier } from "./Fourier.js"
import type { Kernels } from "./Kernels.js"

const FRAME = 8192
const HOP = 4096
/** Hz between which notes are looked for. */
const LOWEST = 60
const HIGHEST = 2100
/** A note stands this much above the spectrum around it; noise hardly ever does. */
const PROMINENCE = 4
/** Bins on either side that are "around", without those next to the note, where its own width lies. */
const AROUND = 24
const BESIDE = 4
/** A note quieter than this share of the frame's loudest is an artefact. */
const FAINTEST = 0.03

/** A tone found in one frame. */
export interface Pitch {
  /** Semitones above C0 (16.35 Hz), between two notes as well. */
  readonly semitone: number
  readonly weight: number
  /** Counted from 0. */
  readonly frame: number
}

const semitoneOf = (hertz: number): number => 12 * Math.log2(hertz / 440) + 57

/** Whether a tone is an overtone of a lower one that is about as loud or louder. */
const isOvertone = (hertz: number, loud: number, lower: ReadonlyArray<{ readonly hertz: number; readonly loud: number }>) =>
  lower.some((base) => {
    const ratio = hertz / base.hertz
    const nearest = Math.round(ratio)
    return nearest >= 2 && nearest <= 10 && Math.abs(ratio - nearest) < 0.02 * nearest && base.loud > 0.7 * loud
  })

/** All tones of mono samples, without their overtones: one list for all frames. */
export const find = (samples: Float32Array, sampleRate: number, kernels: Kernels): ReadonlyArray<Pitch> => {
  const count = samples.length < FRAME / 2 ? 0 : Math.max(1, Math.ceil((samples.length - FRAME) / HOP) + 1)
  const { input, powers, transform } = fourier(kernels, FRAME)
  const width = sampleRate / FRAME
  const first = Math.max(AROUND, Math.floor(LOWEST / width))
  const last = Math.min(FRAME / 2 - AROUND - 1, Math.ceil(HIGHEST / width))
  const bins = new Float32Array(FRAME / 2)
  const pitches: Array<Pitch> = []
  const at = (bin: number) => bins[bin] ?? 0
  const sums = new Float64Array(FRAME / 2 + 1)
  const sum = (from: number, to: number) => (sums[to] ?? 0) - (sums[from] ?? 0)
  const around = (bin: number) =>
    (sum(bin - AROUND, bin - BESIDE) + sum(bin + BESIDE + 1, bin + AROUND + 1)) / (2 * (AROUND - BESIDE))
  for (let i = 0; i < count; i++) {
    const frame = samples.subarray(i * HOP, i * HOP + FRAME)
    input.fill(0, frame.length).set(frame)
    transform()
    for (let bin = first - AROUND; bin <= last + AROUND; bin++) {
      const loud = Math.sqrt(powers[bin] ?? 0)
      bins[bin] = loud
      sums[bin + 1] = (sums[bin] ?? 0) + loud
    }
    let loudest = 0
    for (let bin = first; bin <= last; bin++) loudest = Math.max(loudest, at(bin))
    // Below -80 dBFS nothing is heard.
    if (loudest < 1e-4) continue
    const found: Array<{ readonly hertz: number; readonly loud: number }> = []
    for (let bin = first; bin <= last; bin++) {
      const loud = at(bin)
      if (loud < FAINTEST * loudest || loud <= at(bin - 1) || loud < at(bin + 1) || loud < PROMINENCE * around(bin)) continue
      const left = Math.log(at(bin - 1) + 1e-12)
      const middle = Math.log(loud)
      const right = Math.log(at(bin + 1) + 1e-12)
      const hertz = (bin + (left - right) / (2 * (left - 2 * middle + right))) * width
      if (!isOvertone(hertz, loud, found))
        pitches.push({ semitone: semitoneOf(hertz), weight: Math.sqrt(loud / loudest), frame: i })
      found.push({ hertz, loud })
    }
  }
  return pitches
}
