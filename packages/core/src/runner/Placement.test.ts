import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Layer, Stream } from "effect"
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

describe("A run that is asked to stop", () => {
  it.scopedLive("leaves what waits for a place elsewhere to the next run, and finishes what somebody works on", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const drain = yield* Deferred.make<void>()
      const { stage } = textStage("far")
      const waiting: Array<string> = []
      /** The first one is begun; nobody ever takes the others. */
      const one: RunPlaced = ({ here, key, queued, started }) =>
        Effect.async((resume) => {
          queued(() => resume(Effect.interrupt))
          waiting.push(key)
          if (waiting.length === 1) {
            started()
            resume(
              Effect.zipRight(Effect.delay(Deferred.succeed(drain, undefined), "100 millis"), Effect.delay(here, "50 millis"))
            )
          }
        })
      yield* Effect.gen(function* () {
        const nodes = plan([{ name: "far", stage, on: "workers" }])
        const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b", "c.wav": "c" })]
        const summary = yield* run(nodes, arrivals, { drain: Deferred.await(drain) })
        expect(summary).toMatchObject({ outcome: "drained", items: { done: 1, failed: 0 } })
        expect(waiting.length).toBe(3)
        expect(yield* rows("SELECT * FROM failure")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state")).pipe(Layer.provide(elsewhere(one)))))
    })
  )
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
