import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { live, ways } from "./EngineWays.fixture.js"
import { hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

if (!hasFfmpeg) console.warn("Skipped: codecs that only ffmpeg writes (QuickTime Animation, G.723.1).")

const RATE = 48_000

/** A tone that is clipped, at so many samples a period. */
const clipped = (period: number, gain: number) => (n: number) =>
  Math.max(-1, Math.min(1, gain * Math.sin((2 * Math.PI * n) / period)))

/** `WAVEFORMAT`, with the bits that are valid of each sample where not all of them are. */
const format = (bits: number, valid?: number, channels = 1): Buffer => {
  const bytes = Buffer.alloc(valid === undefined ? 16 : 40)
  bytes.writeUInt16LE(valid === undefined ? 1 : 0xfffe, 0)
  bytes.writeUInt16LE(channels, 2)
  bytes.writeUInt32LE(RATE, 4)
  bytes.writeUInt32LE((RATE * channels * bits) / 8, 8)
  bytes.writeUInt16LE((channels * bits) / 8, 12)
  bytes.writeUInt16LE(bits, 14)
  if (valid === undefined) return bytes
  bytes.writeUInt16LE(22, 16)
  bytes.writeUInt16LE(valid, 18)
  bytes.writeUInt32LE(4, 20)
  bytes.write("0100000000001000800000aa00389b71", 24, "hex")
  return bytes
}

/** Samples of so many valid bits, in the highest bits of their bytes. */
const samples = (count: number, bits: number, valid: number, wave: (n: number) => number): Buffer => {
  const bytes = Buffer.alloc((count * bits) / 8)
  for (let n = 0; n < count; n++) {
    const value = Math.max(-(2 ** (valid - 1)), Math.min(2 ** (valid - 1) - 1, Math.round(wave(n) * 2 ** (valid - 1))))
    const shifted = value * 2 ** (bits - valid)
    if (bits === 8) bytes.writeUInt8(shifted + 128, n)
    else bytes.writeIntLE(shifted, (n * bits) / 8, bits / 8)
  }
  return bytes
}

const wav = (format: Buffer, data: Buffer) =>
  Wav.chunk("RIFF", Buffer.from("WAVE"), Wav.chunk("fmt ", format), Wav.chunk("data", data))

/** A Wave64: chunks with names of 16 bytes and sizes of 8, which count their own heads. */
const w64 = (format: Buffer, data: Buffer): Buffer => {
  const chunk = (name: string, rest: string, body: Buffer, head = 24) => {
    const bytes = Buffer.alloc(24 + Math.ceil(body.length / 8) * 8)
    bytes.write(name, "latin1")
    bytes.write(rest, 4, "hex")
    bytes.writeBigUInt64LE(BigInt(head + body.length), 16)
    bytes.set(body, 24)
    return bytes
  }
  const sub = "f3acd3118cd100c04f8edb8a"
  const wave = Buffer.concat([Buffer.from("wave"), Buffer.from(sub, "hex")])
  return chunk("riff", "2e91cf11a5d628db04c10000", Buffer.concat([wave, chunk("fmt ", sub, format), chunk("data", sub, data)]))
}

const heard = (name: string, bytes: Buffer) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const folder = yield* TemporaryFolder.make
    const file = yield* SampleMedia.write(folder, name, bytes)
    const { copy, levels } = yield* engine.askAll(file, {
      copy: { _tag: "AudioCopy", path: join(folder, "copy.wav"), container: "wav", codec: "pcm_f32le" },
      levels: { _tag: "Levels" }
    })
    const { container, durationSeconds } = yield* engine.probe(file)
    return { container, durationSeconds, copied: copy.durationSeconds, ...levels }
  })

for (const way of ways)
  layer(live(way), { timeout: "60 seconds" })(`what a header says of the samples, with ${way}`, (it) => {
    it.scoped(
      "samples that look like the packets of a transport stream are those of the WAV that holds them",
      () =>
        Effect.gen(function* () {
          // Their copy in 32 bits has the same period.
          const data = samples(2 * RATE, 8, 8, clipped(96, 1.72))
          const { container, copied, durationSeconds, peak } = yield* heard("buzz.wav", wav(format(8), data))
          expect([container, durationSeconds, copied, peak]).toEqual(["wav", 2, 2, 0])
        }),
      60_000
    )

    it.scoped.each([
      ["12 in 16 bits", 16, 12],
      ["20 in 24 bits", 24, 20],
      ["16 in 24 bits", 24, 16],
      ["24 in 32 bits", 32, 24]
    ] as const)(
      "%s clip on both sides at the full scale of those that are used",
      ([, bits, valid]) =>
        Effect.gen(function* () {
          const data = samples(RATE, bits, valid, clipped(100, 2))
          for (const [name, bytes] of [
            ["a.wav", wav(format(bits, valid), data)],
            ["a.w64", w64(format(bits, valid), data)]
          ] as const) {
            const { clippedSamples, copied, durationSeconds, peak } = yield* heard(name, bytes)
            // Of a sine twice as high as full scale two thirds of the samples.
            expect([name, durationSeconds, copied, peak, Math.round((3 * clippedSamples) / RATE)]).toEqual([name, 1, 1, 0, 2])
          }
        }),
      60_000
    )

    it.scoped.each([3, 4, 5, 6, 7, 8])(
      "of %s microphones whose places nobody names each is heard in a mix",
      (count) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          // A tenth of a second each, in turn.
          const turn = RATE / 10
          const data = samples(count * count * turn, 16, 16, (n) => {
            const [time, channel] = [Math.floor(n / count), n % count]
            return Math.floor(time / turn) === channel ? Math.sin((2 * Math.PI * time) / 100) / 2 : 0
          })
          const file = yield* SampleMedia.write(folder, "talk.wav", wav(format(16, undefined, count), data))
          const path = join(folder, "mix.raw")
          yield* engine.ask(file, { _tag: "Samples", path, sampleRate: RATE, maxSeconds: 60 })
          const bytes = yield* Effect.promise(() => fs.readFile(path))
          const peaks = Array.from({ length: count }, (_, channel) => {
            const heard = Array.from({ length: turn / 2 }, (_, n) => bytes.readFloatLE(4 * (channel * turn + turn / 4 + n)))
            return Math.max(...heard)
          })
          expect(peaks.map((peak) => peak > 0.05 && peak < 0.6)).toEqual(peaks.map(() => true))
        }),
      60_000
    )

    it.scoped.each([
      ["0", 0],
      ["the highest number", 0xffff_ffff]
    ] as const)(
      "an AVI that was cut off, or written into a pipe, is as long as what is in it: its header says %s",
      ([, size]) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          const bytes = SampleMedia.avi("tone", { seconds: 2 })
          bytes.writeUInt32LE(size, 4)
          // What stands for the lengths of its streams until they are known, and an index that was never written.
          for (let at = bytes.indexOf("strh"); at >= 0; at = bytes.indexOf("strh", at + 4))
            bytes.writeUInt32LE(0x4000_0000, at + 40)
          const index = bytes.indexOf("idx1")
          const file = yield* SampleMedia.write(folder, "camera.avi", index < 0 ? bytes : bytes.subarray(0, index))
          const { levels } = yield* engine.askAll(file, { levels: { _tag: "Levels" } })
          const { durationSeconds } = yield* engine.probe(file)
          expect(durationSeconds).toBeCloseTo(2, 1)
          expect(levels.peak).toBeGreaterThan(-20)
        }),
      60_000
    )

    it.scoped.runIf(hasFfmpeg)(
      "codecs of older recordings are read",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          const make = (name: string, ...args: ReadonlyArray<string>) =>
            Effect.gen(function* () {
              const path = join(folder, name)
              expect(spawnSync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", ...args, path]).status).toBe(0)
              return yield* SampleMedia.original(path)
            })
          const phone = yield* make("phone.wav", "sine=d=1:r=8000", "-ac", "1", "-c:a", "g723_1", "-b:a", "6300")
          const { peak } = yield* engine.ask(phone, { _tag: "Levels" })
          expect(peak).toBeGreaterThan(-30)
          const divx = yield* make("divx.avi", "testsrc2=s=64x48:r=10:d=1", "-c:v", "msmpeg4")
          const seen = { _tag: "Stills", path: join(folder, "divx"), rate: 1, size: 64 } as const
          expect((yield* engine.ask(divx, seen)).stills).toHaveLength(1)
          for (const codec of ["qtrle", "png"]) {
            const drawn = yield* make(`${codec}.mov`, "testsrc2=s=64x48:r=10:d=1", "-c:v", codec)
            const path = join(folder, `${codec}.mp4`)
            const copy = { _tag: "VideoCopy", path, container: "mp4", videoCodec: "h264", audioCodec: "none" } as const
            expect((yield* engine.ask(drawn, copy)).durationSeconds).toBeCloseTo(1, 1)
            expect((yield* Effect.promise(() => fs.stat(path))).size).toBeGreaterThan(1000)
          }
        }),
      60_000
    )
  })
