import { describe, expect, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import * as SampleMedia from "./SampleMedia.js"

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

describe("SampleMedia", () => {
  it.each(SampleMedia.sounds)("%s is the same every time", (sound) => {
    expect(hash(SampleMedia.wav(sound, { seconds: 1 }))).toBe(hash(SampleMedia.wav(sound, { seconds: 1 })))
  })

  it("gives another noise for another seed", () => {
    expect(hash(SampleMedia.wav("noise", { seed: 2 }))).not.toBe(hash(SampleMedia.wav("noise")))
  })

  it("writes a WAV of the length and shape asked for", () => {
    const wav = SampleMedia.wav("chords", { seconds: 2, sampleRate: 16000, channels: 2 })
    expect(wav.length).toBe(44 + 2 * 16000 * 2 * 2)
    expect([wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([2, 16000])
  })

  it("makes sounds apart from each other, and only silence silent", () => {
    const all = SampleMedia.sounds.map((sound) => SampleMedia.wav(sound, { seconds: 1 }))
    expect(new Set(all.map(hash)).size).toBe(SampleMedia.sounds.length)
    const silent = SampleMedia.sounds.filter((_, n) => all[n]?.subarray(44).every((byte) => byte === 0))
    expect(silent).toEqual(["silence"])
  })

  it("has a sample of every sound and three videos, by name", () => {
    expect(Object.keys(SampleMedia.samples)).toEqual([
      ...SampleMedia.sounds.map((sound) => `${sound}.wav`),
      "video.avi",
      "silent-video.avi",
      "scenes.avi"
    ])
    for (const [name, bytes] of Object.entries(SampleMedia.samples))
      expect(bytes().toString("latin1", 8, 12)).toBe(name.endsWith(".wav") ? "WAVE" : "AVI ")
  })
})
