import {
  type Event,
  Placement,
  type PlacedAttempt,
  type Plan,
  Progress,
  type Stage,
  type StageFailure,
  StateFolder
} from "@mediaspool/core"
import { Deferred, Effect, Either, Layer, Queue, Runtime, Schedule, type Scope, Stream } from "effect"
import { createHash } from "node:crypto"
import { hostname } from "node:os"
import * as FileServer from "../files/FileServer.js"
import { deliveryPath, shared, type Roots } from "../files/Roots.js"
import { Ask } from "../protocol/Ask.js"
import { jobId } from "../protocol/StageJob.js"
import { version } from "../protocol/Version.js"
import type { QueueAddress } from "../queue/QueueAddress.js"
import * as QueueClient from "../queue/QueueClient.js"
import * as Roster from "../queue/Roster.js"
import { WorkerError } from "../protocol/WorkerError.js"
import * as Absence from "./Absence.js"
import { Dispatcher, type Decision } from "./Dispatcher.js"
import { build, type BuiltJob, type JobTemplate } from "./JobBuilder.js"
import * as JobLink from "./JobLink.js"
import { take } from "./ResultIntake.js"

/** What the program knows of a stage's plugin. */
export interface StageOrigin {
  readonly plugin: string
  /** Of its package; empty where it has none. */
  readonly version: string
  /** It reads media: the engine merges and packs what it asks for. */
  readonly isMedia: boolean
}

export interface Options {
  readonly address: QueueAddress
  readonly roots: Roots
  readonly files: "shared" | "fetch"
  /** Absolute; on a share that the workers see. Absent: results are uploaded. */
  readonly outbox: string | undefined
  /** Slots of this machine for what workers don't take; 0: none. */
  readonly local: number
  /** Where the file server listens; absent: where the queue's server sees this machine, on any free port. */
  readonly listen: { readonly host: string; readonly port: number } | undefined
  /** What workers call, where that isn't it. */
  readonly url: string | undefined
  readonly originOf: (stage: Stage.AnyStage) => StageOrigin
}

/** With workers, so many items are in flight: twenty machines are kept busy, and memory stays what it was. */
const IN_FLIGHT = 1_024
/** Between two looks at who is there. */
const LOOK = "1 second"
/** Workers that are there and don't fit get so long to be joined by one that does, in milliseconds. */
const UNFIT_MILLIS = 10_000
/** An attempt that was given up is called back after this time, unless the whole process ends: then its result is taken next time. */
const CALL_BACK = "1 second"
/** Jobs are taken back from the queue after so long, in milliseconds, while this machine has nothing to do. */
const RECALL_MILLIS = 300

/** The same for every run over one state folder: what workers finished meanwhile is found again. */
const identityOf = (state: string): string => createHash("sha256").update(`${hostname()}\0${state}`).digest("hex").slice(0, 16)

const make = (options: Options): Effect.Effect<typeof Placement.Service, WorkerError, StateFolder | Scope.Scope> =>
  Effect.gen(function* () {
    const { address, originOf, roots } = options
    const state = yield* StateFolder
    const scope = yield* Effect.scope
    const client = yield* QueueClient.make(address)
    const listen = options.listen ?? { host: client.stream.localAddress ?? "127.0.0.1", port: 0 }
    const server = yield* FileServer.make({ ...listen, url: options.url, folder: state.temporary })
    const outbox = options.outbox === undefined ? undefined : shared(roots, options.outbox)
    if (options.outbox !== undefined && outbox === undefined)
      return yield* new WorkerError({
        code: "FileOutsideRoots",
        detail: `workers.outbox: ${options.outbox} is in none of the roots`
      })
    const id = identityOf(state.path)
    const since = Date.now()
    const asks = new Map<string, Ask>()
    const link = yield* JobLink.make(client)
    const dispatcher = new Dispatcher(options.local)
    const events = yield* Queue.sliding<Event>(256)
    const tell = (event: Event): void => void events.unsafeOffer(event)
    const roster = Roster.workers(client)
    let there: ReadonlyArray<Roster.WorkerRecord> = []
    const { refresh } = yield* Roster.coordinators(client).join(() => ({
      id,
      host: hostname(),
      pid: process.pid,
      version,
      since,
      asks: [...asks.values()],
      files: { url: server.url, token: server.token }
    }))

    const look = Effect.map(roster.list, (workers) => {
      there = workers
      dispatcher.see(workers.filter(({ draining }) => !draining))
    })
    yield* look
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(look), Schedule.spaced(LOOK)))
    yield* Effect.forkScoped(Effect.repeat(helpOut(link, dispatcher), Schedule.spaced("200 millis")))
    yield* Absence.watchQueue(client, address.shown, tell)
    yield* Absence.watchWorkers(() => there.length, dispatcher, tell)

    const of = (plan: Plan.Plan, node: Plan.PlannedNode) =>
      Effect.gen(function* () {
        const origin = originOf(node.stage)
        const asked = new Ask({
          stage: node.stage.name,
          version: node.stage.version,
          plugin: origin.plugin,
          pluginVersion: origin.version,
          engine: origin.isMedia,
          roots: options.files === "shared" ? [...roots.keys()].sort() : []
        })
        const queue = yield* link.open(asked)
        asks.set(queue, asked)
        yield* refresh
        const template: JobTemplate = {
          coordinator: id,
          round: since.toString(36),
          pipeline: plan.pipeline,
          node,
          kinds: new Map(plan.nodes.map(({ name, stage }) => [name, stage.output])),
          roots,
          isShared: options.files === "shared",
          outbox,
          isPacked: origin.isMedia
        }
        return (attempt: PlacedAttempt) => place(queue, template, attempt)
      })

    /** Waits for a place. */
    const decision = (queue: string, weight: number): Effect.Effect<Decision, WorkerError> =>
      Effect.async<Decision, WorkerError>((resume) => {
        const leave = dispatcher.apply({ queue, weight, decide: (decided) => resume(Effect.succeed(decided)) })
        return Effect.sync(leave)
      }).pipe(Effect.raceFirst(options.local > 0 ? Effect.never : unfit(queue, dispatcher, () => there)))

    const place = (queue: string, template: JobTemplate, attempt: PlacedAttempt): Effect.Effect<unknown, StageFailure> =>
      Effect.gen(function* () {
        const built = yield* build(template, attempt)
        const { weight } = built.job
        const here = Effect.ensuring(
          attempt.here,
          Effect.sync(() => dispatcher.done(weight))
        )
        return yield* Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(restore(decision(queue, weight)), (decided) =>
            decided === "here" ? restore(here) : restoreRemote(restore, queue, template, attempt, built)
          )
        )
      })

    const restoreRemote = (
      restore: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>,
      queue: string,
      template: JobTemplate,
      attempt: PlacedAttempt,
      { job, paths, served }: BuiltJob
    ): Effect.Effect<unknown, StageFailure> =>
      Effect.gen(function* () {
        const { media, report } = yield* Progress
        const runtime = yield* Effect.runtime<never>()
        const settled = yield* Deferred.make<JobLink.Settled>()
        const sent: JobLink.SentJob = {
          id: jobId(job),
          queue,
          data: job,
          sentAt: Date.now(),
          isActive: false,
          hasReturned: false,
          settle: (how) => Deferred.unsafeDone(settled, Effect.succeed(how)),
          progressed: (how) =>
            void Runtime.runFork(runtime)("done" in how ? media(how.done, how.total) : report(how.fraction, how.words))
        }
        for (const hash of served) server.offer(hash, paths.get(hash) ?? "")
        server.expect(sent.id)
        link.send(sent)
        const withdraw = Effect.sync(() => {
          for (const hash of served) server.withdraw(hash)
          server.refuse(sent.id)
          dispatcher.back(queue, job.weight)
        })
        const how = yield* restore(Deferred.await(settled)).pipe(
          Effect.onInterrupt(() => Effect.zipRight(withdraw, Effect.forkIn(Effect.delay(link.cancel(sent), CALL_BACK), scope)))
        )
        link.forget(sent)
        yield* withdraw
        switch (how._tag) {
          case "Recalled":
            return yield* restore(
              Effect.ensuring(
                attempt.here,
                Effect.sync(() => dispatcher.done(job.weight))
              )
            )
          case "Failed":
            return yield* how.failure
          case "Replied":
            return yield* restore(
              take(how.reply, {
                key: job.key,
                kind: template.node.stage.output,
                paths,
                placeOf: ({ delivery, extension, slot }) =>
                  options.outbox === undefined
                    ? server.delivered(sent.id, slot, delivery)
                    : deliveryPath(options.outbox, job.key, slot, delivery, extension)
              })
            )
        }
      })

    return { of, inFlight: IN_FLIGHT, events: Stream.fromQueue(events) }
  })

/** While this machine has nothing to do, it takes back what no worker has begun. */
const helpOut = (link: JobLink.JobLink, dispatcher: Dispatcher): Effect.Effect<void> =>
  Effect.gen(function* () {
    const late = Date.now() - RECALL_MILLIS
    for (const job of link.sent.values()) {
      if (job.isActive || job.sentAt > late) continue
      const { weight } = job.data
      if (!dispatcher.claim(weight)) return
      const came = yield* Effect.either(Effect.timeout(link.recall(job), "1 second"))
      if (Either.isRight(came) && came.right) job.settle({ _tag: "Recalled" })
      else dispatcher.done(weight)
    }
  })

/** Fails when workers are there for a while, and none of them may take from this queue. */
const unfit = (
  queue: string,
  dispatcher: Dispatcher,
  workers: () => ReadonlyArray<Roster.WorkerRecord>
): Effect.Effect<never, WorkerError> =>
  Effect.gen(function* () {
    let since: number | undefined
    while (true) {
      yield* Effect.sleep(LOOK)
      const now = Date.now()
      if (workers().length === 0 || dispatcher.takes(queue)) since = undefined
      else since ??= now
      if (since === undefined || now - since < UNFIT_MILLIS) continue
      const reasons = workers().flatMap(({ host, refuses }) => refuses.map(({ reason }) => `${host}: ${reason}`))
      return yield* new WorkerError({
        code: "NoWorkerFits",
        detail: [...new Set(reasons)].join("; ") || "no worker takes this stage"
      })
    }
  })

/** Runs placed nodes on the workers of a queue. */
export const layer = (options: Options): Layer.Layer<never, WorkerError, StateFolder> => Layer.scoped(Placement, make(options))
