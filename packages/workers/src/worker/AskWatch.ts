import { Array, Effect, Schedule, type Scope } from "effect"
import type { Redis } from "ioredis"
import { type Ask, queueName } from "../protocol/Ask.js"
import { series, version } from "../protocol/Version.js"
import * as Roster from "../queue/Roster.js"
import { WorkerError } from "../protocol/WorkerError.js"
import type { JobAnswers } from "./JobAnswers.js"
import type { JobLoop } from "./JobLoop.js"
import type { JobQueues } from "./JobQueues.js"
import { obstacle } from "./Suitability.js"
import type { WorkerEvent } from "./WorkerEvent.js"

/** What is asked for and doesn't come here. */
export interface Refusal {
  readonly stage: string
  readonly version: number
  readonly reason: string
}

/** What coordinators ask for, as this worker meets it. */
export interface AskWatch {
  readonly refusals: () => ReadonlyArray<Refusal>
}

const EVERY = "1 second"

const otherSeries = (theirs: string): string =>
  `the coordinator has version ${theirs} and this worker has ${version}: both need the same ${version.startsWith("0.") ? "minor" : "major"} version`

/** A worker can do nothing where every coordinator is of another series. */
export const refuseOthers = (client: Redis): Effect.Effect<void, WorkerError> =>
  Effect.flatMap(Roster.coordinators(client).versions, (theirs) => {
    const [other] = theirs
    return other !== undefined && theirs.every((one) => series(one) !== series(version))
      ? new WorkerError({ code: "WorkerIncompatible", detail: otherSeries(other) })
      : Effect.void
  })

/** Takes from the queues of all that fits, and says of the rest why it doesn't. */
export const make = (options: {
  readonly client: Redis
  readonly queues: JobQueues
  readonly answers: JobAnswers
  readonly roots: ReadonlyArray<string>
  readonly tell: (events: ReadonlyArray<WorkerEvent>) => Effect.Effect<void>
  /** There may be more to take. */
  readonly changed: Effect.Effect<void>
  /** Told of the coordinators that are there. */
  readonly see: JobLoop["see"]
}): Effect.Effect<AskWatch, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { answers, changed, queues, roots, see, tell } = options
    const coordinators = Roster.coordinators(options.client)
    const refusals = new Map<string, Refusal>()
    const told = new Map<string, string>()

    const consider = (asked: Ask, theirs: string) =>
      Effect.gen(function* () {
        const queue = queueName(asked)
        const reason = series(theirs) === series(version) ? obstacle(asked, answers.offer, roots) : otherSeries(theirs)
        if (reason === undefined) return yield* queues.open(asked)
        if (refusals.get(queue)?.reason === reason) return
        const refusal = { stage: asked.stage, version: asked.version, reason }
        refusals.set(queue, refusal)
        yield* tell([{ _tag: "StageRefused", ...refusal }])
      })
    const look = Effect.gen(function* () {
      const before = queues.names.size
      const there = yield* coordinators.list
      see(new Set(there.map(({ id }) => id)), performance.now())
      // One that was restarted has other files at another place; a run beside a watcher has its own.
      for (const [id, processes = []] of Object.entries(Array.groupBy(there, ({ id }) => id))) {
        const sources = processes.flatMap(({ files, host }) => (files === undefined ? [] : [{ ...files, host }]))
        const tokens = sources.map(({ token }) => token).sort()
        if (told.get(id) !== tokens.join()) yield* answers.know(id, sources)
        told.set(id, tokens.join())
      }
      for (const { asks, version: theirs } of there)
        yield* Effect.forEach(asks, (asked) => consider(asked, theirs), { discard: true })
      if (queues.names.size !== before) yield* changed
    })
    yield* Effect.ignore(look)
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(look), Schedule.spaced(EVERY)))
    return { refusals: () => [...refusals.values()] }
  })
