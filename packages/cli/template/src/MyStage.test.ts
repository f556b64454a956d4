import { describe, expect, it } from "@effect/vitest"
import { Conformance, StageTest } from "@mediaspool/core/testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import plugin, { myStage } from "./index.js"

describe("my-stage", () => {
  it.scoped("measures how far the peaks stand out", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin })
      const tone = yield* test.sourceFile("tone.wav", SampleMedia.wav("tone"), "audio/wav")
      const drums = yield* test.sourceFile("drums.wav", SampleMedia.wav("drums"), "audio/wav")
      // The peak of a sine is the square root of two times its average level.
      expect((yield* test.run(myStage, { file: tone })).crestFactor).toBeCloseTo(3.01, 1)
      expect(yield* test.run(myStage, { file: drums })).toMatchObject({ punchy: true })
      expect(yield* test.run(myStage, { file: drums }, { punchyFrom: 40 })).toMatchObject({ punchy: false })
    })
  )

  it.scoped("does not apply to silence", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin })
      const file = yield* test.sourceFile("silence.wav", SampleMedia.wav("silence"), "audio/wav")
      expect(yield* Effect.flip(test.run(myStage, { file }))).toMatchObject({ code: "MyStageSilent", retry: "skip" })
    })
  )

  it.scoped("keeps to what every stage promises", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin })
      const drums = yield* test.sourceFile("drums.wav", SampleMedia.wav("drums"), "audio/wav")
      expect(yield* Conformance.check(myStage, [{ inputs: { file: drums } }], { plugin })).toEqual([])
    })
  )
})
