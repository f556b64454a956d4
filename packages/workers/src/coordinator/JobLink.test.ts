import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Exit, Redacted, Scope } from "effect"
import type { Redis } from "ioredis"
import { Ask } from "../protocol/Ask.js"
import { type JobEntry, jobId, type JobNode } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"
import * as QueueClient from "../queue/QueueClient.js"
import { RedisServer } from "../testing/index.js"
import * as JobQueues from "../worker/JobQueues.js"
import { PartBuilder } from "../worker/PartBuilder.js"
import * as JobLink from "./JobLink.js"
import type { SentJob, Settled } from "./SentJob.js"

const hasRedis = RedisServer.program() !== undefined
if (!hasRedis) console.warn(RedisServer.MISSING)

const COORDINATOR = "0123456789abcdef"
const asked = new Ask({ stage: "s", version: 1, plugin: "p", pluginVersion: "", engine: false, roots: [] })
const node: JobNode = { coordinator: COORDINATOR, pipeline: "p", node: "n", stage: "s", version: 1, config: {} }
const entry = (letter: string): JobEntry => ({ key: letter.repeat(43), try: 1, inputs: {}, files: [] })
const idOf = (letter: string): string => jobId({ coordinator: COORDINATOR, ...entry(letter) })
const done = (output: string): StageReply => ({ _tag: "Done", output, files: [], madeWith: [] })

const client = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => RedisServer.start()),
    (server) => Effect.promise(async () => server?.stop())
  )
  if (server === undefined) return yield* Effect.dieMessage(RedisServer.MISSING)
  return yield* QueueClient.make({ shown: server.url, options: Redacted.make({ port: server.port, host: "127.0.0.1" }) })
})

/** One life of a coordinator: what was settled, and how. */
const life = (client: Redis) =>
  Effect.gen(function* () {
    const link = yield* JobLink.make(client, COORDINATOR, () => ({ workers: 1, slots: 1 }))
    const queue = yield* link.open(asked)
    const settled = new Map<string, Settled>()
    const send = (letter: string): void => {
      const job: SentJob = {
        id: idOf(letter),
        queue,
        node,
        text: JSON.stringify(entry(letter)),
        isMerged: false,
        weight: 1 / 8,
        sentAt: Date.now(),
        started: () => {},
        progressed: () => {},
        settle: (how) => {
          settled.set(letter, how)
          link.forget(job)
        }
      }
      link.send(job)
    }
    const until = (letters: string) =>
      Effect.repeat(Effect.sleep("5 millis"), { until: () => [...letters].every((letter) => settled.has(letter)) })
    return { link, send, settled, until }
  })

/** Takes the next job of the queue, as soon as there is one. */
const next = (queues: JobQueues.JobQueues) =>
  Effect.map(
    Effect.repeat(Effect.delay(queues.take(1), "5 millis"), { until: (found) => found.length > 0 }),
    ([taken]) => taken
  ).pipe(Effect.flatMap((taken) => (taken === undefined ? Effect.dieMessage("nothing was taken") : Effect.succeed(taken))))

/** Says these answers, and ends the job where they are all. */
const answer = (queues: JobQueues.JobQueues, taken: JobQueues.TakenJob, replies: Readonly<Record<string, StageReply>>) =>
  Effect.gen(function* () {
    const part = new PartBuilder(taken.id)
    for (const [letter, reply] of Object.entries(replies)) part.answer(idOf(letter), letter, reply, 1)
    return yield* queues.say(taken, part.take(true).text)
  })

const idsOf = ({ asked }: JobQueues.TakenJob) =>
  Either.getOrThrow(Either.map(asked, ({ ids }) => ids.map((id) => id.charAt(17)).join("")))

describe.runIf(hasRedis)("A coordinator and its queue", () => {
  it.scopedLive("send what is ready together, and take each answer when it comes", () =>
    Effect.gen(function* () {
      const redis = yield* client
      const queues = yield* JobQueues.make(redis, "w")
      yield* queues.open(asked)
      const { send, settled, until } = yield* life(redis)
      for (const letter of "abc") send(letter)
      const taken = yield* next(queues)
      expect(idsOf(taken)).toBe("abc")
      expect(yield* answer(queues, taken, { b: done("b") })).toBe(true)
      yield* until("b")
      expect([...settled.keys()]).toEqual(["b"])
      expect(yield* answer(queues, { ...taken, token: "another's" }, { a: done("late") })).toBe(false)
      expect(yield* answer(queues, taken, { a: done("a"), c: done("c") })).toBe(true)
      yield* queues.complete(taken, false)
      yield* until("ac")
      expect(settled.get("a")).toMatchObject({ reply: { output: "a" } })
      // What was taken is forgotten there.
      yield* Effect.repeat(Effect.sleep("20 millis"), {
        until: () => Effect.promise(async () => (await redis.xlen(`mediaspool:answers:${COORDINATOR}`)) === 0)
      })
    })
  )

  it.scopedLive("offer again what came to nothing, alone where a process or a machine ended under it", () =>
    Effect.gen(function* () {
      const redis = yield* client
      const queues = yield* JobQueues.make(redis, "w")
      yield* queues.open(asked)
      const { send, settled, until } = yield* life(redis)
      for (const letter of "abcd") send(letter)
      const taken = yield* next(queues)
      const undone = (why: "process" | "machine" | "late"): StageReply => ({ _tag: "Undone", why, on: "w" })
      yield* answer(queues, taken, { a: undone("process"), b: undone("machine"), c: undone("late"), d: undone("late") })
      yield* queues.complete(taken, false)
      const again = [yield* next(queues), yield* next(queues), yield* next(queues)]
      expect(again.map(idsOf).sort()).toEqual(["a", "b", "cd"])
      const about = again.map(({ asked }) =>
        Either.getOrThrow(Either.map(asked, ({ lostOn, machinesLost }) => ({ lostOn, machinesLost })))
      )
      expect(about).toContainEqual({ lostOn: ["w"], machinesLost: 0 })
      expect(about).toContainEqual({ lostOn: [], machinesLost: 1 })
      for (const taken of again)
        yield* answer(queues, taken, Object.fromEntries([...idsOf(taken)].map((letter) => [letter, done(letter)])))
      yield* until("abcd")
      expect([...settled.values()].every(({ _tag }) => _tag === "Replied")).toBe(true)
    })
  )

  it.scopedLive("take what was done while the coordinator was away, and try again what failed then", () =>
    Effect.gen(function* () {
      const redis = yield* client
      const queues = yield* JobQueues.make(redis, "w")
      yield* queues.open(asked)
      const first = yield* Scope.make()
      const { send } = yield* Scope.extend(life(redis), first)
      for (const letter of "ab") send(letter)
      const taken = yield* next(queues)
      yield* Scope.close(first, Exit.void)
      const failure = { _tag: "E", code: "Failed", retry: "never", message: "m", help: "h" } as const
      yield* answer(queues, taken, { a: done("a"), b: { _tag: "Failed", failure } })
      yield* queues.complete(taken, false)
      const second = yield* life(redis)
      // The stream is read before the files are found again.
      yield* Effect.sleep("100 millis")
      for (const letter of "ab") second.send(letter)
      yield* second.until("a")
      expect(second.settled.get("a")).toMatchObject({ reply: { output: "a" } })
      expect(idsOf(yield* next(queues))).toBe("b")
    })
  )
})
