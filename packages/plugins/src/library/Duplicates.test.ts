import { describe, expect, it } from "@effect/vitest"
import { markdown } from "../meters/markdown.fixture.js"
import { measure } from "../meters/measure.fixture.js"
import { randomFrom, render, type Sound } from "../testing/Synthesis.js"
import { pairs } from "./Duplicates.js"
import * as NearSounds from "./NearSounds.js"
import { isNear, type ComparedSound } from "./ComparedSound.js"

const RATE = 44_100
let count = 0

const print = (samples: Float32Array, sampleRate = RATE): ComparedSound => {
  const [hash = {}, ...rows] = measure({ _tag: "Fingerprint" }, [samples], { sampleRate }).rows
  return {
    mediaId: ++count,
    audioHash: Object.values(hash).join(" "),
    words: Uint32Array.from(rows, ({ bits = 0 }) => bits),
    timbre: measure({ _tag: "Timbre" }, [samples], { sampleRate }).rows.map(({ value = 0 }) => value),
    seconds: samples.length / sampleRate
  }
}

/** What a codec does at its worst: nothing above 6 kHz, and noise of its own. */
const coarse = (samples: Float32Array): Float32Array => {
  const random = randomFrom(9)
  const [a, level] = [1 - Math.exp((-2 * Math.PI * 6000) / RATE), 0.003]
  let [x, y] = [0, 0]
  return samples.map((sample) => {
    x += a * (sample - x)
    y += a * (x - y)
    return y + level * (2 * random() - 1)
  })
}
const variants: Readonly<Record<string, (samples: Float32Array) => Float32Array>> = {
  "as it is": (samples) => samples.slice(),
  "12 dB lower": (samples) => samples.map((sample) => sample / 4),
  "0.4 s cut off": (samples) => samples.slice(Math.round(0.4 * RATE)),
  "a coarse codec": coarse,
  "2 s longer": (samples) => Float32Array.from({ length: samples.length + 2 * RATE }, (_, i) => samples[i] ?? 0),
  "with an echo": (samples) => samples.map((sample, i) => (sample + (samples[i - Math.round(0.31 * RATE)] ?? 0)) / 2)
}
const originals: ReadonlyArray<readonly [name: string, sound: Sound, seconds: number, seed: number]> = [
  ["syllables, 6 s", "speech", 6, 1],
  ["drums, 6 s", "drums", 6, 1],
  ["chords, 6 s", "chords", 6, 1],
  ["sweep, 6 s", "sweep", 6, 1],
  ["noise, 6 s", "noise", 6, 1],
  ["drums, 1 s", "drums", 1, 1],
  ["tone, 6 s", "tone", 6, 1]
]
const made = originals.map(([name, sound, seconds, seed]) => {
  const samples = render(sound, seconds, RATE, seed)
  return { name, sound, samples, print: print(samples) }
})
const told = made.map(({ name, print: own, samples }) => ({
  name,
  results: Object.values(variants).map((vary) => {
    const other = print(vary(samples))
    return own.audioHash === other.audioHash ? "same" : isNear(own, other) ? "near" : "–"
  })
}))

describe("Duplicates", () => {
  it("knows a sound again at another level, trimmed and through a codec", () => {
    for (const { name, results } of told) {
      expect.soft(results[0], name).toBe("same")
      // A single tone, steady or gliding, has little to be known by.
      if (/syllables|drums, 6|chords/.test(name)) expect.soft(results.slice(1, 4), name).toEqual(["near", "near", "near"])
    }
  })

  it("takes no two sounds for one, neither of a kind nor steady ones", () => {
    const other = [
      ...made.map(({ print }) => print),
      print(render("noise", 6, RATE, 2)),
      print(render("noise", 1, RATE, 3)),
      print(new Float32Array(6 * RATE)),
      print(new Float32Array(5 * RATE)),
      print(render("tone", 6, RATE).map((_, i) => 0.5 * Math.sin((2 * Math.PI * 660 * i) / RATE)))
    ]
    expect(pairs(other)).toEqual([])
  })

  it("finds among many by an index what comparing each pair finds", () => {
    const prints = made.flatMap(({ print: own, samples }) => [
      own,
      ...Object.values(variants)
        .slice(1)
        .map((vary) => print(vary(samples)))
    ])
    const found = (most: number) => NearSounds.pairs(prints, most).map(([a, b]) => `${a.mediaId} ${b.mediaId}`)
    expect(found(Infinity).length).toBeGreaterThan(20)
    expect(found(0).sort()).toEqual(found(Infinity).sort())
  })

  it("joins equal sounds by their samples or by their packets, however many they are", () => {
    const sound = (mediaId: number, seed: number, hashes: Partial<ComparedSound>) => ({
      ...print(render("drums", 2, RATE, seed)),
      mediaId,
      ...hashes
    })
    const prints = [
      sound(1, 1, { packetHash: "a" }),
      sound(2, 1, { packetHash: "b" }),
      // Decoded by another engine.
      sound(3, 1, { audioHash: "x", packetHash: "c" }),
      sound(4, 2, { packetHash: "c" })
    ]
    expect(pairs(prints)).toEqual([
      [1, 2, "audio"],
      [3, 4, "audio"],
      [1, 3, "near"]
    ])
  })

  it("is as the table in docs/ says", async () => {
    const rows = told.map(({ name, results }) => [name, ...results])
    await expect(`# Duplicates: what is known again

The stage \`fingerprint\` and \`spool duplicates\` compare the bytes, the sound as it stands in the file and its decoded samples (\`same\`), and the sound by fingerprint, timbre and length together (\`near\`). Each sound below is held against a changed copy of itself.

${markdown([["sound", ...Object.keys(variants)], ...rows])}

No two of these sounds are taken for one, nor two takes of noise, nor silence of two lengths.

Where it fails:

- **A single tone**, steady or gliding, fills too few bands to be known by: only equal samples show it for certain.
- A copy that is more than 2.5 s longer or shorter, twice as long or half, or whose pitch or speed was changed, is another sound.
- Only the first half minute is compared: two long recordings with the same beginning and about the same length are \`near\`.
- Under half a second only equal bytes and equal samples are found.
- Lossy files of the same sound are decoded to other samples by other decoders: \`same\` is then told by their packets, which another container leaves as they are, and another encoder doesn't.
- Among many files of about one length (more than some 600) only those are compared that have a part of their fingerprints in common. Copies that differ in a fifth of their bits are found, of those that differ in more some are missed: \`node benchmarks/duplicates.mjs\` says how many.
`).toMatchFileSnapshot("../../../../docs/duplicates.md")
  })
})
