import { describe, expect, it } from "@effect/vitest"
import { randomFrom, render } from "../testing/Synthesis.js"
import { onKernels } from "./measure.fixture.js"
import * as MusicalKey from "./MusicalKey.js"

const RATE = 11_025

const estimate = (samples: Float32Array) => onKernels((kernels) => MusicalKey.estimate(samples, RATE, kernels))

/** Chords of one second each, every note with three overtones. MIDI numbers; a fraction is out of tune. */
const chords = (...progression: ReadonlyArray<ReadonlyArray<number>>) =>
  Float32Array.from({ length: progression.length * RATE }, (_, i) => {
    const within = (i % RATE) / RATE
    let sum = 0
    for (const note of progression[Math.floor(i / RATE)] ?? [])
      for (let overtone = 1; overtone <= 4; overtone++)
        sum += Math.sin(2 * Math.PI * overtone * 440 * 2 ** ((note - 69) / 12) * within) / overtone
    return 0.1 * Math.min(1, within * 50) * Math.exp(-within) * sum
  })

const major = [
  [60, 64, 67],
  [65, 69, 72],
  [67, 71, 74],
  [60, 64, 67],
  [57, 60, 64],
  [62, 65, 69],
  [67, 71, 74],
  [60, 64, 67]
] // I IV V I vi ii V I
const minor = [
  [57, 60, 64],
  [62, 65, 69],
  [64, 68, 71],
  [57, 60, 64],
  [65, 69, 72],
  [62, 65, 69],
  [64, 68, 71],
  [57, 60, 64]
] // i iv V i VI iv V i

const moved = (progression: ReadonlyArray<ReadonlyArray<number>>, by: number) =>
  chords(...progression.map((chord) => chord.map((note) => note + by)))

describe("MusicalKey", () => {
  it.each([-5, -3, 0, 2, 4, 6])("hears a major and a minor progression moved by %i semitones", (by) => {
    const tonic = (note: number) => MusicalKey.notes[(note + by + 12) % 12]
    expect(estimate(moved(major, by))).toMatchObject({ tonic: tonic(0), mode: "major" })
    expect(estimate(moved(minor, by))).toMatchObject({ tonic: tonic(9), mode: "minor" })
  })

  it("hears it out of tune as well", () => expect(estimate(moved(major, 0.35))).toMatchObject({ tonic: "C", mode: "major" }))

  it("is surer of a whole progression than of its beginning", () => {
    const whole = estimate(render("chords", 12, RATE))
    const beginning = estimate(render("chords", 3, RATE))
    expect(whole).toMatchObject({ tonic: "C", mode: "major" })
    expect(whole?.confidence).toBeGreaterThan(beginning?.confidence ?? 0)
  })

  it.each(["tone", "noise", "silence", "sweep", "clipped", "drums", "speech"] as const)("names no key for %s", (sound) => {
    for (const seconds of [0, 0.01, 1, 3, 12]) expect(estimate(render(sound, seconds, RATE))).toBeUndefined()
  })

  it("names no key for the hum of the mains, nor for a chord of many notes that is held", () => {
    const held = (...tones: ReadonlyArray<number>) =>
      Float32Array.from({ length: 8 * RATE }, (_, i) =>
        tones.reduce((sum, hertz, n) => sum + (0.2 / (1 + n / 3)) * Math.sin((2 * Math.PI * hertz * i) / RATE), 0)
      )
    expect(estimate(held(50, 100, 150, 200, 250, 300, 350))).toBeUndefined()
    expect(estimate(held(60, 120, 180, 240, 300, 360, 420))).toBeUndefined()
    expect(estimate(held(220, 277.2, 329.6, 415.3, 246.9))).toBeUndefined()
  })

  it.each([1, 2, 3, 4, 5, 6])("names no key for notes at random (%i)", (seed) => {
    const random = randomFrom(seed)
    const note = () => 45 + Math.floor(36 * random())
    expect(estimate(chords(...Array.from({ length: 40 }, () => [note(), note(), note()])))).toBeUndefined()
  })

  it("hears a minor key by its raised seventh", () => {
    // All but the fourth and sixth chord are those of D minor and F major, too.
    const cadence = [
      [57, 60, 64],
      [53, 57, 60],
      [62, 65, 69],
      [64, 68, 71],
      [57, 60, 64],
      [64, 68, 71],
      [57, 60, 64]
    ]
    expect(estimate(chords(...cadence))).toMatchObject({ tonic: "A", mode: "minor" })
  })

  it("names no key for one chord, nor for a second of music", () => {
    expect(estimate(chords([60, 64, 67], [60, 64, 67], [60, 64, 67], [60, 64, 67]))).toBeUndefined()
    expect(estimate(chords([60, 64, 67]))).toBeUndefined()
  })
})
