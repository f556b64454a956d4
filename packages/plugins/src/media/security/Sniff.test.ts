import { describe, expect, it } from "@effect/vitest"
import { RawPath } from "@mediaspool/core"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import { pictureSize } from "../requests/frame.js"
import { playlistIn, sniff } from "./Sniff.js"

/** Frames of layer III whose header has this third byte, so many bytes long. */
const frames = (third: number, length: number) => {
  const frame = Buffer.alloc(length, 0x01)
  frame.set([0xff, 0xfb, third, 0xc4])
  return Buffer.concat(Array.from({ length: 12 }, () => frame))
}

const wav = SampleMedia.wav("tone", { seconds: 1 })

/** A CAF without sound in it, whose chunk of samples says how long it is. */
const caf = (told: bigint, bytes: number) => {
  const head = Buffer.alloc(64)
  head.write("caff\0\x01\0\0desc", "latin1")
  head.writeBigInt64BE(32n, 12)
  head.write("data", 52)
  head.writeBigInt64BE(told, 56)
  return Buffer.concat([head, Buffer.alloc(bytes)])
}

const wave64 = (told: bigint, bytes: number) => {
  const head = Buffer.alloc(40)
  head.write("726966662e91cf11a5d628db04c10000", "hex")
  head.writeBigUInt64LE(told, 16)
  head.write("wave", 24)
  return Buffer.concat([head, Buffer.alloc(bytes)])
}

/** The header of a Windows Media file, with its flags. */
const asf = (told: bigint, flags: number, bytes: number) => {
  const head = Buffer.alloc(130)
  head.write("3026b2758e66cf11a6d900aa0062ce6c", "hex")
  head.write("a1dcab8c47a9cf118ee400c00c205365", 30, "hex")
  head.writeBigUInt64LE(told, 70)
  head.writeUInt32LE(flags, 118)
  return Buffer.concat([head, Buffer.alloc(bytes)])
}

describe("sniff", () => {
  const refusal = (name: string, bytes: Uint8Array) =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const { path } = yield* SampleMedia.write(folder, name, bytes)
        return sniff(RawPath.forNode(path)).refusal?.code
      })
    )

  it.effect.each([
    ["nothing", "EmptyFile", Buffer.alloc(0)],
    ["text", "NotMedia", Buffer.from("Dear diary, today I renamed myself.\n".repeat(50))],
    ["an HLS playlist", "PlaylistRefused", Buffer.from("#EXTM3U\n/etc/passwd\n")],
    ["a script for ffconcat after a byte order mark", "PlaylistRefused", Buffer.from("\ufeffffconcat version 1.0\nfile x\n")],
    ["a DASH manifest", "PlaylistRefused", Buffer.from('<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">')],
    ["a WAV cut in half", "Truncated", wav.subarray(0, wav.length / 2)],
    ["a WAV cut in its header", "Truncated", wav.subarray(0, 20)],
    ["a CAF cut in half", "Truncated", caf(20_000n, 10_000)],
    ["a CAF that goes on to the end of the file", undefined, caf(-1n, 10_000)],
    ["a Wave64 cut in half", "Truncated", wave64(20_040n, 10_000)],
    ["a Wave64 that was piped", undefined, wave64(2n ** 63n - 1n, 10_000)],
    ["a Windows Media file cut in half", "Truncated", asf(20_000n, 2, 10_000)],
    ["a Windows Media broadcast", undefined, asf(20_000n, 1, 10_000)],
    ["an MP3 of a free bit rate", "EngineUnable", frames(0x04, 1200)],
    ["an MP3 of 128 kbit a second", undefined, frames(0x90, 417)],
    ["noise that begins as an MP3 does", undefined, Buffer.concat([Buffer.from("fffb04c4", "hex"), Buffer.alloc(9000, 0x55)])],
    ["a whole WAV", undefined, wav]
  ] as const)("says of %s: %s", ([name, code, bytes]) =>
    Effect.map(refusal(`${name}.mp3`, bytes), (found) => expect(found).toBe(code))
  )

  it.effect("lets a WAV pass whose header was never completed", () => {
    const streamed = Buffer.from(wav)
    streamed.writeUInt32LE(0xffffffff, 4)
    return Effect.map(refusal("streamed.wav", streamed), (found) => expect(found).toBeUndefined())
  })

  it.scoped("neither waits for a pipe nor follows a link, and takes no folder for a file", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const at = (name: string) => join(folder, name)
      execFileSync("mkfifo", [at("pipe.wav")])
      mkdirSync(at("folder.wav"))
      symlinkSync("/etc/passwd", at("link.wav"))
      expect(["pipe.wav", "folder.wav", "link.wav", "gone.wav"].map((name) => sniff(at(name)).refusal?.code)).toEqual([
        "NotMedia",
        "NotMedia",
        "Unreadable",
        "Unreadable"
      ])
    })
  )

  it("takes the opening of no sound for a playlist", () => {
    for (const sample of Object.values(SampleMedia.samples)) expect(playlistIn(sample())).toBeUndefined()
  })
})

describe("pictureSize", () => {
  it("reads a JPEG's frame behind other segments", () => {
    const app = [0xff, 0xe0, 0, 4, 1, 2]
    const frame = [0xff, 0xc0, 0, 11, 8, 0, 48, 0, 64, 1, 1, 0x11, 0]
    expect(pictureSize(Buffer.from([0xff, 0xd8, ...app, ...frame]))).toEqual({ width: 64, height: 48 })
  })

  it("knows nothing of other bytes", () => {
    expect(pictureSize(Buffer.from([0xff, 0xd8, 0xff]))).toBeUndefined()
    expect(pictureSize(wav)).toBeUndefined()
  })
})
