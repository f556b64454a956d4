import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule, Schema } from "effect"
import { join } from "node:path"
import { Calls } from "../stage/Calls.js"
import { all } from "../stage/Port.js"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"
import * as RunControl from "./RunControl.js"
import { Entry, files, folder, layer, Other, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"

describe("A run that is asked to stop", () => {
  it.scopedLive("finishes what it has begun when it is drained", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const drain = yield* Deferred.make<void>()
      let begun = 0
      const stage = textStage("slow", (text) =>
        Effect.as(
          Effect.zipRight(++begun === 2 ? Deferred.succeed(drain, undefined) : Effect.void, Effect.sleep("20 millis")),
          text
        )
      )
      const contents = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.wav`, `${i}`]))
      const nodes = plan([{ name: "slow", stage: stage.stage }])
      const arrivals = [files(join(root, "in"), contents)]
      yield* Effect.gen(function* () {
        const first = yield* run(nodes, arrivals, { inFlight: 2, drain: Deferred.await(drain) })
        expect(first.outcome).toBe("drained")
        expect(first.items).toEqual({ total: 2, done: 2, failed: 0, waiting: 0 })
        const second = yield* run(nodes, arrivals)
        expect(second.items.done).toBe(10)
        expect(stage.runs.length).toBe(10)
        expect(yield* rows("SELECT outcome FROM run ORDER BY id")).toEqual([{ outcome: "drained" }, { outcome: "finished" }])
        expect(yield* rows("SELECT * FROM lease")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("finishes what it has begun when another process asks it to, and says what it expects meanwhile", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const go = yield* Deferred.make<void>()
      const stage = textStage("slow", (text) => Effect.as(Deferred.await(go), text))
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b", "c.wav": "c" })]
      yield* Effect.gen(function* () {
        const nodes = plan([{ name: "slow", stage: stage.stage }])
        const running = yield* Effect.fork(run(nodes, arrivals, { inFlight: 1, expected: () => 3 }))
        const told = Effect.map(rows("SELECT summary ->> 'expected' AS n FROM run"), ([row]) => row?.["n"] === 3)
        yield* Effect.repeat(told, { until: (isTold) => isTold, schedule: Schedule.spaced("50 millis") })
        yield* RunControl.drain(1)
        const isHeard = Effect.delay(Effect.succeed(true), "1500 millis")
        yield* Effect.zipRight(isHeard, Deferred.succeed(go, undefined))
        expect(yield* Fiber.join(running)).toMatchObject({ outcome: "drained", items: { total: 1, done: 1 } })
        yield* RunControl.drain(1)
        expect(yield* rows("SELECT name FROM fact WHERE name LIKE 'run-drain%'")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("begins nothing more when it is drained, though all files have been let in", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const drain = yield* Deferred.make<void>()
      let begun = 0
      const stage = textStage("slow", (text) =>
        Effect.gen(function* () {
          if (++begun === 2) yield* Deferred.succeed(drain, undefined)
          yield* Deferred.await(drain)
          yield* Effect.sleep("50 millis")
          return text
        })
      )
      const summary = yield* run(
        plan([{ name: "slow", stage: stage.stage }]),
        [files(join(root, "in"), { "a.wav": "a", "b.wav": "b", "c.wav": "c" })],
        { inFlight: 2, drain: Deferred.await(drain) }
      ).pipe(Effect.provide(layer(join(root, "state"))))
      expect(summary).toMatchObject({ outcome: "drained", items: { total: 2, done: 2 } })
    })
  )

  it.scopedLive("leaves the next step to the next run, but for a sink that lacks nothing", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const drain = yield* Deferred.make<void>()
      const arrivals = [files(join(root, "in"), { "slow.wav": "slow", "quick.wav": "quick" })]
      const begun = yield* Deferred.make<void>()
      const slow = Effect.zipRight(
        Deferred.succeed(begun, undefined),
        Effect.zipRight(Deferred.await(drain), Effect.sleep("20 millis"))
      )
      const first = textStage("first", (text) => Effect.as(text === "quick" ? Deferred.await(begun) : slow, text))
      const kept: Array<string> = []
      const keep = Sink.make({
        name: "keep",
        version: 1,
        summary: "Keeps texts",
        input: { file: Entry, texts: all(Text) },
        output: Other,
        config: Schema.Struct({}),
        error: Trouble,
        run: ({ texts }) =>
          Effect.suspend(() => {
            kept.push(texts.map(({ value }) => value.text).join(" "))
            return Effect.as(Deferred.succeed(drain, undefined), new Other({ text: "" }))
          })
      })
      const second = Stage.make({
        name: "second",
        version: 1,
        summary: "Goes on",
        input: { text: Text },
        output: Other,
        config: Schema.Struct({}),
        error: Trouble,
        run: ({ text }) => Effect.succeed(new Other({ text: text.text }))
      })
      const withKeep = plan([
        { name: "first", stage: first.stage },
        { name: "keep", stage: keep }
      ])
      const withSecond = plan([
        { name: "first", stage: first.stage },
        { name: "second", stage: second }
      ])
      yield* Effect.gen(function* () {
        const options = { inFlight: 2, drain: Deferred.await(drain) }
        expect(yield* run(withKeep, arrivals, options)).toMatchObject({ outcome: "drained", items: { done: 2 } })
        expect(kept).toEqual(["quick", "slow"])
        const stopped = yield* run(withSecond, arrivals, { inFlight: 2, drain: Effect.void })
        expect(stopped).toMatchObject({ outcome: "drained", items: { total: 0 } })
        const rest = yield* run(withSecond, arrivals)
        expect(rest).toMatchObject({ items: { done: 2 }, stages: { first: { cached: 2 }, second: { ran: 2 } } })
        expect(first.runs.length).toBe(2)
        expect(yield* rows("SELECT * FROM lease")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("sends no other paid request, and has the answers of those that were sent", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const drain = yield* Deferred.make<void>()
      const sent: Array<number> = []
      const ask = Stage.make({
        name: "ask",
        version: 1,
        summary: "Asks four times, two at a time",
        input: { file: Entry },
        output: Text,
        config: Schema.Struct({}),
        error: Trouble,
        run: () =>
          Effect.gen(function* () {
            const calls = yield* Calls
            const answers = yield* Effect.forEach(
              [1, 2, 3, 4],
              (window) =>
                calls.call(
                  { identity: { window }, account: "nobody", model: "parrot", onAmbiguous: "hold" },
                  Effect.gen(function* () {
                    sent.push(window)
                    if (sent.length === 2) yield* Deferred.succeed(drain, undefined)
                    // The first is answered long before the second.
                    yield* Effect.sleep(window === 2 ? "80 millis" : "10 millis")
                    return { body: String(window) }
                  })
                ),
              { concurrency: 2 }
            )
            return new Text({ text: answers.map(({ body }) => body).join(" ") })
          }).pipe(Effect.orDie)
      })
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const nodes = plan([{ name: "ask", stage: ask }])
      yield* Effect.gen(function* () {
        const stopped = yield* run(nodes, arrivals, { drain: Deferred.await(drain) })
        expect(stopped).toMatchObject({ outcome: "drained", items: { total: 0 } })
        expect(sent).toEqual([1, 2])
        expect((yield* run(nodes, arrivals)).items.done).toBe(1)
        expect(sent).toEqual([1, 2, 3, 4])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
