import { expect, it } from "@effect/vitest"
import { Conformance, StageTest } from "@mediaspool/core/testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import plugin from "./Plugin.js"
import { weigh } from "./Stage.js"

it.scoped("weighs a file, and keeps to what every stage promises", () =>
  Effect.gen(function* () {
    const test = yield* StageTest.make({ plugin })
    const source = yield* test.sourceFile("tone.wav", SampleMedia.wav("tone"), "audio/wav")
    expect((yield* test.run(weigh, { source })).bytes).toBeGreaterThan(1_000)
    expect(yield* Conformance.check(weigh, [{ inputs: { source } }], { plugin })).toEqual([])
  })
)
