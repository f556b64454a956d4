import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, FastCheck as fc, Schema } from "effect"
import { Acoustics, MediaStream, Probe, Span } from "../kinds.js"
import { text } from "./Describe.js"
import { sentences } from "./describe/Sentences.js"

const level = fc.double({ min: -90, max: 3, noNaN: true })
const maybe = <A>(value: fc.Arbitrary<A>) => fc.option(value, { nil: undefined })
const confidence = fc.double({ min: 0.25, max: 1, noNaN: true })
const beatsPerMinute = fc.double({ min: 40, max: 220, noNaN: true })

/** Measurements of any sound. */
const acoustics = fc
  .record({
    durationSeconds: fc.double({ min: 0.01, max: 20_000, noNaN: true }),
    channels: fc.integer({ min: 1, max: 8 }),
    sampleRate: fc.constantFrom(8000, 11_025, 44_100, 96_000),
    integratedLoudness: maybe(level),
    loudnessRange: maybe(fc.double({ min: 0, max: 30, noNaN: true })),
    truePeak: maybe(level),
    samplePeak: maybe(level),
    rmsLevel: maybe(level),
    starts: fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 4 }),
    clippedSamples: fc.constantFrom(0, 0, 12, 34_567),
    invalidSamples: fc.constantFrom(undefined, 7, 12_345),
    brightness: maybe(fc.integer({ min: 20, max: 48_000 })),
    noisiness: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
    musicSeconds: fc.constantFrom(undefined, 120),
    tempo: maybe(
      fc.record(
        { beatsPerMinute, confidence, alternative: fc.record({ beatsPerMinute, confidence }) },
        { requiredKeys: ["beatsPerMinute", "confidence"] }
      )
    ),
    key: maybe(
      fc.record({ tonic: fc.constantFrom("C", "F sharp"), mode: fc.constantFrom("major" as const, "minor" as const), confidence })
    )
  })
  .map(({ starts, ...rest }) => {
    const silences = starts.map((start) => new Span({ startSeconds: start * 3, endSeconds: start * 3 + 1.5 }))
    return new Acoustics({ ...rest, silences, silenceRatio: Math.min(1, (silences.length * 1.5) / rest.durationSeconds) })
  })

const video = new Probe({
  container: "mp4",
  durationSeconds: 12,
  streams: [new MediaStream({ type: "video", codec: "h264", width: 640, height: 360 })],
  tags: { title: "A jazz piano ballad, sad" }
})

/** Every number in a text, with half of its last digit's worth. */
const numbers = (written: string) =>
  [...written.matchAll(/-?\d[\d,]*(?:\.(\d+))?/g)].map(([digits, decimals = ""]) => ({
    value: Number(digits.replace(/,/g, "")),
    half: 0.5001 * 10 ** -decimals.length
  }))

/** Everything that a sentence may rest on, in the units in which it is written. */
const measured = (sound: Acoustics): ReadonlyArray<number> => {
  const seconds = [
    sound.durationSeconds,
    sound.musicSeconds ?? 0,
    ...sound.silences.flatMap(({ endSeconds, startSeconds }) => [startSeconds, endSeconds - startSeconds])
  ]
  const whole = seconds.map(Math.round)
  return [
    ...seconds,
    ...whole.flatMap((s) => [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.floor(s / 60), s % 60]),
    sound.channels,
    sound.rmsLevel ?? 0,
    sound.sampleRate / 1000,
    sound.silenceRatio * 100,
    ...[1, 99].filter((percent) => Math.abs(percent - sound.silenceRatio * 100) < 1),
    sound.silences.length,
    sound.clippedSamples,
    sound.invalidSamples ?? 0,
    sound.tempo?.alternative?.beatsPerMinute ?? 0,
    sound.tempo?.alternative?.confidence ?? 0,
    ...[sound.integratedLoudness, sound.loudnessRange, sound.truePeak, sound.samplePeak, sound.brightness, sound.noisiness],
    (sound.brightness ?? 0) / 1000,
    ...[sound.tempo?.beatsPerMinute, sound.tempo?.confidence, sound.key?.confidence]
  ].filter((value) => value !== undefined)
}

describe("describe", () => {
  it.prop("says no number that wasn't measured, and nothing without a number", [acoustics], ([sound]) => {
    for (const sentence of sentences) {
      const said = sentence(sound, (first) => first, undefined)
      if (said === undefined) continue
      expect(numbers(said).length, said).toBeGreaterThan(0)
    }
    const values = measured(sound)
    for (const { half, value } of numbers(text(sound)))
      expect(
        values.some((measured) => Math.abs(measured - value) <= half),
        `${value} in: ${text(sound)}`
      ).toBe(true)
  })

  it.prop("says nothing of what is absent", [acoustics], ([sound]) => {
    const said = text(sound)
    const claims: ReadonlyArray<readonly [unknown, RegExp]> = [
      [sound.tempo, /beats|pulse/],
      [sound.key, /major|minor|tones/],
      [sound.integratedLoudness, /LUFS|loud|quiet/],
      [sound.brightness, /dark|bright|kHz\)|centre/],
      [sound.noisiness, /noise|noisy|tonal|flatness/],
      [sound.invalidSamples, /NaN/],
      [sound.truePeak ?? sound.samplePeak, /peak/i],
      [sound.clippedSamples || undefined, /clip/],
      [sound.silences[0] ?? (sound.silenceRatio >= 1 || undefined), /silen/]
    ]
    for (const [value, words] of claims) if (value === undefined) expect(said).not.toMatch(words)
  })

  it.prop(
    "never speaks of words, instruments, genre or mood",
    [acoustics, fc.constantFrom(undefined, video)],
    ([sound, probe]) => {
      expect(text(sound, probe)).not.toMatch(
        /\b(speech|voice|word|sing|music|song|guitar|piano|drum|jazz|rock|happy|sad|calm|mood|title)/i
      )
    }
  )

  it.prop("says the same of the same", [acoustics], ([sound]) => {
    expect(text(sound)).toBe(text(Schema.decodeSync(Acoustics)(Schema.encodeSync(Acoustics)(sound))))
  })

  it("says it in several ways", () => {
    const openings = fc
      .sample(acoustics, { numRuns: 60, seed: 1 })
      .map((sound) => text(sound).replace(/[\d.,-]+|mono|stereo/gi, "·"))
    expect(new Set(openings.map((opening) => opening.split(" ").slice(0, 3).join(" "))).size).toBeGreaterThan(4)
  })

  it("hedges by confidence", () => {
    const of = (confidence: number) =>
      text(
        new Acoustics({
          durationSeconds: 8,
          channels: 2,
          sampleRate: 48_000,
          silences: [],
          silenceRatio: 0,
          clippedSamples: 0,
          tempo: { beatsPerMinute: 119.9, confidence },
          key: { tonic: "C", mode: "major", confidence }
        })
      )
    expect(of(0.9)).toContain(
      "It keeps a steady pulse of about 120 beats a minute (confidence 0.90). Its tones fit C major (confidence 0.90)."
    )
    expect(of(0.6)).toContain("It probably has a pulse")
    expect(of(0.3)).toContain("It may have a pulse")
    expect(of(0.3)).toContain("Its tones may belong to C major")
  })

  it("speaks of the beginning where only that was listened to", () => {
    const [sound] = fc.sample(acoustics, { numRuns: 1, seed: 2 })
    const tempo = { beatsPerMinute: 90, confidence: 0.8 }
    const said = sound && text(new Acoustics({ ...sound, durationSeconds: 600, musicSeconds: 120, tempo }))
    expect(said).toContain("In its first 2 min 0 s it keeps a steady pulse of about 90 beats a minute")
  })

  it("keeps two digits of a short length, and none of a long one", () => {
    const lengthOf = (durationSeconds: number) =>
      text(new Acoustics({ durationSeconds, channels: 1, sampleRate: 8000, silences: [], silenceRatio: 0, clippedSamples: 0 }))
    expect(lengthOf(0.05)).toContain("0.05 seconds")
    expect(lengthOf(0.25)).toContain("0.25 seconds")
    expect(lengthOf(0.999)).toContain("1.0 seconds")
    expect(lengthOf(12.4)).toContain("12 seconds")
    expect(lengthOf(59.7)).toContain("1 min 0 s")
  })

  it("calls nothing bright that is silent, and no ultrasound bright", () => {
    const [sound] = fc.sample(acoustics, { numRuns: 1, seed: 4 })
    const of = (given: Partial<Acoustics>) => sound && text(new Acoustics({ ...sound, ...given }))
    expect(of({ silenceRatio: 1, brightness: 9000, noisiness: 0.9 })).not.toMatch(/bright|noise/)
    expect(of({ silenceRatio: 0, brightness: 45_000, noisiness: 0.01 })).toContain(
      "Most of it is ultrasound: its spectrum is centred on 45 kHz, above what people hear."
    )
  })

  it("calls infrasound what it is", () => {
    const [sound] = fc.sample(acoustics, { numRuns: 1, seed: 6 })
    const of = (given: Partial<Acoustics>) => sound && text(new Acoustics({ ...sound, silenceRatio: 0, ...given }))
    expect(of({ brightness: 39, rmsLevel: -13.5, integratedLoudness: -37.9 })).toContain(
      "Most of it is infrasound, below what people hear: of its level of -13.5 dBFS they hear -37.9 LUFS."
    )
    expect(of({ brightness: 5, rmsLevel: -13.5, integratedLoudness: undefined })).toContain(
      "Most of it is infrasound: its spectrum is centred on 5 Hz, below what people hear."
    )
    expect(of({ brightness: 50, rmsLevel: -13.5, integratedLoudness: -22.5 })).toMatch(/dark/)
  })

  it("says that what stays under the threshold is nearly silent, and doesn't call it quiet besides", () => {
    const [sound] = fc.sample(acoustics, { numRuns: 1, seed: 7 })
    const said = sound && text(new Acoustics({ ...sound, silenceRatio: 1, samplePeak: -55, integratedLoudness: -58.7 }))
    expect(said).toMatch(/silent or nearly so\. It measures -58\.7 LUFS/)
  })

  it("gives both ways to count a beat where the sound leaves that open", () => {
    const [sound] = fc.sample(acoustics, { numRuns: 1, seed: 5 })
    const tempo = { beatsPerMinute: 120, confidence: 0.84, alternative: { beatsPerMinute: 60, confidence: 0.39 } }
    expect(sound && text(new Acoustics({ ...sound, tempo }))).toContain(
      "about 120 beats a minute (confidence 0.84), or of about 60 (confidence 0.39)."
    )
  })

  it("speaks of the picture when there is one", () => {
    const sound = fc.sample(acoustics, { numRuns: 1, seed: 3 })[0]
    expect(sound && text(sound, video)).toMatch(/^A video of .* at 640 by 360 pixels, with /)
  })

  it("takes any measurements that the kind allows", () => {
    for (const sound of fc.sample(Arbitrary.make(Acoustics), 200)) expect(text(sound).length).toBeGreaterThan(0)
  })
})
