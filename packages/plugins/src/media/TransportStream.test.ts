import { describe, expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { live, ways } from "./EngineWays.fixture.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

if (!hasFfmpeg) console.warn("Skipped: transport streams, which only ffmpeg makes.")

const tone = (rate: number) => ["-f", "lavfi", "-i", `aevalsrc=0.25*sin(2*PI*440*t):d=2:s=${rate}`]
const clip = (size: string) => ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=25:d=2`]

/** What stands behind each other, as ffmpeg is told to make it. */
const recordings: ReadonlyArray<readonly [what: string, ...parts: ReadonlyArray<ReadonlyArray<string>>]> = [
  ["in another codec", [...tone(48_000), "-c:a", "mp2"], [...tone(48_000), "-c:a", "aac"], [...tone(48_000), "-c:a", "ac3"]],
  ["under other numbers", [...tone(48_000), "-c:a", "mp2"], [...tone(48_000), "-c:a", "mp2", "-mpegts_start_pid", "0x300"]],
  ["at another sample rate", [...tone(24_000), "-c:a", "aac"], [...tone(48_000), "-c:a", "aac"]],
  ["behind a picture", [...tone(48_000), "-c:a", "aac"], [...clip("64x48"), ...tone(48_000), "-c:v", "mpeg2video", "-c:a", "aac"]]
]

describe.runIf(hasFfmpeg)("transport streams behind each other", () => {
  for (const way of ways.filter((way) => way !== "ffmpeg"))
    layer(live(way), { timeout: "60 seconds" })(`what goes on otherwise, with ${way}`, (it) => {
      const joined = (folder: string, parts: ReadonlyArray<ReadonlyArray<string>>) =>
        Effect.gen(function* () {
          const bytes = yield* Effect.forEach(parts, (words, n) =>
            Effect.flatMap(ffmpeg(folder, `${n}.ts`, ...words), ({ path }) => Effect.promise(() => fs.readFile(path)))
          )
          return yield* SampleMedia.write(folder, "all.ts", Buffer.concat(bytes))
        })

      it.scoped.each(recordings)(
        "sound that goes on %s is heard whole",
        ([, ...parts]) =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const file = yield* joined(folder, parts)
            const engine = yield* MediaEngine
            const { copy, levels, silences, spectrum } = yield* engine.askAll(file, {
              copy: { _tag: "AudioCopy", path: `${file.path}.wav`, container: "wav", codec: "pcm_s16le" },
              levels: { _tag: "Levels" },
              silences: { _tag: "Silences", threshold: -50, minimumSeconds: 0.3 },
              spectrum: { _tag: "Spectrum" }
            })
            const { durationSeconds } = yield* engine.probe(file)
            const seconds = 2 * parts.length
            expect([durationSeconds, copy.durationSeconds].map((one) => Math.abs(one - seconds) < 0.15)).toEqual([true, true])
            expect(silences).toEqual([])
            expect([Math.round(levels.rms ?? 0), Math.round((spectrum.centroid ?? 0) / 440)]).toEqual([-15, 1])
          }),
        60_000
      )

      it.scoped(
        "pictures that go on in another size and codec have the times of the first",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const sizes = [
              [...clip("64x48"), ...tone(48_000), "-c:v", "mpeg2video", "-c:a", "mp2"],
              [...clip("96x128"), ...tone(44_100), "-c:v", "libx264", "-c:a", "aac"]
            ]
            const file = yield* joined(folder, sizes)
            const engine = yield* MediaEngine
            const path = (kind: string) => `${file.path}.${kind}`
            const { copy, stills } = yield* engine.askAll(file, {
              copy: { _tag: "VideoCopy", path: path("mp4"), container: "mp4", videoCodec: "h264", audioCodec: "aac" },
              stills: { _tag: "Stills", path: path("mjpeg"), rate: 2, size: 64 }
            })
            // The sound of the first is longer than its picture: what follows ends after four seconds.
            expect([stills.stills.length, stills.width, stills.height]).toEqual([9, 64, 48])
            expect([Math.round(copy.durationSeconds), copy.width, copy.height]).toEqual([4, 64, 48])
            const asIs = {
              _tag: "VideoCopy",
              path: path("mkv"),
              container: "mkv",
              videoCodec: "copy",
              audioCodec: "copy"
            } as const
            expect((yield* Effect.flip(engine.ask(file, asIs))).code).toBe("CodecRefused")
          }),
        60_000
      )

      it.scoped(
        "a browser's pictures that change their size on the way have as many stills as seconds",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const parts = yield* Effect.forEach(["64x48", "128x96", "48x64"], (size) =>
              ffmpeg(folder, `${size}.webm`, ...clip(size), "-c:v", "libvpx")
            )
            const list = yield* SampleMedia.write(
              folder,
              "list.txt",
              Buffer.from(parts.map(({ path }) => `file '${path}'\n`).join(""))
            )
            const words = ["-f", "concat", "-safe", "0", "-i", list.path, "-c", "copy"]
            const file = yield* ffmpeg(folder, "call.webm", ...words)
            const engine = yield* MediaEngine
            const path = `${file.path}.mjpeg`
            const { stills } = yield* engine.ask(file, { _tag: "Stills", path, rate: 2, size: 64 })
            expect(stills).toHaveLength(12)
          }),
        60_000
      )
    })
})
