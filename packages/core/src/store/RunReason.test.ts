import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { files, folder, found, layer, plan, run, textStage } from "../runner/Run.fixture.js"
import { explain } from "./RunReason.js"

describe("explain", () => {
  it.scopedLive("names the parts of the key that changed", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const { stage } = textStage("upper")
      const under = (identity: { readonly rate: number }) => plan([{ name: "loud", stage, identity }])
      const path = join(root, "in", "a.wav")
      yield* Effect.gen(function* () {
        yield* run(under({ rate: 1 }), [files(join(root, "in"), { "a.wav": "a" })])
        expect(yield* explain(path, "loud")).toMatchObject([{ node: "loud", stage: "upper", outcome: "ran", changes: [] }])
        yield* run(under({ rate: 2 }), [files(join(root, "in"), { "a.wav": "a" })])
        expect((yield* explain(path, "upper"))[0]?.changes).toEqual([{ part: "config.rate", before: "1", after: "2" }])
        files(join(root, "in"), { "a.wav": "other" })
        const edit = { ...found(join(root, "in"), "a.wav"), status: "changed" as const, item: 1 }
        yield* run(under({ rate: 2 }), [{ _tag: "Found", files: [edit] }])
        const [edited] = yield* explain(path, "loud")
        expect(edited?.changes.map(({ part }) => part)).toEqual(["inputs.file"])
        expect(yield* explain(path, "nowhere")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
