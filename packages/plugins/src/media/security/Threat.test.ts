import { expect, it, layer } from "@effect/vitest"
import { type Original, RawPath } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import * as EncodedMedia from "../../testing/EncodedMedia.js"
import * as InstalledEngines from "../../testing/InstalledEngines.js"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as MediaDoctor from "../MediaDoctor.js"
import { type AudioCopy, MediaEngine } from "../MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)

const probe = (file: Original) => Effect.flatMap(MediaEngine, (engine) => engine.probe(file))
const loudness = (file: Original) => Effect.flatMap(MediaEngine, (engine) => engine.ask(file, { _tag: "Loudness" }))
const copy = (path: string, more: Partial<AudioCopy> = {}) =>
  ({ _tag: "AudioCopy", path, container: "wav", codec: "pcm_s16le", ...more }) as const
const codeOf = <A, R>(effect: Effect.Effect<A, { readonly code: string }, R>) =>
  Effect.match(effect, { onFailure: ({ code }) => code, onSuccess: () => "fine" })

/** Names that break command lines, logs, patterns and terminals; the last is no text at all. */
const names = [
  "with space.wav",
  "-i.wav",
  "--help.wav",
  "line\nbreak [ebur128@n1 @ 0x1] I: -1.0 LUFS.wav",
  "quote'and\"double.wav",
  "percent%d%03d.wav",
  "concat:a|b.wav",
  "http:x.wav",
  "file:y.wav",
  "semi;colon&amp$(touch pwned)`touch pwned`.wav",
  "back\\slash.wav",
  "stars*[a-z]?{}.wav",
  "\u202egpj.wav",
  "\u200f\u2066.wav",
  "Größe 録音 🎧.wav",
  "comma,equals=[0:a].wav",
  "tab\tand\u0007bell.wav",
  RawPath.fromBytes(Buffer.from([0x6e, 0x6f, 0xff, 0xfe, 0x80, 0x2e, 0x77, 0x61, 0x76]))
]

it("has something to read media with", () => expect(installed.length).toBeGreaterThan(0))

for (const engine of installed)
  layer(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state)), { timeout: "60 seconds" })(
    `against hostile files, ${engine}`,
    (it) => {
      it.scoped(
        "reads and copies a file whatever its name",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const wav = SampleMedia.wav("tone", { seconds: 1, sampleRate: 8000 })
            const files = yield* Effect.forEach(names, (name) => SampleMedia.write(folder, name, wav))
            const media = yield* MediaEngine
            const results = yield* Effect.forEach(
              files,
              (file, n) =>
                Effect.all(
                  [media.probe(file), media.ask(file, copy(join(folder, `out ${n}.wav`))), media.ask(file, { _tag: "Loudness" })],
                  { concurrency: "unbounded" }
                ),
              { concurrency: "unbounded" }
            )
            for (const [{ durationSeconds }, written, { integrated }] of results) {
              expect(durationSeconds).toBe(1)
              expect(written.durationSeconds).toBe(1)
              expect(integrated).toBeCloseTo(-9.7, 0)
            }
            const left = yield* Effect.promise(() => fs.readdir(folder))
            expect(left.filter((name) => name.includes("pwned") && !name.includes("touch"))).toEqual([])
            expect(left.length).toBe(2 * names.length)
          }),
        120_000
      )

      it.scoped(
        "refuses what is no media, each for its reason",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const whole = SampleMedia.wav("speech", { seconds: 4 })
            const mp3 = yield* EncodedMedia.sound(folder, "speech", "mp3", { seconds: 6 })
            const flac = yield* EncodedMedia.sound(folder, "noise", "flac", { seconds: 3 })
            const m4a = yield* EncodedMedia.sound(folder, "speech", "m4a", { seconds: 4 })
            const ogg = yield* EncodedMedia.sound(folder, "speech", "ogg", { seconds: 4 })
            const bytes = (file: Original) => Effect.promise(() => fs.readFile(file.path))
            const cut = (file: Original) => Effect.map(bytes(file), (all) => all.subarray(0, Math.floor(all.length * 0.6)))
            const flipped = Effect.map(bytes(flac), (all) => {
              const random = SampleMedia.randomFrom(7)
              const damaged = Buffer.from(all)
              for (let i = 0; i < 400; i++) damaged[100 + Math.floor(random() * (all.length - 100))] = Math.floor(random() * 256)
              return damaged
            })
            const cases = [
              ["EmptyFile", "empty.mp3", Buffer.alloc(0)],
              ["NotMedia", "text.mp3", Buffer.from("I am a text.\n".repeat(100))],
              ["NotMedia", "random.mp3", Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * n * 31) % 251))],
              ["NotMedia", "picture.mp3", Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(5000, 7)])],
              ["Truncated", "cut.wav", whole.subarray(0, whole.length * 0.6)],
              ["Truncated", "cut.mp3", yield* cut(mp3)],
              ["Truncated", "cut.flac", yield* cut(flac)],
              ["Truncated", "cut.m4a", yield* cut(m4a)],
              ["Truncated", "cut.ogg", yield* cut(ogg)],
              ["Undecodable", "flipped.flac", yield* flipped]
            ] as const
            const files = yield* Effect.forEach(cases, ([, name, content]) => SampleMedia.write(folder, name, content))
            const sound = yield* SampleMedia.writeWav(folder, "tone")
            // All at once, so that the bad ones share processes with a good one.
            const [codes, good] = yield* Effect.all(
              [Effect.forEach(files, (file) => codeOf(loudness(file)), { concurrency: "unbounded" }), codeOf(loudness(sound))],
              { concurrency: "unbounded" }
            )
            expect(codes.map((code, n) => [code, cases[n]?.[1]])).toEqual(cases.map(([code, name]) => [code, name]))
            expect(good).toBe("fine")
          }),
        120_000
      )

      it.scoped(
        "opens nothing that a playlist names, under any name",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const secret = yield* SampleMedia.writeWav(folder, "tone", {}, "secret.wav")
            const asked: Array<string> = []
            const server = yield* Effect.acquireRelease(
              Effect.async<ReturnType<typeof createServer>>((resume) => {
                const listening = createServer((request, response) => {
                  asked.push(request.url ?? "")
                  response.end()
                }).listen(0, "127.0.0.1", () => resume(Effect.succeed(listening)))
              }),
              (server) => Effect.sync(() => void server.close())
            )
            const address = server.address()
            const port = typeof address === "object" ? address?.port : 0
            const hls = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\n${target}\n#EXT-X-ENDLIST\n`
            const playlists = [
              ["absolute.mp3", hls(secret.path)],
              ["address.mp3", hls(`file:${secret.path}`)],
              ["relative.mp4", hls("secret.wav")],
              ["up.mp3", hls(`../${folder.split("/").at(-1)}/secret.wav`)],
              ["network.mp3", hls(`http://127.0.0.1:${port}/leak.ts`)],
              ["concat.mp4", `ffconcat version 1.0\nfile secret.wav\n`],
              ["dash.mp4", `<?xml version="1.0"?><MPD><Period><BaseURL>${secret.path}</BaseURL></Period></MPD>`],
              // Behind bytes that the refusal of playlists doesn't know, only the whitelist stands.
              ["hidden.mp4", `\x01\n${hls(secret.path)}`]
            ] as const
            const files = yield* Effect.forEach(playlists, ([name, text]) => SampleMedia.write(folder, name, Buffer.from(text)))
            const media = yield* MediaEngine
            const codes = yield* Effect.forEach(
              files,
              (file) => Effect.all([codeOf(probe(file)), codeOf(media.ask(file, copy(`${file.path}.out`)))]),
              { concurrency: "unbounded" }
            )
            expect(codes.slice(0, -1).flat()).toEqual(codes.slice(0, -1).flatMap(() => ["PlaylistRefused", "PlaylistRefused"]))
            expect(codes.at(-1)).toEqual(["NotMedia", "NotMedia"])
            expect((yield* Effect.promise(() => fs.readdir(folder))).filter((name) => name.includes(".out"))).toEqual([])
            expect(asked).toEqual([])
          }),
        60_000
      )

      it.scoped(
        "stops at the ceiling, whatever a small file unpacks to",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const media = yield* MediaEngine
            // Ten minutes of silence: some 100 KB of FLAC, 50 MB of WAV.
            const bomb = yield* EncodedMedia.sound(folder, "silence", "flac", { seconds: 600, sampleRate: 22_050 })
            expect(bomb.size).toBeLessThan(500_000)
            const path = join(folder, "out.wav")
            expect(yield* codeOf(media.ask(bomb, copy(path, { sampleRate: 44_100, channels: 2, maxBytes: 1_000_000 })))).toBe(
              "TooLarge"
            )
            expect((yield* Effect.promise(() => fs.readdir(folder))).filter((name) => name.startsWith("out"))).toEqual([])
          }),
        60_000
      )
    }
  )

it.scoped(
  "finds its engines safe",
  () =>
    Effect.gen(function* () {
      const findings = yield* MediaDoctor.examine
      expect(findings.map(({ name }) => name)).toEqual(installed)
      expect(findings.every(({ safe }) => safe)).toBe(true)
    }).pipe(Effect.provide(TemporaryFolder.state)),
  60_000
)

it.runIf(installed.includes("ffmpeg"))(
  "uses no ffmpeg that opens what a playlist names",
  () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      // An ffmpeg that knows no whitelist of containers.
      const real = (process.env["PATH"] ?? "").split(":").map((place) => join(place, "ffmpeg"))
      const ffmpeg = yield* Effect.findFirst(real, (path) =>
        Effect.promise(() =>
          fs.access(path).then(
            () => true,
            () => false
          )
        )
      )
      const careless = join(folder, "ffmpeg")
      const script = `#!/bin/sh
for word; do
  if [ "$skip" ]; then skip=; else case $word in -format_whitelist) skip=1;; *) set -- "$@" "$word";; esac; fi
  shift
done
exec ${ffmpeg._tag === "Some" ? ffmpeg.value : ""} "$@"
`
      yield* Effect.promise(() => fs.writeFile(careless, script, { mode: 0o755 }))
      const before = process.env["FFMPEG_PATH"]
      process.env["FFMPEG_PATH"] = careless
      const sound = yield* SampleMedia.writeWav(folder, "tone", { seconds: 1 })
      const code = yield* Effect.provide(
        codeOf(loudness(sound)),
        MediaEngine.with({ engine: "ffmpeg" }).pipe(Layer.provide(TemporaryFolder.state))
      ).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            if (before === undefined) delete process.env["FFMPEG_PATH"]
            else process.env["FFMPEG_PATH"] = before
          })
        )
      )
      expect(code).toBe("EngineUnsafe")
    }).pipe(Effect.scoped, Effect.runPromise),
  60_000
)
