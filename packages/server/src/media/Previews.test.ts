import { describe, expect, it } from "@effect/vitest"
import { Database, StateFolder } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, Layer, Option } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { folder, library, serving, signed, signIn } from "../Serving.fixture.js"

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0
if (!hasFfmpeg)
  console.warn("Previews of W64, CAF and GSM are SKIPPED: there is no ffmpeg to make them (Debian: apt install ffmpeg).")
const hasNodeAv = Option.isSome(
  Option.liftThrowable(() => createRequire(new URL("../../../plugins/package.json", import.meta.url)).resolve("node-av"))()
)
const engines = hasNodeAv ? (["auto", "node-av"] as const) : (["auto"] as const)

const SECONDS = 2

/** One channel of DSD at 64 times 44.1 kHz, in blocks of 4096 bytes; a pattern of bits that is silence to a decoder. */
const dsf = (): Buffer => {
  const rate = 2_822_400
  const data = Buffer.alloc(4096 * Math.ceil((SECONDS * rate) / 8 / 4096), 0x69)
  const chunk = (name: string, size: number) => {
    const head = Buffer.alloc(12)
    head.write(name, "latin1")
    head.writeBigUInt64LE(BigInt(size), 4)
    return head
  }
  const place = Buffer.alloc(16)
  place.writeBigUInt64LE(BigInt(92 + data.length))
  const format = Buffer.alloc(40)
  for (const [i, value] of [1, 0, 1, 1, rate, 1].entries()) format.writeUInt32LE(value, 4 * i)
  format.writeBigUInt64LE(BigInt(data.length * 8), 24)
  format.writeUInt32LE(4096, 32)
  return Buffer.concat([chunk("DSD ", 28), place, chunk("fmt ", 52), format, chunk("data", 12 + data.length), data])
}

/** Frames of 20 ms at 4.75 kbit/s, all of their bits clear. */
const amr = (): Buffer =>
  Buffer.concat([
    Buffer.from("#!AMR\n"),
    ...Array.from({ length: SECONDS * 50 }, () => Buffer.from([0x04, ...Array(12).fill(0)]))
  ])

const converted =
  (name: string, ...args: ReadonlyArray<string>) =>
  (place: string): Buffer => {
    const [from, to] = [join(place, "tone.wav"), join(place, `made-${name}`)]
    writeFileSync(from, SampleMedia.wav("tone", { seconds: SECONDS, sampleRate: 8000 }))
    spawnSync("ffmpeg", ["-v", "error", "-y", "-i", from, ...args, to])
    return readFileSync(to)
  }

/** What no browser plays, or not every one. */
const formats: ReadonlyArray<readonly [name: string, type: string, bytes: (place: string) => Buffer]> = [
  ["tone.aiff", "audio/aiff", () => SampleMedia.aiff("tone", { seconds: SECONDS, sampleRate: 8000 })],
  ["quiet.dsf", "audio/x-dsf", dsf],
  ["quiet.amr", "audio/amr", amr],
  ...(hasFfmpeg
    ? ([
        ["tone.w64", "audio/x-w64", converted("tone.w64")],
        ["tone.caf", "audio/x-caf", converted("tone.caf")],
        ["phone.wav", "audio/wav", converted("phone.wav", "-ac", "1", "-ar", "8000", "-c:a", "libgsm_ms")]
      ] as const)
    : [])
]

const row = (file: string, type: string, size: number, container: string, codec: string | undefined, n: number) => ({
  sql: `INSERT INTO media (id, content_hash, path, size_bytes, media_type, container, audio_codec, duration_seconds, added_at, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 2, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
  values: [n, String(n).repeat(64).slice(0, 64), file, size, type, container, codec ?? null]
})

describe("previews", () => {
  it.scopedLive.each(engines)("play what a browser doesn't: DSF, AMR, AIFF, W64, CAF and GSM, whole: %s", (engine) =>
    Effect.gen(function* () {
      const state = yield* folder
      const media = yield* Layer.build(Layer.provide(MediaEngine.with({ engine }), StateFolder.temporary))
      const probe = (path: string) =>
        Effect.flatMap(SampleMedia.original(path), (original) =>
          Effect.provide(
            Effect.flatMap(MediaEngine, (engine) => engine.probe(original)),
            media
          )
        )
      const rows = yield* Effect.forEach(formats, ([name, type, bytes], i) =>
        Effect.gen(function* () {
          const file = join(state, name)
          const made = bytes(state)
          writeFileSync(file, made)
          const { container, streams } = yield* probe(file)
          return row(file, type, made.length, container, streams.find((stream) => stream.type === "audio")?.codec, i + 1)
        })
      )
      yield* library(
        state,
        Effect.flatMap(Database, (database) => database.write(rows))
      )
      const { link, port } = yield* serving(state, { engine })
      const window = signed(yield* signIn(port, yield* link))
      for (const [i, [name]] of formats.entries()) {
        const answer = yield* Effect.promise(() =>
          fetch(`http://127.0.0.1:${port}/api/items/${i + 1}/sound`, { headers: { cookie: window["cookie"] ?? "" } })
        )
        expect([name, answer.status, answer.headers.get("content-type")]).toEqual([name, 200, "audio/mp4"])
        const copy = join(state, `${name}.m4a`)
        writeFileSync(copy, Buffer.from(yield* Effect.promise(() => answer.arrayBuffer())))
        const { container, durationSeconds } = yield* probe(copy)
        expect([name, container, Math.round(durationSeconds * 5) / 5]).toEqual([name, "mov", SECONDS])
      }
    })
  )

  it.scopedLive.skipIf(!hasFfmpeg)(
    "play recordings that stand behind each other whole, whatever the browser says that it plays",
    () =>
      Effect.gen(function* () {
        const state = yield* folder
        const one = converted("one.ogg", "-c:a", "libvorbis")(state)
        const file = join(state, "two.ogg")
        writeFileSync(file, Buffer.concat([one, one]))
        const result = `INSERT INTO result (media_id, pipeline, node, kind, json) VALUES (1, 'p', 'probe', 'Probe', '{"joined":true}')`
        yield* library(
          state,
          Effect.flatMap(Database, (database) =>
            database.write([row(file, "audio/ogg", 2 * one.length, "ogg", "vorbis", 1), { sql: result, values: [] }])
          )
        )
        const { link, port } = yield* serving(state)
        const window = signed(yield* signIn(port, yield* link))
        const answer = yield* Effect.promise(() =>
          fetch(`http://127.0.0.1:${port}/api/items/1/sound?plays=ogg`, { headers: { cookie: window["cookie"] ?? "" } })
        )
        expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "audio/mp4"])
        const copy = join(state, "copy.m4a")
        writeFileSync(copy, Buffer.from(yield* Effect.promise(() => answer.arrayBuffer())))
        const media = yield* Layer.build(Layer.provide(MediaEngine.with({ engine: "auto" }), StateFolder.temporary))
        const { durationSeconds } = yield* Effect.flatMap(SampleMedia.original(copy), (original) =>
          Effect.provide(
            Effect.flatMap(MediaEngine, (engine) => engine.probe(original)),
            media
          )
        )
        expect(durationSeconds).toBeCloseTo(2 * SECONDS, 1)
      })
  )
})
