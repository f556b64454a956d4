import { expect, it } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { SourceFile } from "../kinds.js"
import * as Duplicates from "../library/Duplicates.js"
import { MediaEngine } from "../media/MediaEngine.js"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { readFileSync } from "node:fs"
import { fingerprint } from "./Fingerprint.js"

const installed = await Effect.runPromise(InstalledEngines.find)
const live = (engine: InstalledEngines.EngineName) => MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state))

it.scoped.each(installed)(
  "a FLAC has the samples of its WAV, an MP3 and an Opus its sound, another sound neither, with %s",
  (engine) =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const shape = { seconds: 4, sampleRate: 48_000 }
      const files = [
        yield* SampleMedia.writeWav(folder, "speech", shape),
        yield* EncodedMedia.sound(folder, "speech", "flac", shape),
        yield* EncodedMedia.sound(folder, "speech", "mp3", shape),
        yield* EncodedMedia.sound(folder, "speech", "opus", shape),
        yield* SampleMedia.writeWav(folder, "drums", shape)
      ]
      const prints = yield* Effect.forEach(files, (file: Original, mediaId) =>
        Effect.map(fingerprint.run({ file: new SourceFile({ file, mediaType: "audio/wav" }) }, {}), (found) => {
          const bytes = Buffer.from(found.words, "base64")
          const words = Uint32Array.from({ length: bytes.length / 4 }, (_, n) => bytes.readUInt32BE(4 * n))
          return { mediaId, audioHash: found.audioHash, words, timbre: found.timbre, seconds: found.durationSeconds }
        })
      )
      const found = Duplicates.pairs(prints)
      expect(found.find(([a, b]) => Math.min(a, b) === 0 && Math.max(a, b) === 1)?.[2]).toBe("audio")
      expect(new Set(found.flatMap(([a, b]) => [a, b]))).toEqual(new Set([0, 1, 2, 3]))
      expect(found.every(([a, b, how]) => how === "audio" || (a !== 4 && b !== 4))).toBe(true)
    }).pipe(Effect.provide(live(engine))),
  60_000
)

it.scoped.each(installed)("a sound in another container, or with tags, is the same without decoding, with %s", (engine) =>
  Effect.gen(function* () {
    const folder = yield* TemporaryFolder.make
    const mp3 = yield* EncodedMedia.sound(folder, "speech", "mp3")
    // An empty frame of a tag, 20 bytes.
    const tag = Buffer.from([
      0x49,
      0x44,
      0x33,
      3,
      0,
      0,
      0,
      0,
      0,
      20,
      ...Buffer.from("TIT2"),
      0,
      0,
      0,
      10,
      0,
      0,
      ...Buffer.alloc(10)
    ])
    const tagged = yield* SampleMedia.write(folder, "tagged.mp3", Buffer.concat([tag, readFileSync(mp3.path)]))
    const files = [
      ...[mp3, tagged],
      yield* EncodedMedia.sound(folder, "speech", "m4a"),
      yield* EncodedMedia.sound(folder, "speech", "aac"),
      yield* EncodedMedia.sound(folder, "drums", "aac")
    ]
    const hashes = yield* Effect.forEach(files, (file) =>
      Effect.map(fingerprint.run({ file: new SourceFile({ file, mediaType: "audio/x" }) }, {}), ({ packetHash }) => packetHash)
    )
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes.map((hash) => hashes.indexOf(hash))).toEqual([0, 0, 2, 2, 4])
  }).pipe(Effect.provide(live(engine)))
)
