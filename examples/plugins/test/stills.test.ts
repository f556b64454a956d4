import { describe, expect, it } from "@effect/vitest"
import { Conformance, StageTest } from "@mediaspool/core/testing"
import { mediaPlugin, probe } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import plugin, { contactSheet, stills } from "../src/stills.js"

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0
if (!hasFfmpeg) console.warn("ffmpeg is not on the PATH: the example's pictures are not tested")

const sample = (name: string, bytes: Buffer) =>
  Effect.gen(function* () {
    const test = yield* StageTest.make({ plugin })
    const file = yield* test.sourceFile(name, bytes, "video/x-msvideo")
    const media = yield* StageTest.make({ plugin: mediaPlugin })
    return { test, inputs: { file, probe: yield* media.run(probe, { file }) } }
  })

describe.runIf(hasFfmpeg)("stills", () => {
  it.scoped("takes pictures of a video and puts them on one sheet", () =>
    Effect.gen(function* () {
      const { inputs, test } = yield* sample("video.avi", SampleMedia.avi("chords", { seconds: 2 }))
      const pictures = yield* test.run(stills, inputs, { count: 4, width: 64 })
      expect(pictures.files.map(({ slot }) => slot)).toEqual(["still-001", "still-002", "still-003", "still-004"])
      expect(new Set(pictures.files.map(({ hash }) => hash)).size).toBe(4)
      const { file } = yield* test.run(contactSheet, { stills: pictures }, { columns: 2 })
      expect(readFileSync(file.path).subarray(0, 3).toString("hex")).toBe("ffd8ff")
      expect(test.progress.at(-1)).toMatchObject({ fraction: 1 })
      expect(yield* test.leftovers).toEqual([])
    })
  )

  it.scoped("skips a sound, and keeps to what every stage promises", () =>
    Effect.gen(function* () {
      const { inputs, test } = yield* sample("tone.wav", SampleMedia.wav("tone", { seconds: 1 }))
      expect(yield* Effect.flip(test.run(stills, inputs))).toMatchObject({ code: "StillsNoPicture", retry: "skip" })
      const video = yield* sample("video.avi", SampleMedia.avi(undefined, { seconds: 1 }))
      expect(yield* Conformance.check(stills, [{ inputs: video.inputs, with: { count: 2 } }], { plugin })).toEqual([])
    })
  )
})
