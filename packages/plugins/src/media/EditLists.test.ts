import { describe, expect, layer } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { live, ways } from "./EngineWays.fixture.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

if (!hasFfmpeg) console.warn("Skipped: MP4s whose edit lists leave something empty, which only ffmpeg makes.")

/** A part of the presentation: its seconds, and where they begin in the track; `undefined` where it is empty. */
type Edit = readonly [seconds: number, from: number | undefined]

/** Puts another edit list into a file of one track whose header stands at its end. */
const edited = (bytes: Buffer, edits: ReadonlyArray<Edit>, rate: number, speed = 1): Buffer => {
  const at = bytes.indexOf("edts") - 4
  const old = bytes.readUInt32BE(at)
  const clock = bytes.readUInt32BE(bytes.indexOf("mvhd") + 16)
  const list = Buffer.alloc(24 + 12 * edits.length)
  list.writeUInt32BE(list.length, 0)
  list.write("edts", 4)
  list.writeUInt32BE(list.length - 8, 8)
  list.write("elst", 12)
  list.writeUInt32BE(edits.length, 20)
  const entries = edits.map(([seconds, from]) => {
    const entry = Buffer.alloc(12)
    entry.writeUInt32BE(seconds * clock, 0)
    entry.writeInt32BE(from === undefined ? -1 : from * rate, 4)
    entry.writeUInt32BE(speed * 0x10000, 8)
    return entry
  })
  const grown = Buffer.concat([bytes.subarray(0, at), list.subarray(0, 24), ...entries, bytes.subarray(at + old)])
  for (const box of ["moov", "trak"]) {
    const size = bytes.indexOf(box) - 4
    grown.writeUInt32BE(bytes.readUInt32BE(size) + list.length - old, size)
  }
  const seconds = edits.reduce((sum, [seconds]) => sum + seconds, 0)
  grown.writeUInt32BE(seconds * clock, grown.indexOf("mvhd") + 20)
  return grown
}

const heard = (file: Original) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const cut = { startSeconds: 4, durationSeconds: 1 }
    const asked = {
      copy: { _tag: "AudioCopy", path: `${file.path}.copy.wav`, container: "wav", codec: "pcm_s16le" },
      silences: { _tag: "Silences", threshold: -50, minimumSeconds: 0.5 }
    } as const
    const { copy, silences } = yield* engine.askAll(file, asked)
    const window = yield* engine.ask(file, { ...asked.copy, path: `${file.path}.window.wav`, cut })
    const spectrum = yield* engine.ask(yield* SampleMedia.original(`${file.path}.window.wav`), { _tag: "Spectrum" })
    const { durationSeconds } = yield* engine.probe(file)
    return {
      length: Math.round(durationSeconds * 10) / 10,
      copied: [copy.startSeconds ?? 0, copy.durationSeconds].map((seconds) => Math.round(seconds * 10) / 10),
      silences: silences.map(({ endSeconds, startSeconds }) => [startSeconds, endSeconds].map((one) => Math.round(one * 5) / 5)),
      window: [Math.round(window.durationSeconds * 10) / 10, Math.round((spectrum.centroid ?? 0) / 440)]
    }
  })

describe.runIf(hasFfmpeg)("edit lists", () => {
  for (const way of ways)
    layer(live(way), { timeout: "60 seconds" })(`what they leave empty, with ${way}`, (it) => {
      // 440 Hz for two seconds, then 880 Hz.
      const tones = ["-f", "lavfi", "-i", "aevalsrc=0.25*sin(2*PI*440*t*(1+gte(t\\,2))):d=6:s=48000"]
      const make = (ending: string, codec: string, edits: ReadonlyArray<Edit>, speed?: number) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const { path } = yield* ffmpeg(folder, `plain.${ending}`, ...tones, "-c:a", codec)
          const bytes = yield* Effect.promise(() => fs.readFile(path))
          return yield* SampleMedia.write(folder, `edited.${ending}`, edited(bytes, edits, 48_000, speed))
        })

      it.scoped.each([
        ["m4a", "aac"],
        ["m4a", "alac"],
        ["mov", "pcm_s16le"]
      ])(
        "a %s of %s keeps the time before its sound, in length, copy and windows",
        ([ending = "", codec = ""]) =>
          Effect.gen(function* () {
            const found = yield* heard(
              yield* make(ending, codec, [
                [3, undefined],
                [6, 0]
              ])
            )
            expect(found).toEqual({ length: 9, copied: [3, 6], silences: [], window: [1, 1] })
          }),
        60_000
      )

      it.scoped(
        "what is empty within the sound is silent",
        () =>
          Effect.gen(function* () {
            const found = yield* heard(
              yield* make("mov", "pcm_s16le", [
                [2, 0],
                [2, undefined],
                [2, 2]
              ])
            )
            expect(found).toEqual({ length: 6, copied: [0, 6], silences: [[2, 4]], window: [1, 2] })
          }),
        60_000
      )

      it.scoped(
        "what is cut away is neither counted nor heard",
        () =>
          Effect.gen(function* () {
            const found = yield* heard(yield* make("m4a", "aac", [[4.5, 1.5]]))
            expect(found).toMatchObject({ length: 4.5, copied: [0, 4.5], silences: [] })
            // Editors leave the length of the whole as it was.
            const file = yield* make("m4a", "aac", [[4.5, 1.5]])
            const bytes = yield* Effect.promise(() => fs.readFile(file.path))
            const header = bytes.indexOf("mvhd")
            bytes.writeUInt32BE(6 * bytes.readUInt32BE(header + 16), header + 20)
            yield* Effect.promise(() => fs.writeFile(file.path, bytes))
            const { durationSeconds } = yield* Effect.flatMap(MediaEngine, (engine) => engine.probe(file))
            expect(durationSeconds).toBeCloseTo(4.5, 1)
          }),
        60_000
      )

      it.scoped(
        "sound that is played at another speed is not taken for what was recorded",
        () =>
          Effect.gen(function* () {
            const file = yield* make("mov", "pcm_s16le", [[3, 0]], 2)
            const refusal = yield* Effect.flip(Effect.flatMap(MediaEngine, (engine) => engine.probe(file)))
            expect(refusal).toMatchObject({ code: "EngineUnable", detail: expect.stringContaining("another speed") })
            // Some writers leave the speed out.
            const sloppy = yield* make("mov", "pcm_s16le", [[3, 0]], 0)
            const { durationSeconds } = yield* Effect.flatMap(MediaEngine, (engine) => engine.probe(sloppy))
            expect(durationSeconds).toBeCloseTo(3, 1)
          }),
        60_000
      )

      it.scoped(
        "pictures and sound that both begin late are found at the file's times",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const clip = ["-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=4,geq=lum='40+50*gte(T,2)':cb=128:cr=128", ...tones]
            const plain = yield* ffmpeg(folder, "plain.mp4", ...clip, "-t", "4", "-c:v", "libx264", "-bf", "0", "-c:a", "aac")
            const file = yield* ffmpeg(folder, "late.mp4", "-itsoffset", "3", "-i", plain.path, "-c", "copy")
            const engine = yield* MediaEngine
            const path = (kind: string) => `${file.path}.${kind}`
            const span = { startSeconds: 4, durationSeconds: 2 }
            const { cut, stills } = yield* engine.askAll(file, {
              stills: { _tag: "Stills", path: path("mjpeg"), rate: 1, size: 64 },
              cut: { _tag: "VideoCopy", path: path("mp4"), container: "mp4", videoCodec: "h264", audioCodec: "none", cut: span }
            })
            const { durationSeconds } = yield* engine.probe(file)
            expect([durationSeconds, cut.durationSeconds].map(Math.round)).toEqual([7, 2])
            expect(stills.stills).toHaveLength(7)
          }),
        60_000
      )
    })
})
