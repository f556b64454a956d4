import { describe, expect, layer } from "@effect/vitest"
import type { Original } from "@mediaspool/core"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { live, ways } from "./EngineWays.fixture.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine, type VideoCopy } from "./MediaEngine.js"

if (!hasFfmpeg) console.warn("Skipped: videos that only ffmpeg makes (uneven rates, joined recordings, mirrored cameras).")

const clip = (seconds: number) => ["-f", "lavfi", "-i", `testsrc2=s=64x48:r=25:d=${seconds}`]
const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
const asIs = { container: "mkv", videoCodec: "copy", audioCodec: "copy" } as const
const anew = { container: "mp4", videoCodec: "h264", audioCodec: "aac" } as const

const copied = (file: Original, request: Omit<VideoCopy, "_tag" | "path">) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = `${file.path}.${request.videoCodec}.${request.container}`
    yield* engine.ask(file, { _tag: "VideoCopy", path, ...request })
    return path
  })

/** The times of a video's pictures in seconds, as they are shown. */
const times = (path: string): ReadonlyArray<number> =>
  spawnSync(
    "ffprobe",
    ["-v", "error", "-select_streams", "v", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0", path],
    { encoding: "utf8" }
  )
    .stdout.split("\n")
    .filter((line) => line !== "")
    .map((line) => Math.round(Number.parseFloat(line) * 100) / 100)

/** The mean of each quarter of the first picture, as a player shows it. */
const quarters = (path: string): ReadonlyArray<number> => [
  ...spawnSync("ffmpeg", [
    ...["-v", "error", "-i", path, "-frames:v", "1", "-vf", "scale=2:2:flags=area,format=gray"],
    ...["-f", "rawvideo", "-"]
  ]).stdout
]

describe.runIf(hasFfmpeg)("videos", () => {
  for (const way of ways)
    layer(live(way), { timeout: "60 seconds" })(`copies of videos, with ${way}`, (it) => {
      it.scoped(
        "pictures at an uneven rate keep their times, each once",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const some = ["-vf", "select=lt(n\\,5)+eq(n\\,9)+eq(n\\,40)+eq(n\\,49)", "-vsync", "vfr"]
            for (const ending of ["mkv", "mp4"]) {
              const file = yield* ffmpeg(folder, `screen.${ending}`, ...clip(2), ...some, ...h264)
              expect(times(yield* copied(file, anew))).toEqual([0, 0.04, 0.08, 0.12, 0.16, 0.36, 1.6, 1.96])
            }
          }),
        60_000
      )

      it.scoped(
        "a picture that stands until the end does so in length, copy and stills",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            // Its last picture but the first is decoded after half a second, and is seen from 1.2 s on.
            const some = ["-vf", "select=lt(n\\,5)+eq(n\\,9)+eq(n\\,20)+eq(n\\,30)", "-vsync", "vfr"]
            const { path } = yield* ffmpeg(folder, "screen.mp4", ...clip(2), ...some, "-c:v", "libx264", "-pix_fmt", "yuv420p")
            const bytes = yield* Effect.promise(() => fs.readFile(path))
            bytes.writeUInt32BE(3240, bytes.indexOf("elst") + 12)
            const file = yield* SampleMedia.write(folder, "paused.mp4", bytes)
            const engine = yield* MediaEngine
            const { stills } = yield* engine.ask(file, { _tag: "Stills", path: `${file.path}.mjpeg`, rate: 1, size: 64 })
            const copy = yield* SampleMedia.original(yield* copied(file, anew))
            const lengths = yield* Effect.forEach([path, file.path, copy.path], (path) =>
              Effect.flatMap(SampleMedia.original(path), engine.probe)
            )
            expect(lengths.map(({ durationSeconds }) => Math.round(durationSeconds * 100) / 100)).toEqual([1.24, 3.24, 3.24])
            expect(stills).toHaveLength(4)
          }),
        60_000
      )

      it.scoped(
        "packets that tell no times go into another container",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const avi = yield* ffmpeg(folder, "film.avi", ...clip(1), "-c:v", "mpeg4", "-bf", "2")
            const mpeg = yield* ffmpeg(folder, "film.mpg", ...clip(1), "-c:v", "mpeg2video", "-bf", "2", "-f", "vob")
            for (const file of [avi, mpeg]) expect(times(yield* copied(file, asIs))).toHaveLength(25)
            const one = yield* ffmpeg(folder, "one.mpg", ...clip(0.04), "-c:v", "mpeg1video")
            expect(times(yield* copied(one, anew))).toHaveLength(1)
          }),
        60_000
      )

      it.scoped(
        "a picture that stands on (Theora) and one that only a tag describes (Ut Video) are copied, what Matroska can't hold is refused",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const still = ["-f", "lavfi", "-i", "color=red:s=64x48:r=25:d=1"]
            const theora = yield* ffmpeg(folder, "still.ogv", ...still, "-c:v", "libtheora")
            expect(times(yield* copied(theora, anew)).length).toBeGreaterThan(0)
            const ut = yield* ffmpeg(folder, "edit.avi", ...clip(0.2), "-c:v", "utvideo", "-pix_fmt", "yuv420p")
            const path = yield* copied(ut, asIs)
            expect([times(path).length, quarters(path)]).toEqual([5, quarters(ut.path)])
            const animation = yield* ffmpeg(folder, "animation.mov", ...clip(0.2), "-c:v", "qtrle")
            expect((yield* Effect.flip(copied(animation, asIs))).code).toBe("CodecRefused")
          }),
        60_000
      )

      it.scoped(
        "a rotation goes into Matroska, or the engine says that it can't",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const flat = yield* ffmpeg(folder, "flat.mp4", ...clip(0.2), ...h264)
            const turned = yield* ffmpeg(folder, "phone.mp4", "-i", flat.path, "-c", "copy", "-metadata:s:v", "rotate=90")
            const engine = yield* MediaEngine
            const seen = yield* Effect.either(
              Effect.gen(function* () {
                const copy = yield* SampleMedia.original(yield* copied(turned, asIs))
                const [stream] = (yield* engine.probe(copy)).streams
                return [stream?.displayWidth, stream?.displayHeight]
              })
            )
            if (way === "ffmpeg" && seen._tag === "Left") expect(seen.left.code).toBe("EngineUnable")
            else expect(seen).toMatchObject({ right: [48, 64] })
          }),
        60_000
      )

      it.scoped.each([
        ["side to side", [-1, 0, 0, 1]],
        ["upside down", [1, 0, 0, -1]],
        ["along a diagonal", [0, 1, 1, 0]],
        ["along the other one", [0, -1, -1, 0]]
      ] as const)(
        "a camera that mirrors its pictures %s is shown so",
        ([, [a, b, c, d]]) =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const bytes = yield* Effect.promise(async () => {
              const quarter = "color=black:s=64x48:d=0.2,geq=lum='60*(1+gt(X,32)+2*gt(Y,24))':cb=128:cr=128"
              await Effect.runPromise(ffmpeg(folder, "flat.mp4", "-f", "lavfi", "-i", quarter, ...h264))
              return fs.readFile(join(folder, "flat.mp4"))
            })
            const at = bytes.indexOf("tkhd") + 44
            const rows = [a, b, 0, c, d, 0, 64 * Number(a < 0 || c < 0), 48 * Number(b < 0 || d < 0)]
            for (const [n, value] of rows.entries()) bytes.writeInt32BE(value * 65_536, at + 4 * n)
            const file = yield* SampleMedia.write(folder, "selfie.mp4", bytes)
            const [is, was] = [quarters(yield* copied(file, anew)), quarters(file.path)]
            expect(is.map((level, n) => Math.abs(level - (was[n] ?? 0)) < 8)).toEqual([true, true, true, true])
            expect(new Set(was.map((level) => Math.round(level / 20))).size).toBe(4)
          }),
        60_000
      )

      it.scoped(
        "recordings behind each other are copied whole, or the engine says that it can't",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const sound = ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"]
            const files = yield* Effect.forEach(["ts", "mp4"], (ending) =>
              Effect.gen(function* () {
                const one = yield* ffmpeg(folder, `one.${ending}`, ...clip(1), ...sound, ...h264)
                const bytes = yield* Effect.promise(() => fs.readFile(one.path))
                return yield* SampleMedia.write(folder, `two.${ending}`, Buffer.concat([bytes, bytes]))
              })
            )
            for (const file of files)
              for (const request of [asIs, anew]) {
                const made = yield* Effect.either(Effect.map(copied(file, request), times))
                if (way === "ffmpeg" && made._tag === "Left") expect(made.left.code).toBe("EngineUnable")
                else if (made._tag === "Right") {
                  expect(Math.abs(made.right.length - 50)).toBeLessThan(2)
                  expect(made.right).toEqual([...made.right].sort((a, b) => a - b))
                } else expect(made).toBeUndefined()
              }
          }),
        60_000
      )
    })
})
