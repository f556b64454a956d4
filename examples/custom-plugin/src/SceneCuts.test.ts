import { describe, expect, it } from "@effect/vitest"
import { StageTest } from "@mediaspool/core/testing"
import { probe } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import plugin, { sceneCuts } from "./index.js"

const sample = (name: string) =>
  Effect.gen(function* () {
    const test = yield* StageTest.make({ plugin })
    const file = yield* test.sourceFile(name, SampleMedia.samples[name]?.() ?? Buffer.alloc(0), "video/x-msvideo")
    return { test, inputs: { file, probe: yield* test.run(probe, { file }) } }
  })

describe("scene-cuts", () => {
  it.scoped("finds the cuts of a video, and keeps a picture of every scene", () =>
    Effect.gen(function* () {
      const { inputs, test } = yield* sample("scenes.avi")
      const { scenes } = yield* test.run(sceneCuts, inputs, { thumbnailWidth: 32 })
      expect(scenes.map(({ startSeconds }) => Math.round(startSeconds))).toEqual([0, 2, 4])
      expect(scenes.map(({ endSeconds }) => Math.round(endSeconds))).toEqual([2, 4, 6])
      const pictures = scenes.map(({ thumbnail }) => readFileSync(thumbnail.path))
      for (const picture of pictures) expect(picture.subarray(0, 3).toString("hex")).toBe("ffd8ff")
      expect(new Set(scenes.map(({ thumbnail }) => thumbnail.hash)).size).toBe(3)
      expect(yield* test.leftovers).toEqual([])
    })
  )

  it.scoped("finds one scene where nothing is cut, whatever moves", () =>
    Effect.gen(function* () {
      const { inputs, test } = yield* sample("video.avi")
      expect((yield* test.run(sceneCuts, inputs)).scenes.length).toBe(1)
    })
  )

  it.scoped("does not apply to a sound", () =>
    Effect.gen(function* () {
      const { inputs, test } = yield* sample("drums.wav")
      expect(yield* Effect.flip(test.run(sceneCuts, inputs))).toMatchObject({ code: "NoVideo", retry: "skip" })
    })
  )
})
