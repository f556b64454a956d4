import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Stream } from "effect"
import { join } from "node:path"
import { Placement, type RunPlaced } from "./Placement.js"
import { files, folder, layer, plan, rows, run, textStage } from "./Run.fixture.js"

const elsewhere = (runPlaced: RunPlaced) =>
  Layer.succeed(Placement, { of: () => Effect.succeed(runPlaced), events: Stream.empty })

const TIMEOUT = Duration.millis(50)

/** A place is free when the node's timeout is long over. */
const placed: RunPlaced = ({ here, started }) =>
  Effect.zipRight(Effect.delay(Effect.sync(started), Duration.times(TIMEOUT, 3)), here)

const runsOf = (name: string, stage: ReturnType<typeof textStage>["stage"]) =>
  Effect.gen(function* () {
    const root = yield* folder
    const nodes = plan([{ name, stage, on: "workers", timeout: TIMEOUT }])
    return yield* Effect.gen(function* () {
      const { items } = yield* run(nodes, [files(join(root, "in"), { "a.wav": "a" })])
      return { items, failures: yield* rows("SELECT code, retry FROM failure") }
    }).pipe(Effect.provide(layer(join(root, "state")).pipe(Layer.provide(elsewhere(placed)))))
  })

describe("The timeout of a node that runs elsewhere", () => {
  it.scopedLive("doesn't run while the attempt waits for a place", () =>
    Effect.gen(function* () {
      const { failures, items } = yield* runsOf("quick", textStage("quick").stage)
      expect([items.done, failures]).toEqual([1, []])
    })
  )

  it.scopedLive("runs from then on", () =>
    Effect.gen(function* () {
      const { failures } = yield* runsOf("slow", textStage("slow", () => Effect.never).stage)
      expect(failures).toEqual([{ code: "TimedOut", retry: "now" }])
    })
  )
})
