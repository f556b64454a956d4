import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { all } from "../stage/Port.js"
import * as Stage from "../stage/Stage.js"
import { Entry, files, folder, layer, Other, plan, rows, run, Text, Trouble } from "./Fixture.tst.js"

/** A stage that counts its runs. */
const counted = (
  name: string,
  of: (file: Entry) => Effect.Effect<string, Trouble> = ({ file }) => Effect.succeed(`${name} ${file.hash.slice(0, 4)}`)
) => {
  const calls: Array<string> = []
  const stage = Stage.make({
    name,
    version: 1,
    summary: name,
    input: { file: Entry },
    output: Text,
    config: Schema.Struct({}),
    error: Trouble,
    run: ({ file }) =>
      Effect.suspend(() => {
        calls.push(file.file.path)
        return Effect.map(of(file), (text) => new Text({ text }))
      })
  })
  return { stage, calls }
}

const join_ = Stage.make({
  name: "join",
  version: 1,
  summary: "Joins texts",
  input: { texts: all(Text) },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ texts }) => Effect.succeed(new Other({ text: texts.map(({ node, value }) => `${node}=${value.text}`).join(" ") }))
})

describe("Runner", () => {
  it.scopedLive("runs every node once for every file, and nothing the second time", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      const upper = counted("upper")
      const lower = counted("lower")
      const nodes = plan([
        { name: "upper", stage: upper.stage },
        { name: "lower", stage: lower.stage },
        { name: "join", stage: join_ }
      ])
      yield* Effect.gen(function* () {
        const first = yield* run(nodes, arrivals)
        expect(first.items).toEqual({ total: 2, done: 2, failed: 0, waiting: 0 })
        expect(first.stages["join"]).toEqual({ ran: 2, cached: 0, skipped: 0, failed: 0, waiting: 0 })
        const values = yield* rows(
          "SELECT value FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'join' ORDER BY value"
        )
        expect(values.map(({ value }) => JSON.parse(String(value)).text)).toEqual([
          "upper=upper 3e23 lower=lower 3e23",
          "upper=upper ca97 lower=lower ca97"
        ])
        const second = yield* run(nodes, arrivals)
        expect(second.stages["join"]).toEqual({ ran: 0, cached: 2, skipped: 0, failed: 0, waiting: 0 })
        expect(upper.calls.length).toBe(2)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
