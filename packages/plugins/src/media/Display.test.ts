import { describe, expect, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { spawnSync } from "node:child_process"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)
if (!hasFfmpeg) console.warn("Skipped: pictures with a shape, a turn and colours of their own, which only ffmpeg makes.")

/** Matroska whose edges are cut away is written by that program alone. */
const hasMkvmerge = spawnSync("mkvmerge", ["--version"]).status === 0
if (!hasMkvmerge) console.warn("Skipped: pictures whose edges are cut away, for mkvmerge isn't installed.")

/** What ffprobe says of the picture. */
const told = (path: string, entries: string): ReadonlyArray<string> =>
  spawnSync(
    "ffprobe",
    [...["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", `stream=${entries}`, "-of", "csv=p=0"], path],
    { encoding: "utf8" }
  )
    .stdout.trim()
    .split(",")
    .filter((field) => field !== "")

const picture = (source: string) => ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]
const fast = ["-c:v", "libx264", "-preset", "ultrafast"]

describe.runIf(hasFfmpeg)("a picture", () => {
  for (const engine of installed)
    layer(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state)), { timeout: "60 seconds" })(
      `what people see of a picture, with ${engine}`,
      (it) => {
        const videoCopy = (path: string) =>
          ({ _tag: "VideoCopy", path, container: "mp4", videoCodec: "h264", audioCodec: "none" }) as const

        it.scoped(
          "is upright and in its shape, in the probe, in copies and in stills",
          () =>
            Effect.gen(function* () {
              const folder = yield* TemporaryFolder.make
              const square = yield* ffmpeg(folder, "square.mp4", ...picture("testsrc2=s=360x288:r=25:d=0.4"), ...fast)
              const again = ["-i", square.path, "-c", "copy"]
              // That command counts the other way round. Stored 360 × 288: at 16:9 it is 512 wide.
              const files = [
                [yield* ffmpeg(folder, "90.mp4", ...again, "-metadata:s:v", "rotate=90"), 288, 360, 270],
                [yield* ffmpeg(folder, "180.mov", ...again, "-metadata:s:v", "rotate=180"), 360, 288, 180],
                [yield* ffmpeg(folder, "270.mov", ...again, "-metadata:s:v", "rotate=270"), 288, 360, 90],
                [yield* ffmpeg(folder, "wide.mkv", ...again, "-aspect", "16:9"), 512, 288, undefined],
                [yield* ffmpeg(folder, "wide.mp4", ...again, "-aspect", "16:9"), 512, 288, undefined],
                [yield* ffmpeg(folder, "wide.90.mp4", ...again, "-aspect", "16:9", "-metadata:s:v", "rotate=90"), 288, 512, 270]
              ] as const
              const media = yield* MediaEngine
              const seen = yield* Effect.forEach(
                files,
                ([file, width, height]) =>
                  Effect.gen(function* () {
                    const { frame, stills } = yield* media.askAll(file, {
                      copy: videoCopy(`${file.path}.copy`),
                      frame: { _tag: "Frame", path: `${file.path}.png`, format: "png", atSeconds: 0.2, width: 128 },
                      stills: { _tag: "Stills", path: `${file.path}.stills`, rate: 4, size: 128 }
                    })
                    const [stream] = (yield* media.probe(file)).streams
                    const [wide = "", high = "", shape = "1:1"] = told(`${file.path}.copy`, "width,height,sample_aspect_ratio")
                    const [above = 1, below = 1] = shape.split(":").map(Number)
                    const shapes = [
                      (Number(wide) * above) / below / Number(high),
                      frame.width / frame.height,
                      stills.width / stills.height
                    ]
                    return [
                      file.path,
                      stream?.displayWidth ?? stream?.width,
                      stream?.displayHeight ?? stream?.height,
                      stream?.rotation,
                      shapes.every((one) => Math.abs(one - width / height) < 0.03)
                    ]
                  }),
                { concurrency: "unbounded" }
              )
              expect(seen).toEqual(files.map(([file, width, height, rotation]) => [file.path, width, height, rotation, true]))
            }),
          120_000
        )

        it.scoped.runIf(hasMkvmerge && installed.includes("node-av"))(
          "is without the edges that its container cuts away",
          () =>
            Effect.gen(function* () {
              const folder = yield* TemporaryFolder.make
              // White, with a black edge.
              const framed = "color=white:s=80x60:r=25:d=0.4,drawbox=c=black:t=8"
              const whole = yield* ffmpeg(folder, "whole.mp4", ...picture(framed), ...fast)
              const path = `${folder}/cut.mkv`
              const shape = ["--cropping", "0:8,8,8,8", "--display-dimensions", "0:64x44"]
              spawnSync("mkvmerge", ["-q", "-o", path, ...shape, whole.path])
              const file = yield* SampleMedia.original(path)
              const media = yield* MediaEngine
              const { frame } = yield* media.askAll(file, {
                copy: videoCopy(`${path}.copy`),
                frame: { _tag: "Frame", path: `${path}.png`, format: "png", atSeconds: 0.2, width: 64 }
              })
              const [stream] = (yield* media.probe(file)).streams
              expect([stream?.displayWidth, stream?.displayHeight]).toEqual([64, 44])
              expect([frame.width, frame.height, ...told(`${path}.copy`, "width,height")]).toEqual([64, 44, "64", "44"])
              const corner = ["-vf", "crop=4:4:0:0,scale=1:1,format=gray", "-frames:v", "1", "-f", "rawvideo", "-"]
              const [level = 0] = spawnSync("ffmpeg", ["-v", "error", "-i", `${path}.copy`, ...corner]).stdout
              expect(level).toBeGreaterThan(200)
            }),
          120_000
        )

        it.scoped(
          "has its colours marked in a copy",
          () =>
            Effect.gen(function* () {
              const folder = yield* TemporaryFolder.make
              const marks = (primaries: string, transfer: string, space: string) => [
                ...["-color_primaries", primaries, "-color_trc", transfer, "-colorspace", space, "-color_range", "tv"]
              ]
              const source = picture("testsrc2=s=160x90:r=25:d=0.4")
              const hdr = ["-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"]
              const files = [
                [yield* ffmpeg(folder, "709.mp4", ...source, ...fast, ...marks("bt709", "bt709", "bt709")), "bt709,bt709,bt709"],
                [
                  yield* ffmpeg(folder, "601.mkv", ...source, ...fast, ...marks("smpte170m", "smpte170m", "smpte170m")),
                  "smpte170m,smpte170m,smpte170m"
                ],
                [
                  yield* ffmpeg(folder, "pq.mkv", ...source, ...hdr, ...marks("bt2020", "smpte2084", "bt2020nc")),
                  "bt2020nc,smpte2084,bt2020"
                ],
                [
                  yield* ffmpeg(folder, "hlg.mp4", ...source, ...hdr, ...marks("bt2020", "arib-std-b67", "bt2020nc")),
                  "bt2020nc,arib-std-b67,bt2020"
                ]
              ] as const
              const media = yield* MediaEngine
              yield* Effect.forEach(files, ([file]) => media.ask(file, videoCopy(`${file.path}.copy`)), {
                concurrency: "unbounded"
              })
              for (const [file, expected] of files)
                expect(told(`${file.path}.copy`, "color_space,color_transfer,color_primaries").join()).toBe(expected)
              // Red is red over the full range, and where the copy is no RGB any more.
              const red = ["-f", "lavfi", "-i", "color=red:s=160x90:r=25:d=0.4"]
              for (const [name, ...options] of [
                ["full.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
                ["rgb.mp4", "-c:v", "libx264rgb", "-pix_fmt", "rgb24"]
              ] as const) {
                const file = yield* ffmpeg(folder, name, ...red, ...options)
                yield* media.ask(file, videoCopy(`${file.path}.copy`))
                const shown = [
                  "-v",
                  "error",
                  "-i",
                  `${file.path}.copy`,
                  "-frames:v",
                  "1",
                  "-pix_fmt",
                  "rgb24",
                  "-f",
                  "rawvideo",
                  "-"
                ]
                const [r = 0, g = 0, b = 0] = spawnSync("ffmpeg", shown).stdout
                expect([name, r > 235, g < 20, b < 20]).toEqual([name, true, true, true])
              }
            }),
          120_000
        )

        it.scoped(
          "comes as often as its container says",
          () =>
            Effect.gen(function* () {
              const folder = yield* TemporaryFolder.make
              const ntsc = picture("testsrc2=s=720x480:r=30000/1001:d=0.5")
              const media = yield* MediaEngine
              const files = [
                yield* ffmpeg(folder, "camcorder.dv", ...ntsc, "-target", "ntsc-dv"),
                yield* ffmpeg(folder, "film.mpg", ...ntsc, "-c:v", "mpeg2video"),
                yield* ffmpeg(folder, "film.avi", ...ntsc, "-c:v", "mpeg4")
              ]
              const rates = yield* Effect.forEach(files, (file) =>
                Effect.map(media.probe(file), ({ streams }) => Math.round(100 * (streams[0]?.frameRate ?? 0)))
              )
              expect(rates).toEqual([2997, 2997, 2997])
            }),
          60_000
        )

        it.scoped(
          "goes on until its last picture ends",
          () =>
            Effect.gen(function* () {
              const folder = yield* TemporaryFolder.make
              const slow = picture("testsrc2=s=64x48:r=1:d=3")
              const reordered = picture("testsrc2=s=64x48:r=25:d=2")
              const files = [
                [yield* ffmpeg(folder, "one.mkv", ...reordered, "-frames:v", "1", ...fast), 1, 1],
                [yield* ffmpeg(folder, "slow.mp4", ...slow, ...fast), 3, 12],
                [yield* ffmpeg(folder, "b.ts", ...reordered, "-c:v", "mpeg2video", "-bf", "2"), 50, 8],
                [yield* ffmpeg(folder, "b.mkv", ...reordered, "-c:v", "libx264", "-bf", "3"), 50, 8],
                [yield* ffmpeg(folder, "vp8.webm", ...reordered, "-c:v", "libvpx"), 50, 8]
              ] as const
              const media = yield* MediaEngine
              const shown = yield* Effect.forEach(
                files,
                ([file]) =>
                  Effect.map(
                    media.askAll(file, {
                      copy: videoCopy(`${file.path}.copy`),
                      stills: { _tag: "Stills", path: `${file.path}.stills`, rate: 4, size: 32 }
                    }),
                    ({ stills }) => [file.path, Number(told(`${file.path}.copy`, "nb_read_frames")[0]), stills.stills.length]
                  ),
                { concurrency: "unbounded" }
              )
              expect(shown).toEqual(files.map(([file, pictures, steps]) => [file.path, pictures, steps]))
            }),
          120_000
        )
      }
    )
})
