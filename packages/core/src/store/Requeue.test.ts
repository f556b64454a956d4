import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { files, folder, layer, plan, rows, run, textStage, Trouble } from "../runner/Run.fixture.js"
import { requeue } from "./Requeue.js"

describe("requeue", () => {
  it.scopedLive("tries again what was given up, and only what was asked for", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const mended = { yes: false }
      const picky = textStage("picky", (content) =>
        mended.yes || content === "good" ? Effect.succeed(content) : Effect.fail(new Trouble({ code: "Never", detail: content }))
      )
      const nodes = plan([{ name: "picky", stage: picky.stage }])
      const arrivals = [files(join(root, "in"), { "a.wav": "bad", "b.wav": "worse", "c.wav": "good" })]
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ done: 1, failed: 2 })
        mended.yes = true
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ failed: 2 })
        expect(yield* requeue({ code: "NoSuchCode" })).toEqual({ items: 0, failures: 0, calls: 0 })
        expect(yield* requeue({ stage: "picky", code: "Never" })).toEqual({ items: 2, failures: 2, calls: 0 })
        expect(yield* rows("SELECT state FROM item_state")).toEqual([{ state: "done" }])
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ done: 3, failed: 0 })
        expect(picky.runs.length).toBe(5)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
