import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Port from "../stage/Port.js"
import * as Stage from "../stage/Stage.js"
import { Entry, files, folder, layer, Other, plan, run, Text, textStage, Trouble } from "./Run.fixture.js"
import { Runner } from "./Runner.js"
import { rewired } from "./Rewired.js"

/** Says of a file what a model would, with a hint or without. */
const paid = (isPaid: boolean) =>
  Stage.make({
    name: "say",
    version: 1,
    summary: "Says something",
    input: { file: Entry, hint: Port.maybe(Text) },
    output: Other,
    config: Schema.Struct({}),
    error: Trouble,
    ...(isPaid ? { estimate: () => Effect.succeed([]) } : {}),
    run: ({ hint }) => Effect.succeed(new Other({ text: hint?.text ?? "" }))
  })

describe("a paid step with another input than before", () => {
  it.scopedLive("is told with the files that are done, until they are done with it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const found = files(root, { "a.wav": "a", "b.wav": "b" })
      const hint = textStage("hint").stage
      const [bare, hinted] = [true, false].map((isBare) =>
        plan([...(isBare ? [] : [{ name: "hint", stage: hint }]), { name: "say", stage: paid(true) }])
      )
      if (bare === undefined || hinted === undefined) return expect.fail()
      yield* Effect.gen(function* () {
        const { prepare } = yield* Runner
        const told = (asked: typeof bare) => Effect.flatMap(prepare(asked), rewired)
        expect(yield* told(hinted)).toEqual([])
        yield* run(bare, [found])
        expect(yield* told(bare)).toEqual([])
        expect(yield* told(hinted)).toEqual([{ node: "say", gained: ["hint"], lost: [], files: 2 }])
        yield* run(hinted, [found])
        expect(yield* told(hinted)).toEqual([])
        expect(yield* told(bare)).toEqual([{ node: "say", gained: [], lost: ["hint"], files: 2 }])
      }).pipe(Effect.provide(layer(`${root}/.spool`)))
    })
  )

  it.scopedLive("is told of no step that costs nothing", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const stage = paid(false)
      yield* Effect.gen(function* () {
        yield* run(plan([{ name: "say", stage }]), [files(root, { "a.wav": "a" })])
        const { prepare } = yield* Runner
        const ready = yield* prepare(
          plan([
            { name: "hint", stage: textStage("hint").stage },
            { name: "say", stage }
          ])
        )
        expect(yield* rewired(ready)).toEqual([])
      }).pipe(Effect.provide(layer(`${root}/.spool`)))
    })
  )
})
