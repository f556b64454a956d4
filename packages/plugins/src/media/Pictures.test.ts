import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { ffmpeg, hasFfmpeg } from "./Ffmpeg.fixture.js"
import { MediaEngine } from "./MediaEngine.js"
import { pictureSize } from "./requests/frame.js"

if (!hasFfmpeg) console.warn("Skipped: a film of greys, which only ffmpeg makes.")

const engines = await Effect.runPromise(InstalledEngines.find)

describe.each(engines)("pictures at a steady rate, with %s", (engine) => {
  const live = MediaEngine.with({ engine }).pipe(Layer.provide(TemporaryFolder.state))
  const clip = (folder: string) => EncodedMedia.video(folder, "drums", "mp4", { seconds: 6, scenes: 3 })

  it.scoped("gives a JPEG for each step, of the whole or of a cut", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = yield* clip(folder)
      const media = yield* MediaEngine
      const path = join(folder, "stills.mjpeg")
      const whole = yield* media.ask(file, { _tag: "Stills", path, rate: 2, size: 32 })
      expect(whole).toMatchObject({ width: 32, height: 24 })
      expect(whole.stills).toHaveLength(12)
      const bytes = yield* Effect.promise(() => fs.readFile(path))
      for (const still of whole.stills)
        expect(pictureSize(bytes.subarray(still.offset, still.offset + still.bytes))).toEqual({ width: 32, height: 24 })
      const cut = yield* media.ask(file, {
        _tag: "Stills",
        path,
        rate: 2,
        size: 4000,
        cut: { startSeconds: 2.5, durationSeconds: 2 }
      })
      expect(cut.stills).toHaveLength(4)
      // None is enlarged.
      expect(cut).toMatchObject({ width: 64, height: 48 })
    }).pipe(Effect.provide(live))
  )

  it.scoped.runIf(hasFfmpeg)("each shows what is seen at its time", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const film = ["-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=4,geq=lum='40+100*gte(T,1.2)+50*gte(T,2)':cb=128:cr=128"]
      const file = yield* ffmpeg(folder, "film.mp4", ...film, "-c:v", "libx264", "-qp", "0")
      const media = yield* MediaEngine
      for (const cut of [undefined, { startSeconds: 0.5, durationSeconds: 2.5 }]) {
        const path = join(folder, "stills.mjpeg")
        const { stills } = yield* media.ask(file, {
          _tag: "Stills",
          path,
          rate: 1,
          size: 64,
          ...(cut === undefined ? {} : { cut })
        })
        const bytes = yield* Effect.promise(() => fs.readFile(path))
        const shown = stills.map((still) => bytes.subarray(still.offset, still.offset + still.bytes).toString("base64"))
        const same = shown.map((one) => shown.indexOf(one))
        // At 0 and 1 s the first grey, then the third; in the cut at 0.5, 1.5 and 2.5 s one of each.
        expect(same).toEqual(cut === undefined ? [0, 0, 2, 2] : [0, 1, 2])
      }
    }).pipe(Effect.provide(live))
  )

  it.scoped("finds where the picture changes at once, and what colour it is", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = yield* clip(folder)
      const media = yield* MediaEngine
      const looked = { _tag: "Scenes", path: join(folder, "small.rgb"), rate: 8, threshold: 0.2, minimumSeconds: 0.5 } as const
      const { pictures, scenes } = yield* media.ask(file, looked)
      expect(pictures).toBe(48)
      expect(scenes.map(({ endSeconds, startSeconds }) => [startSeconds, endSeconds])).toEqual([
        [0, 2],
        [2, 4],
        [4, 6]
      ])
      const reds = scenes.map(({ red }) => red)
      expect(reds[0]).toBeGreaterThan(80)
      expect(reds[1]).toBeGreaterThan(200)
      expect(reds[2]).toBeLessThan(60)
      expect(scenes.every(({ isBlack, motion }) => !isBlack && motion > 0)).toBe(true)
    }).pipe(Effect.provide(live))
  )

  it.scoped("says that a sound has no picture", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const file = yield* SampleMedia.writeWav(folder, "tone")
      const media = yield* MediaEngine
      const asked = media.ask(file, { _tag: "Stills", path: join(folder, "x"), rate: 1, size: 64 })
      expect(yield* Effect.flip(asked)).toMatchObject({ code: "NoVideo" })
    }).pipe(Effect.provide(live))
  )
})
