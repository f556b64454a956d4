import { describe, expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Avi from "../testing/Avi.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { live } from "./EngineWays.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const RATE = 48_000

const installed = await Effect.runPromise(InstalledEngines.find)

/** A second of microphones, one of which hears a tone. */
const microphones = (count: number, sounding: number): ReadonlyArray<Float32Array> =>
  Array.from({ length: count }, (_, microphone) =>
    Float32Array.from({ length: RATE }, (_, n) => (microphone === sounding ? 0.3 * Math.sin((2 * Math.PI * 1500 * n) / RATE) : 0))
  )

const copies = [
  ["m4a", "aac"],
  ["aac", "aac"],
  ["ogg", "vorbis"],
  ["opus", "opus"],
  ["flac", "flac"],
  ["wav", "pcm_s16le"]
] as const

describe("microphones that stand nowhere that the file says", () => {
  for (const way of installed)
    layer(live(way), { timeout: "60 seconds" })(`with ${way}`, (it) => {
      const levels = (path: string) =>
        Effect.gen(function* () {
          const engine = yield* MediaEngine
          const { levels, loudness } = yield* engine.askAll(yield* SampleMedia.original(path), {
            levels: { _tag: "Levels" },
            loudness: { _tag: "Loudness" }
          })
          return [levels.peak, loudness.integrated]
        })

      it.scoped.each([
        [3, 2],
        [6, 3],
        [8, 3]
      ] as const)(
        "of %i, each counts (%i)",
        ([count, sounding]) =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const engine = yield* MediaEngine
            const file = yield* SampleMedia.write(folder, "recorder.wav", Wav.encode(microphones(count, sounding), RATE))
            const [peak = 0, loudness = 0] = yield* levels(file.path)
            expect(peak).toBeCloseTo(-10.5, 1)
            // As one channel alone has it.
            const [, alone = 0] = yield* levels(
              (yield* SampleMedia.write(folder, "one.wav", Wav.encode(microphones(1, 0), RATE))).path
            )
            expect(loudness).toBeCloseTo(alone, 1)
            const made = yield* Effect.forEach(
              copies,
              ([container, codec]) =>
                Effect.gen(function* () {
                  const path = `${file.path}.${container}`
                  const copy = yield* Effect.either(engine.ask(file, { _tag: "AudioCopy", path, container, codec }))
                  if (copy._tag === "Left") return copy.left.code
                  const [heard = -Infinity] = yield* levels(path)
                  return [copy.right.channels, Math.abs(heard - peak) < 1.5]
                }),
              { concurrency: "unbounded" }
            )
            const whole = [count, true]
            // Vorbis has no six channels without a low-frequency one.
            expect(made).toEqual([whole, whole, count === 6 ? "TooManyChannels" : whole, whole, whole, whole])
          }),
        60_000
      )

      it.scoped(
        "each of six is in the copy of a video",
        () =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const engine = yield* MediaEngine
            const pictures = { width: 64, height: 48, framesPerSecond: 10, frames: 10, scenes: 1 }
            const file = yield* SampleMedia.write(
              folder,
              "camera.avi",
              Avi.encode(pictures, { channels: microphones(6, 3), rate: RATE })
            )
            const path = `${file.path}.mp4`
            yield* engine.ask(file, { _tag: "VideoCopy", path, container: "mp4", videoCodec: "h264", audioCodec: "aac" })
            const [peak = -Infinity] = yield* levels(path)
            expect(Math.abs(peak + 10.5)).toBeLessThan(1.5)
          }),
        60_000
      )
    })
})
