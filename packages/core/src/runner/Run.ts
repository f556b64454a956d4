import { Cause, Chunk, Deferred, Duration, Effect, Exit, Mailbox, Option, Schedule, Stream } from "effect"
import { availableParallelism } from "node:os"
import * as LookedFiles from "../scan/LookedFiles.js"
import { Database } from "../store/Database.js"
import type { RunOutcome } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import * as BudgetGuard from "./BudgetGuard.js"
import * as ItemIntake from "./ItemIntake.js"
import * as RunControl from "./RunControl.js"
import * as ItemCompletion from "./ItemCompletion.js"
import { ItemRun } from "./ItemRun.js"
import { StageServices } from "./StageServices.js"
import { type CompiledPlan, placesOf } from "./CompiledPlan.js"
import * as LiveStatus from "./LiveStatus.js"
import type { RunStopped } from "./RunError.js"
import type { Arrival, RunOptions } from "./RunOptions.js"
import type { RunnerServices, RunState, ItemContext } from "./RunState.js"
import type { Summary } from "./RunStats.js"
import * as RunStats from "./RunStats.js"

/** The media engine packs up to 64 short files into a process and runs one a core: that many items keep it full. */
const IN_FLIGHT = Math.max(128, 64 * availableParallelism())
const PATIENCE = "10 seconds"
/** How often a run leaves word of how it stands, for those who watch it from another process. */
const PROGRESS_EVERY = "1 second"
/** Batches of files that are read and registered ahead of the slots. */
const BATCHES_AHEAD = 4

/** Leases that a run gives back when it ends, however it ends. */
const makeLocks = ({ locks }: RunnerServices) => {
  const held = new Map<string, number>()
  const count = (content: string, change: number) => {
    const left = (held.get(content) ?? 0) + change
    if (left === 0) held.delete(content)
    else held.set(content, left)
  }
  return {
    ...locks,
    acquire: (contents: ReadonlyArray<string>) =>
      Effect.uninterruptible(
        Effect.tap(locks.acquire(contents), (claims) =>
          Effect.sync(() => claims.forEach((got, i) => (got ? count(contents[i] ?? "", 1) : undefined)))
        )
      ),
    release: (content: string) => {
      count(content, -1)
      locks.release(content)
    },
    releaseAll: Effect.sync(() => {
      for (const [content, times] of held) for (let i = 0; i < times; i++) locks.release(content)
    })
  }
}

const makeState = (shared: RunnerServices, compiled: CompiledPlan, run: number, options: RunOptions) =>
  Effect.gen(function* () {
    const drain = yield* Deferred.make<void>()
    const trouble: { first: StoreError | undefined } = { first: undefined }
    const locks = makeLocks(shared)
    const state: RunState = {
      ...shared,
      locks,
      run,
      compiled,
      stats: RunStats.make(
        compiled.plan.pipeline,
        compiled.nodes.map(({ planned }) => planned.name)
      ),
      runtime: yield* Effect.runtime<never>(),
      limits: yield* Effect.forEach(compiled.nodes, ({ planned: { concurrency } }) =>
        concurrency === undefined ? Effect.succeed(undefined) : Effect.makeSemaphore(concurrency)
      ),
      placed: yield* Effect.forEach(compiled.nodes, ({ planned }) =>
        planned.on === "workers" ? shared.placement.of(compiled.plan, planned) : Effect.succeed(undefined)
      ),
      stop: { asked: false, when: Deferred.await(drain) },
      patience: Duration.decode(options.patience ?? PATIENCE),
      rerun: placesOf(compiled, options.rerun ?? []),
      remade: new Set(),
      verified: new Set(),
      inFlight: new Set(),
      active: new Set(),
      queued: new Map(),
      guard: BudgetGuard.make(shared.callLog, compiled.plan.budgets ?? [], { pipeline: compiled.plan.pipeline, run }),
      dryRun: options.dryRun,
      ended: options.ended ?? (() => {}),
      trouble: (failure) => {
        trouble.first ??= failure
        Deferred.unsafeDone(drain, Effect.void)
      }
    }
    return { state, drain, trouble, locks }
  })

/** As many items as keep all places busy: this machine's, and those elsewhere where anything is placed. */
const inFlightOf = ({ placed, placement }: RunState): number =>
  placed.some((elsewhere) => elsewhere !== undefined) ? Math.max(IN_FLIGHT, placement.inFlight ?? 0) : IN_FLIGHT

/** Large finds in portions, so that the first files don't wait for the last. */
const portions = (arrival: Arrival): Chunk.Chunk<Arrival> =>
  arrival._tag !== "Found" || arrival.files.length <= ItemIntake.FILES_A_BATCH
    ? Chunk.of(arrival)
    : Chunk.map(Chunk.chunksOf(Chunk.fromIterable(arrival.files), ItemIntake.FILES_A_BATCH), (files) => ({
        _tag: "Found",
        files: Chunk.toReadonlyArray(files)
      }))

/** Runs every file that arrives through the plan. */
export const run = <E, R>(
  shared: RunnerServices,
  compiled: CompiledPlan,
  arrivals: Stream.Stream<Arrival, E, R>,
  options: RunOptions
): Effect.Effect<Summary, E | RunStopped | StoreError, R> =>
  Effect.gen(function* () {
    const began = performance.now()
    const { pipeline } = compiled.plan
    yield* shared.locks.reclaim
    yield* shared.calls.adopt
    const id = yield* shared.runs.start(pipeline, compiled.id, options.dryRun?.purpose)
    const { drain, locks, state, trouble } = yield* makeState(shared, compiled, id, options)
    const { database, hub, stats } = state
    const inFlight = options.inFlight ?? inFlightOf(state)
    const queue = yield* Mailbox.make<ItemContext>({ capacity: inFlight })
    const intake = ItemIntake.make(state, queue)

    const admit = (arrival: Arrival): Effect.Effect<void, StoreError> => {
      switch (arrival._tag) {
        case "Found":
          return Effect.zipRight(database.space, intake.admit(arrival.files))
        case "Refused":
          return intake.refuse(arrival.refusals)
        case "Ignored":
          stats.ignored(arrival.counts)
          return Effect.provideService(LookedFiles.remember(arrival), Database, database)
        case "Unchanged":
          return Effect.sync(() => ItemCompletion.unchanged(state, arrival.count))
        default:
          return Effect.void
      }
    }
    const admitAll = arrivals.pipe(
      Stream.mapConcatChunk(portions),
      Stream.mapEffect(admit, { concurrency: BATCHES_AHEAD, unordered: true }),
      Stream.runDrain
    )

    const runItem = (itemContext: ItemContext, services: StageServices): Effect.Effect<void, RunStopped | StoreError> => {
      if (state.stop.asked) return Effect.void
      if (hub.isHeard()) hub.tell({ _tag: "ItemStarted", pipeline, item: itemContext.item, path: itemContext.path })
      return Effect.flatMap(database.room, () => new ItemRun(state, itemContext).whole(services)).pipe(
        Effect.matchCauseEffect({
          onSuccess: () => Effect.sync(() => ItemCompletion.arrived(state, itemContext)),
          onFailure: (cause) =>
            Option.match(Cause.dieOption(cause), {
              onNone: () => Effect.failCause(cause),
              onSome: (defect) => Effect.sync(() => ItemCompletion.broke(state, itemContext, defect))
            })
        })
      )
    }
    /** Takes one item after the other, until nobody comes any more. */
    const slot = (services: StageServices): Effect.Effect<void, RunStopped | StoreError> =>
      Effect.matchEffect(queue.take, {
        onFailure: () => Effect.void,
        onSuccess: (itemContext) => Effect.flatMap(runItem(itemContext, services), () => slot(services))
      })
    const spare: Array<StageServices> = []
    const slots = Array.from({ length: inFlight }, () => new StageServices(state, spare))

    const drained = Effect.sync(() => {
      state.stop.asked = true
      for (const leave of [...state.queued.values()]) leave()
      hub.tell({ _tag: "Draining", pipeline })
    })
    const isPlan = options.dryRun !== undefined
    // A run that is over before anybody can ask it to stop looks for nothing.
    const heard = Effect.catchAll(Effect.delay(RunControl.asked(database, id), PROGRESS_EVERY), () => Effect.never)
    const asked = Effect.raceAll([options.drain ?? Effect.never, Deferred.await(drain), isPlan ? Effect.never : heard])
    const work = Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.zipRight(Effect.zipRight(asked, drained), Deferred.succeed(drain, undefined)))
      const [admitted] = yield* Effect.all(
        [
          Effect.zipLeft(Effect.raceFirst(Effect.exit(admitAll), Effect.as(Deferred.await(drain), Exit.void)), queue.end),
          Effect.forEach(slots, (services) => Effect.mapInputContext(slot(services), () => services.context), {
            concurrency: "unbounded",
            discard: true
          })
        ],
        { concurrency: 2 }
      )
      yield* Effect.ignore(database.flush)
      yield* admitted
      if (trouble.first !== undefined) return yield* trouble.first
    }).pipe(
      Effect.scoped,
      // Requests whose stages were interrupted are answered too, and their replies are on disk, before the run is over.
      Effect.matchCauseEffect({
        onFailure: (cause) =>
          Effect.zipRight(Cause.isInterruptedOnly(cause) ? Effect.void : shared.calls.settled(id), Effect.failCause(cause)),
        onSuccess: () => shared.calls.settled(id)
      }),
      // Several items may have met the same fault at the same time: one is enough to say.
      Effect.catchAllCause((cause) =>
        Option.match(Cause.failureOption(cause), { onNone: () => Effect.failCause(cause), onSome: Effect.fail })
      )
    )

    const summary = (): Summary => ({
      ...stats.summary(state.stop.asked ? "drained" : "finished", (performance.now() - began) / 1_000),
      waitingFor: state.guard.reached(),
      canaries: compiled.canaries
    })
    const stored = (more: object = {}) =>
      JSON.stringify({
        ...summary(),
        costs: stats.costs(),
        planned: options.planned,
        ...(options.dryRun === undefined ? {} : { purpose: options.dryRun.purpose }),
        ...more
      })
    // A run that ends sooner needs nobody to watch it.
    const live = LiveStatus.make(state)
    const tell = Effect.sync(() =>
      shared.runs.progress(
        id,
        stored({ inFlight: state.inFlight.size, expected: options.expected?.(), at: Date.now(), live: live() })
      )
    ).pipe(Effect.repeat(Schedule.spaced(PROGRESS_EVERY)), Effect.delay(PROGRESS_EVERY))
    const close = (outcome: RunOutcome) =>
      Effect.zipRight(
        Effect.zipRight(
          Effect.sync(() => ItemCompletion.abandon(state)),
          locks.releaseAll
        ),
        Effect.zipRight(
          Effect.ignore(shared.runs.end(id, outcome, stored({ expected: options.expected?.() }))),
          Effect.ignore(RunControl.clear(database, id))
        )
      )
    hub.tell({ _tag: "RunStarted", run: id, pipeline, nodes: compiled.nodes.map(({ planned }) => planned.name) })
    yield* Effect.onExit(Effect.scoped(Effect.zipRight(Effect.forkScoped(tell), work)), (exit) =>
      close(Exit.isSuccess(exit) ? summary().outcome : Exit.isInterrupted(exit) ? "interrupted" : "stopped")
    )
    const came = summary()
    hub.tell({ _tag: "RunFinished", summary: came })
    return came
  })
