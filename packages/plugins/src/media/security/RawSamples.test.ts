import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer } from "effect"
import * as InstalledEngines from "../../testing/InstalledEngines.js"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import { MediaEngine } from "../MediaEngine.js"
import { rawSamples } from "./RawSamples.js"

const installed = await Effect.runPromise(InstalledEngines.find)

const RATE = 44_100
const SECONDS = 1
const little = SampleMedia.wav("tone", { seconds: SECONDS }).subarray(44)
const big = Buffer.from(little).swap16()

const u16 = (value: number) => Buffer.from([value & 255, value >> 8])
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return bytes
}
const text = (value: string) => Buffer.from(value, "latin1")
const turned = (bytes: Buffer) => Buffer.from(bytes).reverse()

const format = Buffer.concat([u16(1), u16(1), u32(RATE), u32(RATE * 2), u16(2), u16(16)])
/** 44,100 as AIFF has it. */
const rate = Buffer.from("400eac44000000000000", "hex")

const aiff = (size: number, kind = "AIFF", compression = Buffer.alloc(0)) =>
  Buffer.concat([
    ...[text("FORM"), turned(u32(size)), text(kind), text("COMM"), turned(u32(18 + compression.length))],
    ...[turned(u16(1)), turned(u32(0)), turned(u16(16)), rate, compression, text("SSND"), turned(u32(size)), Buffer.alloc(8)],
    compression.length > 0 ? little : big
  ])
const guid = (name: string, rest: string) => Buffer.concat([text(name), Buffer.from(rest, "hex")])
const wave64 = "f3acd3118cd100c04f8edb8a"
const w64 = (size: bigint) =>
  Buffer.concat([
    ...[guid("riff", "2e91cf11a5d628db04c10000"), u64(size), guid("wave", wave64)],
    ...[guid("fmt ", wave64), u64(40n), format, guid("data", wave64), u64(size), little]
  ])
const rf64 = (size: bigint, mark = "RF64") =>
  Buffer.concat([
    ...[text(mark), u32(0xffff_ffff), text("WAVEds64"), u32(28), u64(size), u64(size), u64(size), u32(0)],
    ...[text("fmt "), u32(16), format, text("data"), u32(0xffff_ffff), little]
  ])
const au = (size: number) => Buffer.concat([text(".snd"), ...[24, size, 3, RATE, 1].map((value) => turned(u32(value))), big])

/** Headers as pipes and recorders leave them that can't go back: the samples are all there. */
const unfinished: ReadonlyArray<readonly [name: string, bytes: Buffer]> = [
  ["an AIFF of size 0.aiff", aiff(0)],
  ["an AIFF of size -1.aiff", aiff(0xffff_ffff)],
  ["an AIFF of the highest size.aiff", aiff(0x7fff_ffff)],
  ["an AIFF-C of size 0.aifc", aiff(0, "AIFC", text("sowt\0\0"))],
  ["a Wave64 of size 0.w64", w64(0n)],
  ["a Wave64 of size -1.w64", w64(-1n)],
  ["a Wave64 of the highest size.w64", w64(2n ** 63n - 1n)],
  ["a Wave64 whose header stands twice.w64", Buffer.concat([w64(0n).subarray(0, 104), w64(0n), w64(0n).subarray(0, 104)])],
  ["an RF64 of size 0.wav", rf64(0n)],
  ["an RF64 of size -1.wav", rf64(-1n)],
  ["a BW64 of the highest size.wav", rf64(2n ** 63n - 1n, "BW64")],
  ["an AU of size 0.au", au(0)],
  ["an AU of the highest size.au", au(0x7fff_ffff)]
]

const read = (bytes: Buffer) => (length: number, position: number) => bytes.subarray(position, position + length)

describe("a header that was never completed", () => {
  it("leaves a file alone whose sizes are told", () => {
    const told = Buffer.from(aiff(0))
    for (const at of [4, 42]) told.writeUInt32BE(told.length - at - 4, at)
    for (const bytes of [told, SampleMedia.wav("tone"), au(big.length)])
      expect(rawSamples(bytes, bytes.length, read(bytes))).toBeUndefined()
    // Larger than the file, but no placeholder: it was cut off.
    const cut = w64(BigInt(little.length * 2))
    expect(rawSamples(cut, cut.length, read(cut))).toBeUndefined()
  })

  const marked = fc
    .tuple(fc.constantFrom(...unfinished.map(([, bytes]) => bytes.subarray(0, 120))), fc.uint8Array({ maxLength: 120 }))
    .map(([head, noise]) => Buffer.concat([head.subarray(0, 120 - noise.length), noise, Buffer.alloc(64)]))
  it.prop("never points outside of its file, whatever stands there", [marked], ([bytes]) => {
    const found = rawSamples(bytes, bytes.length, read(bytes))
    if (found === undefined) return
    expect(found.start).toBeLessThan(found.end)
    expect(found.end).toBeLessThanOrEqual(bytes.length)
  })

  it.scoped.each(installed)(
    "is no damage: %s hears the sound behind it",
    (engine) =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const media = yield* MediaEngine
        const heard = (name: string, bytes: Buffer) =>
          Effect.gen(function* () {
            const file = yield* SampleMedia.write(folder, name, bytes)
            const { levels, copy } = yield* Effect.all(
              {
                levels: media.ask(file, { _tag: "Levels" }),
                copy: media.ask(file, { _tag: "AudioCopy", path: `${file.path}.copy.wav`, container: "wav", codec: "pcm_s16le" })
              },
              { concurrency: "unbounded" }
            )
            const { durationSeconds } = yield* media.probe(file)
            return { name, durationSeconds, levels, copied: copy.durationSeconds, rate: copy.sampleRate }
          })
        const plain = yield* heard("plain.wav", SampleMedia.wav("tone", { seconds: SECONDS }))
        const others = yield* Effect.forEach(unfinished, ([name, bytes]) => heard(name, bytes), { concurrency: "unbounded" })
        for (const other of others) expect(other).toEqual({ ...plain, name: other.name })
      }).pipe(
        Effect.provide(
          MediaEngine.with({ engine, prober: engine === "ffmpeg" ? "ffprobe" : "node-av" }).pipe(
            Layer.provide(TemporaryFolder.state)
          )
        )
      ),
    60_000
  )
})
