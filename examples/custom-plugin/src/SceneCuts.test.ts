import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { SourceFile, Stage, StateFolder } from "@mediaspool/core"
import { MediaEngine, probe } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { sceneCuts } from "./SceneCuts.js"

const services = Layer.merge(Layer.provideMerge(MediaEngine.layer, StateFolder.temporary), NodeContext.layer)

const sample = (name: string) =>
  Effect.gen(function* () {
    const { path } = yield* StateFolder
    const original = yield* SampleMedia.write(path, name, SampleMedia.samples[name]?.() ?? Buffer.alloc(0))
    const file = new SourceFile({ file: original, mediaType: "video/x-msvideo" })
    return { file, probe: yield* Stage.run(probe, { file }) }
  })

describe("scene-cuts", () => {
  it.effect("finds the cuts of a video, and keeps a picture of every scene", () =>
    Effect.gen(function* () {
      const { scenes } = yield* Stage.run(sceneCuts, yield* sample("scenes.avi"), { thumbnailWidth: 32 })
      expect(scenes.map(({ startSeconds }) => Math.round(startSeconds))).toEqual([0, 2, 4])
      expect(scenes.map(({ endSeconds }) => Math.round(endSeconds))).toEqual([2, 4, 6])
      const pictures = scenes.map(({ thumbnail }) => readFileSync(thumbnail.path))
      for (const picture of pictures) expect(picture.subarray(0, 3).toString("hex")).toBe("ffd8ff")
      expect(new Set(scenes.map(({ thumbnail }) => thumbnail.hash)).size).toBe(3)
    }).pipe(Effect.provide(services))
  )

  it.effect("finds one scene where nothing is cut, whatever moves", () =>
    Effect.gen(function* () {
      const { scenes } = yield* Stage.run(sceneCuts, yield* sample("video.avi"))
      expect(scenes.length).toBe(1)
    }).pipe(Effect.provide(services))
  )

  it.effect("does not apply to a sound", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(Stage.run(sceneCuts, yield* sample("drums.wav")))
      expect(failure).toMatchObject({ code: "NoVideo", retry: "skip" })
    }).pipe(Effect.provide(services))
  )
})
