import { describe, expect, it } from "@effect/vitest"
import { Failure, Field, Stage } from "@mediaspool/core"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { Dispatcher } from "./Dispatcher.js"
import type { JobLink } from "./JobLink.js"
import { templateOf } from "./JobTemplate.fixture.js"
import * as RemoteAttempt from "./RemoteAttempt.js"
import type { SentJob } from "./SentJob.js"

class Level extends Schema.TaggedClass<Level>("test/Level")("Level", { decibels: Schema.Number }) {}
const measure = Stage.make({
  name: "measure",
  version: 1,
  summary: "Measures",
  input: {},
  output: Level,
  config: Field.none,
  error: Failure.None,
  run: () => Effect.succeed(new Level({ decibels: -3 }))
})
/** A coordinator with one slot of its own, and what it has sent. */
const home = (slots: number) => {
  const sent: Array<SentJob> = []
  const cancelled: Array<string> = []
  const link: JobLink = {
    waiting: () => sent,
    open: () => Effect.succeed("measure"),
    together: () => 1,
    send: (job) => void sent.push(job),
    forget: () => {},
    recall: () => Effect.succeed([]),
    resend: () => {},
    cancel: ({ id }) => Effect.sync(() => void cancelled.push(id))
  }
  const services: RemoteAttempt.RemoteServices = {
    dispatcher: new Dispatcher(slots),
    link,
    server: {
      url: "http://127.0.0.1:1",
      token: "",
      offer: () => {},
      withdraw: () => {},
      expect: () => {},
      refuse: () => {},
      delivered: () => ""
    },
    outbox: undefined,
    fork: (effect) => void Effect.runFork(effect)
  }
  const run = (here: Effect.Effect<unknown>, letter = "k") =>
    RemoteAttempt.run(services, "measure", templateOf(measure), {
      key: letter.repeat(43),
      try: 1,
      isRerun: false,
      inputs: {},
      started: () => {},
      queued: () => {},
      here
    })
  return { cancelled, run, sent, services }
}

describe("An attempt that may run elsewhere", () => {
  it.live("gives its place on this machine back when it ends, fails, breaks or is interrupted", () =>
    Effect.gen(function* () {
      const { run } = home(1)
      expect(yield* run(Effect.succeed("here"))).toBe("here")
      yield* Effect.exit(run(Effect.die("broken")))
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(run(Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)))
      yield* Deferred.await(begun)
      const next = yield* Effect.fork(run(Effect.succeed("next")))
      // One that has its place by now, and is interrupted before it begins.
      const early = yield* Effect.fork(run(Effect.never))
      yield* Fiber.interrupt(fiber)
      yield* Fiber.interrupt(early)
      expect(yield* Fiber.join(next)).toBe("next")
      expect(yield* run(Effect.succeed("last"))).toBe("last")
    })
  )

  it.live("is called back from its worker when it is interrupted, and leaves its place there", () =>
    Effect.gen(function* () {
      const { cancelled, run, sent, services } = home(0)
      services.dispatcher.see([{ slots: 0.5, takes: ["measure"] }])
      const fiber = yield* Effect.fork(run(Effect.never, "a"))
      yield* Effect.yieldNow()
      expect(sent.map(({ text }) => JSON.parse(text).key)).toEqual(["a".repeat(43)])
      const second = yield* Effect.fork(run(Effect.never, "b"))
      yield* Effect.yieldNow()
      expect(sent).toHaveLength(1)
      yield* Fiber.interrupt(fiber)
      expect(sent).toHaveLength(2)
      sent[1]?.settle({
        _tag: "Replied",
        reply: { _tag: "Done", output: { _tag: "Level", decibels: -6 }, files: [], madeWith: [] }
      })
      expect(yield* Fiber.join(second)).toEqual(new Level({ decibels: -6 }))
      const isCalledBack = Effect.sync(() => cancelled.length > 0)
      yield* Effect.repeat(Effect.delay(isCalledBack, "20 millis"), { until: (is) => is, times: 500 })
      expect(cancelled).toEqual([sent[0]?.id])
    })
  )
})
