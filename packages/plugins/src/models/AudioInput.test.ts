import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as AudioInput from "./AudioInput.js"
import * as ModelSpec from "./catalog/ModelSpec.js"
import * as ProviderCatalog from "./catalog/ProviderCatalog.js"
import type { ProviderSettings } from "./catalog/Provider.js"

const route = (settings: ProviderSettings = {}, model?: string) => {
  const provider = Either.getOrThrow(ProviderCatalog.resolve("dashscope-intl", { "dashscope-intl": settings }))
  return { provider, model: Either.getOrThrow(ModelSpec.resolve(provider, model, model === undefined ? "caption" : "ask")) }
}
const way = (sound: Partial<AudioInput.Sound>, cut = false, { model, provider } = route()) =>
  AudioInput.way(provider, model, { container: "mp3", codec: "mp3", bytes: 100_000, seconds: 20, ...sound }, cut)
const minutes = 60

describe("AudioInput", () => {
  it("keeps channels apart where they are places, as PCM, and says when that is too much", () => {
    const provider = Either.getOrThrow(ProviderCatalog.resolve("dashscope-us", {}))
    const model = Either.getOrThrow(ModelSpec.resolve(provider, "qwen3.8-omni-flash", "ask"))
    const sound = { container: "flac", codec: "flac", bytes: 4e6, seconds: 20, channels: 6 }
    expect(AudioInput.way(provider, model, sound, false)).toEqual(
      Either.right({ encoding: { container: "wav", codec: "pcm_s16le", sampleRate: 16_000, channels: 6 }, by: "data" })
    )
    expect(AudioInput.way(provider, model, { ...sound, seconds: 90 }, false)).toMatchObject({ left: { code: "AudioTooLarge" } })
  })

  it("sends a file as it is when the model takes it", () => {
    for (const [container, codec] of [
      ["mp3", "mp3"],
      ["wav", "pcm_s16le"],
      ["wav", "gsm_ms"],
      ["aac", "aac"],
      ["amr", "amr_nb"]
    ] as const)
      expect(way({ container, codec })).toEqual(Either.right({ encoding: undefined, by: "data" }))
  })

  it("makes a copy of what the model doesn't take: another container, another codec in the same, a part", () => {
    const copy = Either.right({
      encoding: { container: "mp3", codec: "mp3", sampleRate: 16_000, channels: 1, bitRate: 64_000 },
      by: "data"
    })
    expect(way({ container: "flac", codec: "flac" })).toEqual(copy)
    expect(way({ container: "wav", codec: "adpcm_ms" })).toEqual(copy)
    expect(way({}, true)).toEqual(copy)
  })

  it("makes an 11 MB base64 smaller by the best bit rate that fits", () => {
    const rate = (seconds: number) => Either.getOrThrow(way({ bytes: 8_300_000, seconds })).encoding?.bitRate
    expect([rate(10 * minutes), rate(20 * minutes), rate(30 * minutes), rate(40 * minutes)]).toEqual([
      64_000, 48_000, 32_000, 24_000
    ])
  })

  it("sends what is shorter than a second as PCM, to be padded", () => {
    expect(Either.getOrThrow(way({ seconds: 0.4 }))).toMatchObject({ encoding: { container: "wav", codec: "pcm_s16le" } })
  })

  it("refuses 41 minutes at once: which limit, by how much, which setting", () => {
    const error = Either.getOrThrow(Either.flip(way({ seconds: 41 * minutes })))
    expect([error.code, error.retry, error.message]).toEqual([
      "AudioTooLong",
      "never",
      "41:00 is 1:00 more than the 40:00 that 'qwen3-omni-30b-a3b-captioner' takes at once from 'dashscope-intl'"
    ])
    expect(error.help).toContain("window")
  })

  it("uploads what is too large for a request, where the provider does", () => {
    const plus = (settings: ProviderSettings) =>
      way({ bytes: 500_000_000, seconds: 3 * 3600 }, false, route(settings, "qwen3.5-omni-plus"))
    const error = Either.getOrThrow(Either.flip(plus({})))
    expect([error.code, error.message]).toEqual([
      "AudioTooLarge",
      "180:00 make 28.8 MB of base64 even at 16 kbps, 18.3 MB more than 'qwen3.5-omni-plus' takes in a request"
    ])
    expect(error.help).toContain("upload")
    expect(plus({ upload: true })).toEqual(Either.right({ encoding: undefined, by: "upload" }))
  })

  it.prop(
    "never chooses a way that the model would refuse",
    [
      fc.constantFrom("mp3", "wav", "flac", "ogg"),
      fc.integer({ min: 1, max: 2e9 }),
      fc.double({ min: 0.01, max: 15_000, noNaN: true }),
      fc.boolean(),
      fc.boolean()
    ],
    ([container, bytes, seconds, cut, upload]) => {
      const at = route({ upload })
      const found = way({ container, codec: container === "wav" ? "pcm_s16le" : container, bytes, seconds }, cut, at)
      if (Either.isLeft(found)) return
      const { by, encoding } = found.right
      const limits = at.model.audio
      expect(seconds).toBeLessThanOrEqual(limits?.maxSeconds ?? 0)
      if (by === "upload") expect(upload).toBe(true)
      else {
        const size = encoding === undefined ? bytes : (seconds * (encoding.bitRate ?? 256_000)) / 8
        expect(AudioInput.dataUrlBytes(size, container)).toBeLessThan(limits?.maxBase64Bytes ?? 0)
      }
      if (encoding === undefined) expect(limits?.formats).toContain(container)
    }
  )

  it.scoped("reads a file as a data URL, whatever its length is to three", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "audio-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const { model } = route()
      for (const size of [1, 2, 3, 196_607, 196_608, 196_609, 600_001]) {
        const bytes = Buffer.alloc(size, "abcdefg")
        writeFileSync(join(folder, "a.mp3"), bytes)
        const { format, url } = yield* AudioInput.read(join(folder, "a.mp3"), "mp3", model, 10)
        expect([format, url === `data:audio/mpeg;base64,${bytes.toString("base64")}`]).toEqual(["mp3", true])
        expect(url.length).toBe(AudioInput.dataUrlBytes(size, "mp3"))
      }
      writeFileSync(join(folder, "b.wav"), SampleMedia.wav("tone", { seconds: 0.2, sampleRate: 16000 }))
      const { url } = yield* AudioInput.read(join(folder, "b.wav"), "wav", model, 0.2)
      const padded = Buffer.from(url.slice(url.indexOf(",") + 1), "base64")
      expect(padded.length).toBe(44 + 32_000)
      writeFileSync(join(folder, "c.mp3"), Buffer.alloc(8_000_000))
      const large = yield* Effect.flip(AudioInput.read(join(folder, "c.mp3"), "mp3", model, 10))
      expect([large.code, large.message]).toEqual([
        "AudioTooLarge",
        "the copy came out as 10.7 MB of base64, 0.2 MB more than 'qwen3-omni-30b-a3b-captioner' takes in a request"
      ])
      writeFileSync(join(folder, "d.mp3"), "")
      expect((yield* Effect.flip(AudioInput.read(join(folder, "d.mp3"), "mp3", model, 10))).code).toBe("AudioUnreadable")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})

describe("Padding a WAV file", () => {
  it("puts silence after the sound, and leaves the rest alone", () => {
    const wav = SampleMedia.wav("tone", { seconds: 0.2, sampleRate: 8000, channels: 2 })
    const padded = AudioInput.padWav(wav, 1)
    expect(padded.length).toBe(44 + 8000 * 4)
    expect([padded.readUInt32LE(4), padded.readUInt32LE(40)]).toEqual([padded.length - 8, 8000 * 4])
    expect(padded.subarray(44, wav.length)).toEqual(wav.subarray(44))
    expect(padded.subarray(wav.length).every((byte) => byte === 0)).toBe(true)
    expect(AudioInput.padWav(padded, 1)).toBe(padded)
  })

  it.prop("takes any bytes", [fc.uint8Array({ maxLength: 200 })], ([bytes]) => {
    expect(AudioInput.padWav(Buffer.from(bytes), 1).length).toBeGreaterThanOrEqual(bytes.length)
  })
})
