import { type Event, Placement, type PlacedAttempt, type Plan, type RunStatus, type Stage, StateFolder } from "@mediaspool/core"
import { Effect, Either, Layer, Queue, Runtime, Schedule, type Scope, Stream } from "effect"
import { createHash } from "node:crypto"
import { hostname } from "node:os"
import * as FileServer from "../files/FileServer.js"
import { sharedFolder, type Roots } from "../files/Roots.js"
import { Ask } from "../protocol/Ask.js"
import { version } from "../protocol/Version.js"
import { WorkerError } from "../protocol/WorkerError.js"
import type { QueueAddress } from "../queue/QueueAddress.js"
import * as QueueClient from "../queue/QueueClient.js"
import * as QueueHealth from "../queue/QueueHealth.js"
import * as Roster from "../queue/Roster.js"
import * as Absence from "./Absence.js"
import { Dispatcher } from "./Dispatcher.js"
import { type JobTemplate, shareNode } from "./JobBuilder.js"
import * as JobLink from "./JobLink.js"
import * as Misfits from "./Misfits.js"
import * as OutboxSweep from "./OutboxSweep.js"
import * as RemoteAttempt from "./RemoteAttempt.js"
import type { SentJob } from "./SentJob.js"

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

/** With workers, so many items are in flight: twenty machines are kept busy, and memory stays bounded. */
const IN_FLIGHT = 256
/** Between two looks at who is there. */
const LOOK = "1 second"
/** Jobs are taken back from the queue after so long, in milliseconds, while this machine has nothing to do. */
const RECALL_MILLIS = 300

/** Short files that share a slot: twice what a process of the engine takes, so that the next pack is at hand when one ends. */
const LARGEST_PACK = 128
/** Fewer where many slots share what is in flight, but never less than what is worth a process. */
const SMALLEST_PACK = 16

const packOf = (slots: number): number =>
  Math.min(LARGEST_PACK, Math.max(SMALLEST_PACK, Math.floor(IN_FLIGHT / Math.max(1, slots))))

/** The same for every run over one state folder: what workers finished meanwhile is found again. */
const identityOf = (state: string): string => createHash("sha256").update(`${hostname()}\0${state}`).digest("hex").slice(0, 16)

const statusOf = ({
  draining,
  engine,
  host,
  pid,
  rate,
  running,
  slots,
  version
}: Roster.WorkerRecord): RunStatus.WorkerStatus => ({
  name: `${host}/${pid}`,
  version,
  engine: engine.name === "none" ? "" : `${engine.name} ${engine.version}`.trim(),
  slots,
  running: running.length,
  perMinute: rate,
  isDraining: draining
})

const make = (options: Options): Effect.Effect<typeof Placement.Service, WorkerError, StateFolder | Scope.Scope> =>
  Effect.gen(function* () {
    const { address, originOf, roots } = options
    const state = yield* StateFolder
    const scope = yield* Effect.scope
    const client = yield* QueueClient.make(address)
    const ownAddress = client.stream.localAddress ?? "127.0.0.1"
    const listen = options.listen ?? { host: ownAddress, port: 0 }
    const server = yield* FileServer.make({ ...listen, ownAddress, url: options.url, folder: state.temporary })
    const outbox = options.outbox === undefined ? undefined : sharedFolder(roots, options.outbox)
    if (options.outbox !== undefined && outbox === undefined)
      return yield* new WorkerError({
        code: "FileOutsideRoots",
        detail: `workers.outbox: ${options.outbox} is in none of the roots`
      })
    if (options.outbox !== undefined) yield* OutboxSweep.keep(options.outbox)
    const id = identityOf(state.path)
    const since = Date.now()
    const asks = new Map<string, Ask>()
    let there: ReadonlyArray<Roster.WorkerRecord> = []
    const takers = () => there.filter(({ draining }) => !draining)
    const slots = () => there.reduce((sum, worker) => sum + worker.slots, 0)
    const link = yield* JobLink.make(client, id, () => ({ workers: there.length, slots: slots() }))
    const dispatcher = new Dispatcher(options.local)
    const events = yield* Queue.sliding<Event>(256)
    const tell = (event: Event): void => void events.unsafeOffer(event)
    const absence = Absence.make(tell)
    const health = yield* QueueHealth.watch(client, address.shown, (trouble) => absence.set("workers' queue", trouble))
    const roster = Roster.workers(client)
    const record = () => ({
      id,
      host: hostname(),
      pid: process.pid,
      version,
      since,
      asks: [...asks.values()],
      files: { url: server.url, token: server.token }
    })
    const { refresh } = yield* Roster.coordinators(client).join(record, health)

    const look = Effect.map(roster.list, (workers) => {
      there = workers
      dispatcher.see(takers())
      tell({ _tag: "WorkersSeen", workers: workers.map(statusOf) })
    })
    yield* look
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(look), Schedule.spaced(LOOK)))
    yield* Effect.forkScoped(Effect.repeat(helpOut(link, dispatcher), Schedule.spaced("200 millis")))
    if (options.local === 0) yield* Misfits.watch(takers, dispatcher)
    const waits = () => dispatcher.stranded().length > 0 || (options.local === 0 && link.waiting().length > 0)
    yield* Absence.watchWorkers(takers, waits, absence)

    const runtime = yield* Effect.runtime<never>()
    const services: RemoteAttempt.RemoteServices = {
      dispatcher,
      link,
      server,
      outbox: options.outbox,
      fork: (effect) => void Runtime.runFork(runtime)(effect, { scope })
    }
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
          round: since.toString(36),
          node,
          shared: shareNode({ coordinator: id, pipeline: plan.pipeline }, node, outbox),
          kinds: new Map(plan.nodes.map(({ name, stage }) => [name, stage.output])),
          roots,
          isShared: options.files === "shared",
          isMerged: origin.isMedia,
          pack: () => (origin.isMedia ? packOf(slots()) : link.together(queue))
        }
        return (attempt: PlacedAttempt) => RemoteAttempt.run(services, queue, template, attempt)
      })

    return {
      of,
      inFlight: IN_FLIGHT,
      workers: () => there.map(statusOf),
      outages: absence.now,
      events: Stream.fromQueue(events)
    }
  })

/** While this machine has nothing to do, it takes back what no worker has begun. */
const helpOut = (link: JobLink.JobLink, dispatcher: Dispatcher): Effect.Effect<void> =>
  Effect.gen(function* () {
    const late = Date.now() - RECALL_MILLIS
    for (const job of link.waiting()) {
      if (job.sentAt > late) continue
      if (!dispatcher.claim(job.weight)) return
      const came = yield* Effect.either(Effect.timeout(link.recall(job), "1 second"))
      const back = Either.getOrElse(came, (): ReadonlyArray<SentJob> => [])
      if (!back.includes(job)) dispatcher.done(job.weight)
      for (const one of back) {
        if (one === job || dispatcher.claim(one.weight)) one.settle({ _tag: "Recalled" })
        else link.resend(one)
      }
    }
  })

/** Runs placed nodes on the workers of a queue. */
export const layer = (options: Options): Layer.Layer<never, WorkerError, StateFolder> => Layer.scoped(Placement, make(options))
