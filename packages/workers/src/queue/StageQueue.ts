import { Effect, Option, type Scope } from "effect"
import type { BackendFactory, JobsOptions, Queue, QueueEvents, RedisQueueBackend, Worker } from "bullmq"
import type { Redis } from "ioredis"
import { setTimeout } from "node:timers/promises"
import type { StageJob } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"
import { ask, briefly } from "./QueueClient.js"
import type { WorkerError } from "../protocol/WorkerError.js"

/** How long a job is held without a sign of life, in milliseconds: a worker that was killed loses it then. */
export const LOCK_MILLIS = 3_000
/** Between two signs of life. */
export const EXTEND_MILLIS = 1_000
/** Between two looks for jobs that were lost. */
const LOST_EVERY_MILLIS = 1_000
/** How often whole machines may be lost with a job. Worker processes that die under it are counted apart, and strictly. */
const MACHINES = 3
/** How long an answer is kept for a coordinator that is away, in seconds. */
const KEPT_SECONDS = 3_600

/** Events that the server remembers: they hold answers, and what a coordinator missed it looks up. */
const EVENTS = 2_000

/** Milliseconds between two readings of them: each wakes the server and the reader up, and answers that came meanwhile come together. */
const EVENTS_EVERY = 8

export const PREFIX = "mediaspool:queue"

/** Retries are the coordinator's. */
export const JOB_OPTIONS: JobsOptions = {
  attempts: 1,
  removeOnComplete: { age: KEPT_SECONDS },
  removeOnFail: { age: KEPT_SECONDS }
}

/** Loaded when somebody works with a queue, and not before. */
export const bullmq: Effect.Effect<typeof import("bullmq")> = Effect.promise(() => import("bullmq"))

const closing = <A extends { close: () => Promise<void> }>(open: () => A): Effect.Effect<A, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(open), (opened) =>
    briefly(
      ask(() => opened.close()),
      "2 seconds"
    )
  )

/** The coordinator's side of a queue. */
export const producer = (name: string, connection: Redis): Effect.Effect<Queue<StageJob, StageReply>, never, Scope.Scope> =>
  Effect.flatMap(bullmq, ({ Queue }) =>
    closing(() => {
      const queue = new Queue<StageJob, StageReply>(name, {
        connection,
        prefix: PREFIX,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS } }
      })
      // What goes wrong is told by the command that meets it.
      queue.on("error", () => {})
      return queue
    })
  )

/**
 * Takes finished jobs out. BullMQ's own command takes them one by one and looks for parents, children and schedulers of each: these
 * jobs have none.
 */
export const removeFinished = (client: Redis, queue: Queue, ids: ReadonlyArray<string>): Effect.Effect<unknown, WorkerError> =>
  ask(() =>
    client
      .pipeline()
      .zrem(queue.toKey("completed"), ...ids)
      .zrem(queue.toKey("failed"), ...ids)
      .unlink(...ids.map((id) => queue.toKey(id)))
      .exec()
  )

/** BullMQ's own server, whose events are read some time apart: without it each event would be read by itself. */
const pacedServer =
  (create: BackendFactory<RedisQueueBackend>): BackendFactory<RedisQueueBackend> =>
  (...options) => {
    const server = create(...options)
    const read = server.readEvents.bind(server)
    let last = -EVENTS_EVERY
    server.readEvents = async (id, timeout) => {
      const early = last + EVENTS_EVERY - performance.now()
      if (early > 0) await setTimeout(early)
      const events = await read(id, timeout)
      last = performance.now()
      return events
    }
    return server
  }

/** What happens to the jobs of a queue, from now on. */
export const events = (name: string, connection: Redis): Effect.Effect<QueueEvents, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { createRedisBackend, QueueEvents } = yield* bullmq
    // Its own reading begins some time after it was made: nothing that happens meanwhile may be missed.
    const last = yield* Effect.option(ask(() => connection.xrevrange(`${PREFIX}:${name}:events`, "+", "-", "COUNT", 1)))
    const lastEventId = Option.getOrElse(last, () => [])[0]?.[0] ?? "0-0"
    return yield* closing(() => {
      const events = new QueueEvents(name, { connection, prefix: PREFIX, lastEventId }, pacedServer(createRedisBackend))
      events.on("error", () => {})
      return events
    })
  })

/** A worker's side of a queue: jobs are taken one by one, never pushed. It also looks for jobs that others lost. */
export const consumer = (
  name: string,
  connection: Redis,
  worker: string
): Effect.Effect<Worker<StageJob, StageReply>, never, Scope.Scope> =>
  Effect.flatMap(bullmq, ({ Worker }) =>
    closing(() => {
      const taker = new Worker<StageJob, StageReply>(name, null, {
        connection,
        name: worker,
        prefix: PREFIX,
        autorun: false,
        lockDuration: LOCK_MILLIS,
        stalledInterval: LOST_EVERY_MILLIS,
        maxStalledCount: MACHINES
      })
      taker.on("error", () => {})
      void taker.startStalledCheckTimer()
      return taker
    })
  )
