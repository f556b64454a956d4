import { describe, expect, it } from "@effect/vitest"
import { FileSystem } from "@effect/platform"
import { Context, Effect, Layer, Schema } from "effect"
import * as Failure from "./Failure.js"
import * as Field from "./Field.js"
import { SourceFile } from "./FileRef.js"
import * as Plugin from "./Plugin.js"
import * as Stage from "./Stage.js"

class Level extends Schema.TaggedClass<Level>()("Level", { decibels: Schema.Number }) {}
class LevelError extends Failure.Class<LevelError>()("LevelError", { NoLevel: { retry: "never", help: "Listen." } }) {}
class Meter extends Context.Tag("Meter")<Meter, { readonly read: Effect.Effect<number> }>() {}
class Clock extends Context.Tag("Clock")<Clock, { readonly now: number }>() {}

const level = Stage.make({
  name: "level",
  version: 1,
  summary: "Measures the level",
  input: { file: SourceFile },
  output: Level,
  config: Field.none,
  error: LevelError,
  run: () =>
    Effect.gen(function* () {
      const meter = yield* Meter
      return new Level({ decibels: yield* meter.read })
    })
})
const meter = Layer.effect(
  Meter,
  Effect.map(FileSystem.FileSystem, () => ({ read: Effect.succeed(-3) }))
)
const clocked = Layer.effect(
  Meter,
  Effect.map(Clock, (clock) => ({ read: Effect.succeed(clock.now) }))
)

describe("Plugin.make", () => {
  it("is data: its stages, and what they need", () => {
    const plugin = Plugin.make({ name: "level", stages: [level], layer: meter })
    expect(plugin).toMatchObject({ name: "level", stages: [level], needs: [], permissions: {}, migrations: [], sections: [] })
  })

  it("does not compile while a service is missing", () => {
    // @ts-expect-error -- no layer provides Meter
    Plugin.make({ name: "level", stages: [level] })
    // @ts-expect-error -- the layer itself needs Clock
    Plugin.make({ name: "level", stages: [level], layer: clocked })
  })

  it("takes what a named plugin provides", () => {
    const clock = Plugin.make({ name: "clock", stages: [], layer: Layer.succeed(Clock, { now: 1 }) })
    const meters = Plugin.make({ name: "meters", stages: [], layer: clocked, needs: [clock] })
    expect(Plugin.make({ name: "level", stages: [level], needs: [meters] }).needs).toEqual([meters])
  })
})
