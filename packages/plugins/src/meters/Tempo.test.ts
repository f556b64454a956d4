import { describe, expect, it } from "@effect/vitest"
import { randomFrom, render } from "../testing/Synthesis.js"
import { drumLoop, patterns, type Pattern } from "./DrumLoop.fixture.js"
import { markdown } from "./markdown.fixture.js"
import { onKernels } from "./measure.fixture.js"
import * as Tempo from "./Tempo.js"

const RATE = 11_025

/** Clicks, each off its beat by up to half of `jitter` beats either way. */
const clicks = (beatsPerMinute: number, seconds: number, jitter = 0) => {
  const samples = new Float32Array(seconds * RATE)
  const random = randomFrom(7)
  for (let beat = 0; beat < (seconds * beatsPerMinute) / 60; beat++) {
    const at = Math.round(((beat + (random() - 0.5) * jitter) * 60 * RATE) / beatsPerMinute)
    for (let i = Math.max(0, -at); i < 200 && at + i < samples.length; i++)
      samples[at + i] = 0.8 * Math.exp(-i / 40) * Math.sin(0.6 * i)
  }
  return samples
}

const estimate = (samples: Float32Array) => onKernels((kernels) => Tempo.estimate(samples, RATE, kernels))

const tempi = [60, 72, 80, 90, 100, 110, 120, 140, 160, 174, 180]
const isNear = (found: number, beatsPerMinute: number) => Math.abs(found / beatsPerMinute - 1) <= 0.03

const estimates = new Map<string, Tempo.Tempo | undefined>()
/** Each loop is listened to once. */
const ofLoop = (pattern: Pattern, beatsPerMinute: number): Tempo.Tempo | undefined => {
  const name = `${pattern} ${beatsPerMinute}`
  if (!estimates.has(name)) estimates.set(name, estimate(drumLoop(pattern, beatsPerMinute, 12, RATE)))
  return estimates.get(name)
}

/** How one loop is told: the tempo, or in brackets the second way to count it where the first is another. */
const told = (pattern: Pattern, beatsPerMinute: number): string => {
  const tempo = ofLoop(pattern, beatsPerMinute)
  if (tempo === undefined) return "–"
  const first = `${Math.round(tempo.beatsPerMinute)} (${tempo.confidence.toFixed(2)})`
  if (isNear(tempo.beatsPerMinute, beatsPerMinute) || tempo.alternative === undefined) return first
  return `${first} or ${Math.round(tempo.alternative.beatsPerMinute)} (${tempo.alternative.confidence.toFixed(2)})`
}

const plain = ["clicks", "clicks, accented", "bass drum", "bass and snare", "eighths", "sixteenths", "four on the floor"] as const

describe("Tempo", () => {
  it.each([45, 60, 88, 120, 133, 174, 200])("hears %i clicks a minute", (beatsPerMinute) => {
    const tempo = estimate(clicks(beatsPerMinute, 12))
    expect(Math.abs((tempo?.beatsPerMinute ?? 0) / beatsPerMinute - 1)).toBeLessThan(0.01)
    expect(tempo?.confidence).toBeGreaterThan(0.8)
    expect(tempo?.alternative).toBeUndefined()
  })

  it.each(plain)("hears the beat of a plain loop at any speed: %s", (pattern) => {
    for (const beatsPerMinute of tempi) {
      const tempo = ofLoop(pattern, beatsPerMinute)
      expect.soft(isNear(tempo?.beatsPerMinute ?? 0, beatsPerMinute), `${beatsPerMinute}: ${tempo?.beatsPerMinute}`).toBe(true)
    }
  })

  it.each(["half time", "two-step", "clave", "broken"] as const)("tells a %s as it may be counted, or nothing", (pattern) => {
    for (const beatsPerMinute of tempi) {
      const tempo = ofLoop(pattern, beatsPerMinute)
      const counts = [tempo?.beatsPerMinute, tempo?.alternative?.beatsPerMinute].flatMap((one) => one ?? [])
      const isTold = counts.some((count) => isNear(count, beatsPerMinute) || isNear(count, beatsPerMinute / 2))
      expect.soft(tempo === undefined || isTold, `${beatsPerMinute}: ${counts.join(" or ")}`).toBe(true)
    }
  })

  it("is as the table in docs/ says", async () => {
    const rows = patterns.map((pattern) => [pattern, ...tempi.map((beatsPerMinute) => told(pattern, beatsPerMinute))])
    await expect(
      `# Tempo: generated loops and what is told of them

Each loop is 12 seconds long. The columns are the beats a minute that it was made with, the cells what \`acoustic\` tells, with its confidence; "or" is the second way to count that it gives where the sound leaves both open. Plain loops and click tracks are told within 3 %; where a drum plays on the half of the beat as strongly as on the beat, the count may be twice or half of what the drummer meant.

${markdown([["loop", ...tempi.map(String)], ...rows])}

\`eighths\` and \`sixteenths\` are bass and snare drum by turns with a hi-hat between; \`subdivided\` a metronome with a softer click between two; \`broken\` a bass drum off the beat; \`half time\` has its snare drum once in four beats, \`two-step\` its second bass drum off the beat, and \`clave\` nothing but five strokes in four beats. A bar of which nothing tells how it is divided has no tempo.
`
    ).toMatchFileSnapshot("../../../../docs/tempo.md")
  })

  it("hears the drums at 120, in three seconds as in twelve", () => {
    for (const seconds of [3, 12]) expect(estimate(render("drums", seconds, RATE))?.beatsPerMinute).toBeCloseTo(120, -0.5)
  })

  it("is less sure of an unsteady beat, and silent on a random one", () => {
    const confidences = [0, 0.1, 0.2].map((jitter) => estimate(clicks(120, 20, jitter))?.confidence ?? 0)
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a))
    expect(estimate(clicks(120, 20, 1))).toBeUndefined()
  })

  it.each(["tone", "noise", "silence", "sweep", "clipped"] as const)("names no tempo for %s", (sound) => {
    for (const seconds of [0, 0.01, 1, 3, 12]) expect(estimate(render(sound, seconds, RATE))).toBeUndefined()
  })

  it("names no tempo for what flutters: a vibrato, a ring, a motor", () => {
    const flutter = (hertz: number, sample: (phase: number, time: number) => number) =>
      Float32Array.from({ length: 8 * RATE }, (_, i) => sample((2 * Math.PI * hertz * i) / RATE, i / RATE))
    const vibrato = (hertz: number) =>
      flutter(hertz, (phase, time) => 0.3 * Math.sin(2 * Math.PI * 440 * time - (8 / hertz) * Math.cos(phase)))
    const ring = (hertz: number) =>
      flutter(hertz, (phase, time) => 0.3 * (Math.sin(phase) > 0 ? 1 : 0.2) * Math.sin(2 * Math.PI * 900 * time))
    for (const sound of [vibrato(5), vibrato(5.5), vibrato(6), ring(12)]) expect.soft(estimate(sound)).toBeUndefined()
    expect(estimate(clicks(120, 12))?.beatsPerMinute).toBeCloseTo(120, -0.5)
  })

  it("names no tempo of infrasound that is sampled slowly", () => {
    const slow = Float32Array.from({ length: 8000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 8 * i) / 400))
    expect(onKernels((kernels) => Tempo.estimate(slow, 400, kernels))).toBeUndefined()
  })

  it("names no tempo for two seconds of a beat", () => expect(estimate(clicks(120, 2))).toBeUndefined())
})
