import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { Ask, queueName } from "../protocol/Ask.js"
import { jobId, type JobEntry } from "../protocol/StageJob.js"
import type { StageBatch } from "../protocol/StageBatch.js"
import * as QueueClient from "../queue/QueueClient.js"
import * as StageQueue from "../queue/StageQueue.js"
import { RedisServer } from "../testing/index.js"
import type { JobAnswers } from "./JobAnswers.js"
import * as JobLocks from "./JobLocks.js"
import * as JobLoop from "./JobLoop.js"
import * as JobQueues from "./JobQueues.js"
import { answerAll } from "./Refusal.js"
import { ABSENCE_MILLIS } from "./SlotRoom.js"
import type { WorkerEvent } from "./WorkerEvent.js"
import { WorkerStats } from "./WorkerStats.js"

const hasRedis = RedisServer.program() !== undefined
if (!hasRedis) console.warn(RedisServer.MISSING)

const GONE = "a".repeat(16)
const THERE = "b".repeat(16)
const asked = new Ask({ stage: "s", version: 1, plugin: "p", pluginVersion: "", engine: false, roots: [] })

/** A job of this coordinator's. */
const jobOf = (coordinator: string, letter: string) => {
  const entry: JobEntry = { key: letter.repeat(43), try: 1, inputs: {}, files: [] }
  const id = jobId({ coordinator, ...entry })
  const data: StageBatch = {
    ...{ coordinator, pipeline: "p", node: "n", stage: "s", version: 1, config: {} },
    ...{ ids: [id], entries: JSON.stringify([entry]), isMerged: false, weight: 1, lostOn: [], machinesLost: 0 }
  }
  return { name: "s", data, opts: { jobId: id } }
}

/** One slot, and jobs that are done at once unless their coordinator is gone: those wait for it. */
const worker = (hindrance: () => string | undefined = () => undefined) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => RedisServer.start()),
      (server) => Effect.promise(async () => server?.stop())
    )
    if (server === undefined) return yield* Effect.dieMessage(RedisServer.MISSING)
    const client = yield* QueueClient.make({
      shown: server.url,
      options: Redacted.make({ port: server.port, host: "127.0.0.1" })
    })
    const queue = yield* StageQueue.producer(queueName(asked), client)
    const queues = yield* JobQueues.make(client, "w")
    yield* queues.open(asked)
    const events: Array<WorkerEvent> = []
    const answers: JobAnswers = {
      offer: { engine: { name: "none", version: "" }, plugins: {}, stages: [] },
      cancel: () => {},
      know: () => Effect.void,
      of: ({ id }, heard) =>
        id.startsWith(GONE)
          ? Effect.never
          : Effect.sync(() => heard(answerAll(id, [id], { _tag: "Done", output: 1, files: [], madeWith: [] })))
    }
    const loop = yield* JobLoop.make({
      ...{ client, queues, answers, hindrance },
      slots: 1,
      locks: yield* JobLocks.make,
      stats: new WorkerStats(),
      tell: (more) => Effect.sync(() => void events.push(...more))
    })
    const send = (coordinator: string, letter: string) => Effect.promise(() => queue.addBulk([jobOf(coordinator, letter)]))
    const until = (condition: Effect.Effect<boolean>) =>
      Effect.repeat(Effect.delay(condition, "10 millis"), { until: (is) => is })
    return { events, loop, queue, send, until }
  })

describe.runIf(hasRedis)("What a worker takes", () => {
  it.scopedLive("goes on while a coordinator is gone: its jobs keep no slot from others, and are given back at the end", () =>
    Effect.gen(function* () {
      const { events, loop, queue, send, until } = yield* worker()
      const running = yield* Effect.fork(loop.run)
      yield* send(GONE, "k")
      yield* until(Effect.map(loop.running, (running) => running === 1))
      yield* send(THERE, "l")
      loop.see(new Set([THERE]), 0)
      yield* Effect.sleep("600 millis")
      expect(events).toEqual([])
      loop.see(new Set([THERE]), ABSENCE_MILLIS)
      yield* until(Effect.sync(() => events.length > 0))
      expect(events).toMatchObject([{ _tag: "JobEnded", key: "l".repeat(43), outcome: "done" }])
      yield* Fiber.interrupt(running)
      yield* loop.drain
      yield* until(Effect.promise(async () => (await queue.getActiveCount()) === 1))
    })
  )

  it.scopedLive("is nothing while something hinders it, which is told once", () =>
    Effect.gen(function* () {
      let hindrance: string | undefined = "the disk is full"
      const { events, loop, send, until } = yield* worker(() => hindrance)
      yield* Effect.fork(loop.run)
      yield* send(THERE, "l")
      yield* until(Effect.sync(() => events.length > 0))
      yield* Effect.sleep("600 millis")
      expect([events, loop.hindrance()]).toEqual([[{ _tag: "Hindered", detail: "the disk is full" }], "the disk is full"])
      hindrance = undefined
      yield* until(Effect.sync(() => events.some(({ _tag }) => _tag === "JobEnded")))
      expect(events[1]).toEqual({ _tag: "Unhindered" })
    })
  )
})
