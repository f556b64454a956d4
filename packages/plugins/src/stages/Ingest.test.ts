import { describe, expect, it } from "@effect/vitest"
import { Original, RawPath } from "@mediaspool/core"
import { Effect, FastCheck as fc } from "effect"
import { execFileSync } from "node:child_process"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SampleMedia } from "../testing/index.js"
import { ingest } from "./Ingest.js"

const folder = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-ingest-"))),
  (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
)

/** What ingest says of these bytes under this name. */
const ingested = (bytes: Uint8Array, name = "x.mp3") =>
  Effect.flatMap(folder, (path) => SampleMedia.write(path, name, bytes)).pipe(
    Effect.flatMap((original) => ingest.run({ original }, {})),
    Effect.map(({ mediaType }) => mediaType)
  )
const refused = (bytes: Uint8Array) => Effect.flip(ingested(bytes)).pipe(Effect.map(({ code, detail }) => ({ code, detail })))

const at = (path: string) => ingest.run({ original: new Original({ hash: "0".repeat(64), size: 1, path }) }, {})

/** MPEG-1 layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes. */
const frames = (count: number) => {
  const frame = Buffer.alloc(417)
  frame.set([0xff, 0xfb, 0x90, 0x00])
  return Buffer.concat(Array.from({ length: count }, () => frame))
}
const id3 = (size: number) => {
  const tag = Buffer.alloc(10 + size)
  tag.set([0x49, 0x44, 0x33, 3, 0, 0, (size >> 21) & 127, (size >> 14) & 127, (size >> 7) & 127, size & 127])
  return tag
}

describe("ingest", () => {
  it.scoped("finds the type from the content, whatever the name says", () =>
    Effect.gen(function* () {
      expect(yield* ingested(SampleMedia.wav("tone"), "photo.jpg")).toBe("audio/wav")
      expect(yield* ingested(SampleMedia.avi("tone"), "noise.wav")).toBe("video/vnd.avi")
      expect(yield* ingested(Buffer.concat([Buffer.from(".snd\0\0\0\x18"), Buffer.alloc(64)]))).toBe("audio/basic")
      expect(yield* ingested(Buffer.from("caff\0\x01\0\0desc"))).toBe("audio/x-caf")
    })
  )

  it.scoped("finds MP3 after a tag of megabytes, after junk, and FLAC after a tag", () =>
    Effect.gen(function* () {
      expect(yield* ingested(Buffer.concat([id3(3_000_000), frames(8)]))).toBe("audio/mpeg")
      expect(yield* ingested(Buffer.concat([Buffer.alloc(6000, 7), frames(8)]))).toBe("audio/mpeg")
      expect(yield* ingested(Buffer.concat([id3(500), Buffer.from("fLaC\0\0\0\x22"), Buffer.alloc(34)]))).toBe("audio/flac")
    })
  )

  it.scoped("refuses what has no bytes, no media, or a score", () =>
    Effect.gen(function* () {
      expect((yield* refused(Buffer.alloc(0))).code).toBe("EmptyFile")
      expect((yield* refused(Buffer.from("Dear diary, today I renamed a letter to .mp3.\n".repeat(100)))).code).toBe("NotMedia")
      expect(yield* refused(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]))).toMatchObject({
        code: "NotMedia"
      })
      expect(yield* refused(Buffer.from("MThd\0\0\0\x06\0\x01\0\x02\0\x60MTrk"))).toMatchObject({
        code: "NotMedia",
        detail: "the content is audio/midi"
      })
      expect((yield* refused(id3(400))).detail).toBe("the content is a tag and nothing after it")
    })
  )

  it.scoped.each([
    { text: "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n", name: "M3U" },
    { text: "\ufeff#EXTM3U\nfile:///etc/passwd\n", name: "M3U" },
    { text: "ffconcat version 1.0\nfile ../secret.wav\n", name: "ffconcat" },
    { text: "[playlist]\nFile1=/etc/passwd\n", name: "PLS" },
    { text: '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>', name: "DASH" },
    { text: "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", name: "SDP" },
    { text: "http://127.0.0.1/stream\n", name: "reference" }
  ])("refuses a playlist: $name", ({ name, text }) =>
    Effect.gen(function* () {
      const { code, detail } = yield* refused(Buffer.from(text))
      expect(code).toBe("PlaylistRefused")
      expect(detail).toContain(name)
    })
  )

  it.scoped("neither waits for a pipe nor follows a link, and says when a file is gone", () =>
    Effect.gen(function* () {
      const path = yield* folder
      execFileSync("mkfifo", [join(path, "pipe.wav")])
      yield* SampleMedia.writeWav(path, "tone")
      yield* Effect.promise(() => fs.symlink(join(path, "tone.wav"), join(path, "link.wav")))
      expect(yield* Effect.flip(at(join(path, "pipe.wav")))).toMatchObject({ code: "NotMedia" })
      expect(yield* Effect.flip(at(join(path, "link.wav")))).toMatchObject({ code: "Unreadable", retry: "now" })
      expect(yield* Effect.flip(at(join(path, "gone.wav")))).toMatchObject({ code: "Unreadable" })
      expect(yield* Effect.flip(at(path))).toMatchObject({ code: "NotMedia" })
    })
  )

  it.scoped.each([
    "-i.wav",
    "http:x.wav",
    "%d.wav",
    "a\n\"b'.wav",
    "\u202egpj.wav",
    RawPath.fromBytes(Buffer.from([0xff, 0x2e]))
  ])("reads a file named %j", (name) =>
    Effect.map(ingested(SampleMedia.wav("tone"), name), (type) => expect(type).toBe("audio/wav"))
  )

  it.scoped.prop(
    "gives a media type or a typed failure for any bytes",
    [fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 20, maxLength: 20 })],
    ([files]) =>
      Effect.gen(function* () {
        const path = yield* folder
        for (const bytes of files) {
          const original = yield* SampleMedia.write(path, "any.mp3", bytes)
          const outcome = yield* Effect.either(ingest.run({ original }, {}))
          if (outcome._tag === "Left") expect(["EmptyFile", "NotMedia", "PlaylistRefused"]).toContain(outcome.left.code)
          else expect(outcome.right.mediaType).toMatch(/^(audio|video|application)\//)
        }
      }),
    { fastCheck: { numRuns: 10 } }
  )
})
