import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { MediaEngine } from "../../media/MediaEngine.js"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as Broadcast from "./Broadcast.fixture.js"
import { chunks, essenceOf, withReader } from "./essence.js"
import * as TagFile from "./tagFile.js"

const engine = MediaEngine.layer.pipe(Layer.provideMerge(TemporaryFolder.state))
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex")

const values = [
  ["MEDIASPOOL_CAPTION", "Regen fällt. 雨が降る。"],
  ["MEDIASPOOL_EMOTION", "sad; calm"]
] as const

const write = (file: string) =>
  Effect.promise(() =>
    TagFile.write(
      file,
      values,
      () => true,
      () => Promise.resolve()
    )
  )

describe("write-tags", () => {
  it.scoped.each(["RIFF", "RF64"] as const)("appends to a %s broadcast wave, and changes six bytes of it", (form) =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = join(folder, "a.wav")
      const before = Broadcast.make(form)
      yield* Effect.sync(() => {
        writeFileSync(file, before)
        chmodSync(file, 0o640)
        utimesSync(file, 1_000_000_000, 1_000_000_000)
      })
      const old = sha256(file)
      const written = yield* write(file)
      const after = readFileSync(file)
      const changed = [...before].filter((byte, i) => after[i] !== byte).length
      expect(changed).toBeLessThanOrEqual(6)
      expect(statSync(file)).toMatchObject({ mtimeMs: 1_000_000_000_000 })
      expect(statSync(file).mode & 0o777).toBe(0o640)
      expect(withReader(file, (reader) => chunks(reader, "wav")).at(-1)?.name).toBe("ID3 ")
      // Again with the same values there is nothing to do; with others the old ones go.
      expect(yield* Effect.promise(() => TagFile.diff(file, values))).toEqual([])
      expect(yield* Effect.promise(() => TagFile.diff(file, [["MEDIASPOOL_EMOTION", "happy"]]))).toEqual([
        { name: "MEDIASPOOL_EMOTION", before: "sad; calm", after: "happy" }
      ])
      yield* Effect.promise(() => TagFile.undo(file, written))
      expect(sha256(file)).toBe(old)
      expect(readdirSync(folder)).toEqual(["a.wav"])
    })
  )

  it.scopedLive(
    "writes into what the engine makes, and every decoder hears the same",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const media = yield* MediaEngine
        const source = yield* SampleMedia.writeWav(folder, "chords", { seconds: 1 })
        yield* Effect.sync(() => mkdirSync(join(folder, "out")))
        for (const [container, codec, name] of [
          ["mp3", "mp3", "a.mp3"],
          ["flac", "flac", "a.flac"],
          ["ogg", "vorbis", "a.ogg"],
          ["opus", "opus", "a.opus"],
          ["m4a", "aac", "a.m4a"]
        ] as const) {
          const path = join(folder, "out", name)
          yield* media.ask(source, { _tag: "AudioCopy", path, container, codec })
          const [old, essence] = [sha256(path), essenceOf(path)]
          const levels = yield* media.ask(yield* SampleMedia.original(path), { _tag: "Levels" })
          const written = yield* write(path)
          expect(essenceOf(path), name).toBe(essence)
          const tagged = yield* SampleMedia.original(path)
          expect(yield* media.ask(tagged, { _tag: "Levels" }), name).toEqual(levels)
          if (container !== "m4a") {
            const { tags } = yield* media.probe(tagged)
            expect(tags["mediaspool_caption"], name).toBe(values[0][1])
          }
          expect(yield* Effect.promise(() => TagFile.diff(path, values)), name).toEqual([])
          yield* Effect.promise(() => TagFile.undo(path, written))
          expect(sha256(path), name).toBe(old)
        }
        expect(readdirSync(join(folder, "out")).length).toBe(5)
      }).pipe(Effect.provide(engine)),
    60_000
  )

  it.scoped("leaves alone what it can't write, what is unknown, and what changed", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const at = (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes)
        return join(folder, name)
      }
      const code = (work: () => Promise<unknown>) =>
        Effect.map(Effect.flip(Effect.tryPromise({ try: work, catch: (cause) => cause })), (cause) =>
          cause instanceof Error && "code" in cause ? cause.code : cause
        )
      const mkv = at("a.mkv", Buffer.from("1a45dfa3", "hex"))
      const text = at("a.txt", Buffer.from("no media"))
      for (const file of [mkv, text]) expect(yield* code(() => TagFile.diff(file, values))).toBe("TagFormatUnsupported")
      const wav = at("a.wav", Broadcast.make("RIFF"))
      expect(
        yield* code(() =>
          TagFile.write(
            wav,
            values,
            () => false,
            () => Promise.resolve()
          )
        )
      ).toBe("TagFileChanged")
      // Somebody writes the file while the copy is made.
      const late = () => Promise.resolve(writeFileSync(wav, Buffer.concat([Broadcast.make("RIFF"), Buffer.from("more")])))
      expect(yield* code(() => TagFile.write(wav, values, () => true, late))).toBe("TagFileChanged")
      expect(readdirSync(folder).sort()).toEqual(["a.mkv", "a.txt", "a.wav"])
      expect(readFileSync(wav).subarray(-4).toString()).toBe("more")
    })
  )
})
