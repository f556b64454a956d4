import { Effect, Queue } from "effect"
import { randomUUID } from "node:crypto"
import { version } from "../protocol/Version.js"
import type { QueueAddress } from "../queue/QueueAddress.js"
import * as QueueClient from "../queue/QueueClient.js"
import * as QueueHealth from "../queue/QueueHealth.js"
import * as Roster from "../queue/Roster.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import * as AskWatch from "./AskWatch.js"
import type { Start } from "./ExecutorProcess.js"
import * as JobAnswers from "./JobAnswers.js"
import * as JobLocks from "./JobLocks.js"
import * as JobLoop from "./JobLoop.js"
import * as JobQueues from "./JobQueues.js"
import type { WorkerEvent } from "./WorkerEvent.js"
import { WorkerStats } from "./WorkerStats.js"

export type { JobOutcome, WorkerEvent } from "./WorkerEvent.js"

export interface Options {
  readonly address: QueueAddress
  /** The machine's name. */
  readonly host: string
  /** Heavy jobs at the same time; short media share one. */
  readonly slots: number
  /** Names of the roots that are mapped here. */
  readonly roots: ReadonlyArray<string>
  /** Why nothing can be begun here for now, in words: asked before jobs are taken. */
  readonly hindrance: () => string | undefined
  /** Starts the process that runs stages. */
  readonly start: Start
  /** When this ends, the worker finishes what it has and takes nothing new. */
  readonly drain: Effect.Effect<void>
  readonly tell: (events: ReadonlyArray<WorkerEvent>) => Effect.Effect<void>
}

/** Takes jobs and runs them until it is drained. What it holds when it is interrupted is given back. */
export const run = (options: Options): Effect.Effect<void, WorkerError> =>
  Effect.gen(function* () {
    const { hindrance, host, roots, slots, tell } = options
    const client = yield* QueueClient.make(options.address)
    yield* AskWatch.refuseOthers(client)
    const name = `${host}/${process.pid}`
    const answers = yield* JobAnswers.make(name, options.start, slots)
    const queues = yield* JobQueues.make(client, name)
    const locks = yield* JobLocks.make
    const stats = new WorkerStats()
    const loop = yield* JobLoop.make({ client, slots, queues, locks, answers, stats, hindrance, tell })
    const asks = yield* AskWatch.make({ client, queues, answers, roots, tell, changed: loop.wake, see: loop.see })
    const id = randomUUID()
    const since = Date.now()
    let draining = false
    const record = (): Roster.WorkerRecord => ({
      id,
      host,
      pid: process.pid,
      version,
      since,
      slots,
      engine: answers.offer.engine,
      plugins: answers.offer.plugins,
      roots: [...roots],
      draining,
      hindrance: loop.hindrance(),
      takes: [...queues.names],
      refuses: [...asks.refusals()],
      ...stats.told(Date.now())
    })
    const changes = yield* Queue.unbounded<WorkerEvent>()
    const health = yield* QueueHealth.watch(client, options.address.shown, (trouble) =>
      changes.unsafeOffer(trouble === undefined ? { _tag: "QueueBack" } : { _tag: "QueueAway", detail: trouble.message })
    )
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(changes), (change) => tell([change]))))
    const { refresh } = yield* Roster.workers(client).join(record, health)
    const { engine } = answers.offer
    yield* tell([{ _tag: "Ready", worker: name, engine: `${engine.name} ${engine.version}`.trim(), slots }])
    yield* Effect.raceFirst(loop.run, options.drain)
    draining = true
    yield* Effect.ignore(Effect.timeout(refresh, "1 second"))
    yield* tell([{ _tag: "Draining", jobs: yield* loop.running }])
    yield* loop.drain
  }).pipe(Effect.scoped)
