import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule } from "effect"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { MediaEngine } from "../../media/MediaEngine.js"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as CopyBeside from "./CopyBeside.js"
import * as Broadcast from "./Broadcast.fixture.js"
import { box } from "./Mp4Box.js"
import { chunks, essenceOf, withReader } from "./essence.js"
import * as TagFile from "./tagFile.js"
import type { TagError } from "./TagError.js"

const engine = MediaEngine.layer.pipe(Layer.provideMerge(TemporaryFolder.state))
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex")

const values = [
  ["MEDIASPOOL_CAPTION", "Regen fällt. 雨が降る。"],
  ["MEDIASPOOL_EMOTION", "sad; calm"]
] as const

const write = (file: string) =>
  TagFile.write(
    file,
    values,
    () => true,
    () => Effect.void
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
      expect((yield* withReader(file, (reader) => chunks(reader, "wav"))).at(-1)?.name).toBe("ID3 ")
      // Again with the same values there is nothing to do; with others the old ones go.
      expect(yield* TagFile.diff(file, values)).toEqual([])
      expect(yield* TagFile.diff(file, [["MEDIASPOOL_EMOTION", "happy"]])).toEqual([
        { name: "MEDIASPOOL_EMOTION", before: "sad; calm", after: "happy" }
      ])
      yield* TagFile.undo(file, written)
      expect(sha256(file)).toBe(old)
      expect(readdirSync(folder)).toEqual(["a.wav"])
      // As after a write, or an undo, that was cut off: the journal names it, and it is what it was.
      yield* TagFile.undo(file, written)
      expect(sha256(file)).toBe(old)
      yield* Effect.sync(() => writeFileSync(file, "another"))
      expect(yield* Effect.flip(TagFile.undo(file, written))).toMatchObject({ code: "TagFileChanged" })
    })
  )

  /** A block of a FLAC. */
  const block = (kind: number, body: Buffer, isLast = false) =>
    Buffer.concat([Buffer.from([kind | (isLast ? 0x80 : 0), 0, body.length >> 8, body.length & 0xff]), body])

  it.scoped.each([
    ["padding", 4096],
    ["no padding", undefined]
  ] as const)("keeps the blocks of a FLAC with %s as they are, and where they are", ([, padding]) =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = join(folder, "a.flac")
      const number = (value: number) => Buffer.from([value, 0, 0, 0])
      const entry = (text: string) => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)])
      const comments = (...entries: ReadonlyArray<string>) =>
        block(4, Buffer.concat([entry("some encoder"), number(entries.length), ...entries.map(entry)]))
      const info = block(0, Buffer.alloc(34, 7))
      const others = [block(6, Buffer.from("picture")), block(5, Buffer.from("cue sheet"))]
      const end = padding === undefined ? block(2, Buffer.from("application"), true) : block(1, Buffer.alloc(padding), true)
      const frames = Buffer.alloc(3_000_000, "sound")
      const before = Buffer.concat([Buffer.from("fLaC"), info, comments("title=Lied", "Comment=old"), ...others, end, frames])
      yield* Effect.sync(() => writeFileSync(file, before))
      const written = yield* write(file)
      const after = readFileSync(file)
      if (padding !== undefined) expect(after.length).toBe(before.length)
      expect(
        after.includes(
          Buffer.concat([info, comments("title=Lied", "Comment=old", ...values.map((each) => each.join("="))), ...others])
        )
      ).toBe(true)
      expect(after.subarray(-frames.length).equals(frames)).toBe(true)
      yield* TagFile.undo(file, written)
      expect(readFileSync(file).equals(before)).toBe(true)
    })
  )

  it.scoped("keeps the boxes of an MP4 as they are, and its samples where they are said to be", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = join(folder, "a.m4a")
      const chapters = box("chpl", Buffer.from("\x01\0\0\0 two chapters", "latin1"))
      const offsets = (at: number) => {
        const bytes = Buffer.alloc(12)
        bytes.writeUInt32BE(1, 4)
        bytes.writeUInt32BE(at, 8)
        return box("trak", box("mdia", box("minf", box("stbl", box("stco", bytes)))))
      }
      const head = box("ftyp", Buffer.from("M4A \0\0\0\0"))
      const sound = Buffer.alloc(2_500_000, "sound")
      const movie = (at: number) => box("moov", box("mvhd", Buffer.alloc(100)), offsets(at), box("udta", chapters))
      const at = head.length + movie(0).length + 8
      const before = Buffer.concat([head, movie(at), box("mdat", sound)])
      yield* Effect.sync(() => writeFileSync(file, before))
      const written = yield* write(file)
      const after = readFileSync(file)
      expect(after.length).toBeGreaterThan(before.length)
      const said = after.readUInt32BE(after.indexOf("stco") + 12)
      expect(after.subarray(said).equals(sound)).toBe(true)
      expect(after.includes(chapters)).toBe(true)
      expect(yield* TagFile.diff(file, values)).toEqual([])
      yield* TagFile.undo(file, written)
      expect(readFileSync(file).equals(before)).toBe(true)
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
          const [old, essence] = [sha256(path), yield* essenceOf(path)]
          const levels = yield* media.ask(yield* SampleMedia.original(path), { _tag: "Levels" })
          const written = yield* write(path)
          expect(yield* essenceOf(path), name).toBe(essence)
          const tagged = yield* SampleMedia.original(path)
          expect(yield* media.ask(tagged, { _tag: "Levels" }), name).toEqual(levels)
          if (container !== "m4a") {
            const { tags } = yield* media.probe(tagged)
            expect(tags["mediaspool_caption"], name).toBe(values[0][1])
          }
          expect(yield* TagFile.diff(path, values), name).toEqual([])
          yield* TagFile.undo(path, written)
          expect(sha256(path), name).toBe(old)
        }
        expect(readdirSync(join(folder, "out")).length).toBe(5)
      }).pipe(Effect.provide(engine)),
    60_000
  )

  it.scopedLive("leaves the file as it was, and nothing beside it, when it is interrupted", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = join(folder, "long.wav")
      const before = SampleMedia.wav("tone", { seconds: 400 })
      yield* Effect.sync(() => writeFileSync(file, before))
      const writing = yield* Effect.fork(write(file))
      yield* Effect.repeat(
        Effect.sync(() => readdirSync(folder).length),
        { until: (files) => files === 2, schedule: Schedule.spaced("1 millis") }
      )
      yield* Fiber.interrupt(writing)
      expect(readdirSync(folder)).toEqual(["long.wav"])
      expect(readFileSync(file).equals(before)).toBe(true)
    })
  )

  it.scopedLive("says that the file was written meanwhile, and not that its format is at fault", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = join(folder, "long.wav")
      yield* Effect.sync(() => writeFileSync(file, SampleMedia.wav("tone", { seconds: 400 })))
      const writing = yield* Effect.fork(Effect.flip(write(file)))
      yield* Effect.repeat(
        Effect.sync(() => readdirSync(folder).length),
        { until: (files) => files === 2, schedule: Schedule.spaced("1 millis") }
      )
      const other = Broadcast.make("RIFF")
      yield* Effect.sync(() => writeFileSync(file, other))
      expect(yield* Fiber.join(writing)).toMatchObject({ code: "TagFileChanged" })
      expect(readFileSync(file).equals(other)).toBe(true)
      expect(readdirSync(folder)).toEqual(["long.wav"])
    })
  )

  it.scoped("removes what a killed process left beside a file, and what belongs to a living one not", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const own = yield* Effect.scoped(CopyBeside.nameFor(join(folder, `${"雨".repeat(80)}.wav`)))
      // A name has 255 bytes at most.
      expect(Buffer.byteLength(basename(own))).toBeLessThan(240)
      const dead = own.replace(String(process.pid), String(spawnSync(process.execPath, ["--version"]).pid))
      const others = [own, join(folder, ".a.wav.000000-1.part"), join(folder, ".notes.part")]
      for (const path of [...others, dead, `${dead}.xml`]) yield* Effect.sync(() => writeFileSync(path, ""))
      yield* CopyBeside.removeLeft(folder)
      expect(readdirSync(folder).sort()).toEqual(others.map((path) => basename(path)).sort())
    })
  )

  it.scoped("leaves alone what it can't write, what is unknown, and what changed", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const at = (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes)
        return join(folder, name)
      }
      const code = (work: Effect.Effect<unknown, TagError>) => Effect.map(Effect.flip(work), ({ code }) => code)
      const mkv = at("a.mkv", Buffer.from("1a45dfa3", "hex"))
      const text = at("a.txt", Buffer.from("no media"))
      for (const file of [mkv, text]) expect(yield* code(TagFile.diff(file, values))).toBe("TagFormatUnsupported")
      const wav = at("a.wav", Broadcast.make("RIFF"))
      expect(
        yield* code(
          TagFile.write(
            wav,
            values,
            () => false,
            () => Effect.void
          )
        )
      ).toBe("TagFileChanged")
      // Somebody writes the file while the copy is made.
      const late = () => Effect.sync(() => writeFileSync(wav, Buffer.concat([Broadcast.make("RIFF"), Buffer.from("more")])))
      expect(yield* code(TagFile.write(wav, values, () => true, late))).toBe("TagFileChanged")
      expect(readdirSync(folder).sort()).toEqual(["a.mkv", "a.txt", "a.wav"])
      expect(readFileSync(wav).subarray(-4).toString()).toBe("more")
    })
  )
})
