import { Effect, type Scope } from "effect"
import type { JobsOptions, Queue, Worker } from "bullmq"
import type { Redis } from "ioredis"
import type { StageBatch } from "../protocol/StageBatch.js"
import { series, version } from "../protocol/Version.js"
import { ask, briefly } from "./QueueClient.js"

/** How long a job is held without a sign of life, in milliseconds: a worker that was killed loses it then. */
export const LOCK_MILLIS = 3_000
/** Between two signs of life. */
export const EXTEND_MILLIS = 1_000
/** Between two looks for jobs that were lost. */
const LOST_EVERY_MILLIS = 1_000
/** How often whole machines may be lost with a job. Worker processes that die under it are counted apart, and strictly. */
const MACHINES = 3
/** Nobody reads BullMQ's own events: answers have a stream of their own. */
const EVENTS = 1

/** Workers of another series have other queues: they would read jobs of another form. */
export const PREFIX = `mediaspool:${series(version)}:queue`

/** Retries are the coordinator's, and answers are kept elsewhere. */
export const JOB_OPTIONS: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true }

export type Producer = Queue<StageBatch, string>
export type Taker = Worker<StageBatch, string>

/** Loaded when somebody works with a queue, and not before. */
export const bullmq: Effect.Effect<typeof import("bullmq")> = Effect.promise(() => import("bullmq"))

const closing = <A extends { close: () => Promise<void> }>(open: () => A): Effect.Effect<A, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(open), (opened) =>
    briefly(
      ask(() => opened.close()),
      "2 seconds"
    )
  )

/** The coordinator's side of a queue. BullMQ prints what it thinks of the server for every queue: `spool doctor` says it once. */
export const producer = (name: string, connection: Redis): Effect.Effect<Producer, never, Scope.Scope> =>
  Effect.flatMap(bullmq, ({ Queue }) =>
    closing(() => {
      const queue = new Queue<StageBatch, string>(name, {
        connection,
        prefix: PREFIX,
        skipVersionCheck: true,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS } }
      })
      // What goes wrong is told by the command that meets it.
      queue.on("error", () => {})
      return queue
    })
  )

/** A worker's side of a queue: jobs are taken one by one, never pushed. It also looks for jobs that others lost. */
export const consumer = (name: string, connection: Redis, worker: string): Effect.Effect<Taker, never, Scope.Scope> =>
  Effect.flatMap(bullmq, ({ Worker }) =>
    closing(() => {
      const taker = new Worker<StageBatch, string>(name, null, {
        connection,
        name: worker,
        prefix: PREFIX,
        skipVersionCheck: true,
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
