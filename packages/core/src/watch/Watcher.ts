import {
  Context,
  Deferred,
  type Duration,
  Effect,
  ExecutionStrategy,
  Exit,
  FiberSet,
  Scope,
  Stream,
  SubscriptionRef
} from "effect"
import type { Plan } from "../pipeline/Plan.js"
import type { PlanFault } from "../runner/RunError.js"
import type { CompiledPlan } from "../runner/CompiledPlan.js"
import { rewired } from "../runner/Rewired.js"
import { Runner } from "../runner/Runner.js"
import type { Summary } from "../runner/RunStats.js"
import type { StateFolder } from "../stage/StateFolder.js"
import type { Scanner } from "../scan/Scanner.js"
import type { Database } from "../store/Database.js"
import { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import * as CanaryLog from "../store/CanaryLog.js"
import * as WatcherCommand from "./WatcherCommand.js"
import * as FsEventsClient from "./FsEventsClient.js"
import * as PipelineSupervisor from "./PipelineSupervisor.js"
import { WatchError } from "./WatchError.js"
import type { WatchEvent } from "./WatchEvent.js"
import * as WatchLock from "./WatchLock.js"

/** An editor saves in several steps. */
const SAVING = "200 millis"

/** A config as the watcher runs it. */
export interface Generation {
  /** Those without a source folder are left alone. */
  readonly plans: ReadonlyArray<Plan>
  /** The services that the plans' stages need. */
  readonly services: Context.Context<never>
}

/** What a watcher works with. */
export interface WatchOptions<E> {
  /** Loads the config; what it acquires is released when the last run with it has drained. */
  readonly load: Effect.Effect<Generation, E, Scope.Scope>
  /** Tells that the config may have changed. */
  readonly changes: Stream.Stream<unknown>
  /** How long work waits in its place for an outside service that is away; absent: as in every run. */
  readonly patience?: Duration.DurationInput | undefined
  /** When this ends, what is under way is finished, and the watcher ends. */
  readonly drain: Effect.Effect<void>
  readonly tell: (event: WatchEvent<E | PlanFault | WatchError | StoreError>) => Effect.Effect<void>
}

type Services = Runner | Scanner | Database | ProcessLock | StateFolder

/**
 * Watches the folders of all pipelines and runs what lands in them, until it is asked to drain. A changed config takes over with
 * the next file, while the old one finishes what it has begun; one that can't be used is told, and the old one goes on.
 * There is one watcher to a state folder.
 *
 * Fails when the first config can't be used, when another watcher runs, and when the state folder can't be used any more.
 * Everything else is told, and tried again.
 */
export const run = <E>({
  changes,
  drain,
  load,
  patience,
  tell
}: WatchOptions<E>): Effect.Effect<ReadonlyArray<Summary>, E | PlanFault | WatchError | StoreError, Services> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* WatchLock.take
      const scope = yield* Effect.scope
      const runner = yield* Runner
      const owner = yield* ProcessLock
      const listen = yield* FsEventsClient.make
      const wishes = yield* SubscriptionRef.make(yield* WatcherCommand.read)
      const summaries: Array<Summary> = []
      const lives = yield* FiberSet.make<void, StoreError>()

      /** Loads a config and gets its plans ready; nothing of it stays when that fails. */
      const prepare = Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const ready = Effect.gen(function* () {
          const { plans, services } = yield* Scope.extend(load, own)
          const watched = plans.flatMap((plan) => (plan.source === undefined ? [] : [{ plan, source: plan.source }]))
          if (watched.length === 0)
            return yield* new WatchError({ code: "NothingToWatch", detail: "no pipeline has a source folder" })
          const pipelines = yield* Effect.forEach(watched, ({ plan, source }) =>
            Effect.map(Effect.provide(runner.prepare(plan), services), (ready) => ({ ready, source }))
          )
          return { own, services, pipelines }
        })
        return yield* Effect.onError(ready, (cause) => Scope.close(own, Exit.failCause(cause)))
      })

      /** Lets every pipeline of a config live until it is over; gives what ends it. */
      const begin = ({ own, pipelines, services }: Effect.Effect.Success<typeof prepare>) =>
        Effect.gen(function* () {
          const over = yield* Deferred.make<void>()
          const all = Effect.forEach(
            pipelines,
            (watched) =>
              PipelineSupervisor.run({
                ...watched,
                listen,
                patience,
                over,
                tell,
                wishes,
                ran: (summary) => void summaries.push(summary)
              }),
            { concurrency: "unbounded", discard: true }
          )
          // The config's own services come before those that the first one left.
          const provided = Effect.mapInputContext(all, (context: Context.Context<Services>) => Context.merge(context, services))
          yield* FiberSet.run(
            lives,
            Effect.onExit(provided, (exit) => Scope.close(own, exit))
          )
          return over
        })

      const told = (pipelines: ReadonlyArray<{ readonly ready: CompiledPlan }>) =>
        Effect.forEach(pipelines, ({ ready: { canaries, plan } }) =>
          canaries.length === 0 ? Effect.void : tell({ _tag: "CanaryServed", pipeline: plan.pipeline, nodes: canaries })
        )
      const warned = (pipelines: ReadonlyArray<{ readonly ready: CompiledPlan }>) =>
        Effect.forEach(pipelines, ({ ready }) =>
          Effect.flatMap(
            rewired(ready),
            Effect.forEach((step) => tell({ _tag: "PaidAgain", pipeline: ready.plan.pipeline, step }))
          )
        )
      const canaries = yield* CanaryLog.open
      const first = yield* prepare
      yield* told(first.pipelines)
      yield* warned(first.pipelines)
      let over = yield* begin(first)

      const reload = Effect.gen(function* () {
        const next = yield* prepare
        yield* warned(next.pipelines)
        const former = over
        over = yield* begin(next)
        yield* Deferred.succeed(former, undefined)
        yield* tell({ _tag: "Reloaded", pipelines: next.pipelines.map(({ ready }) => ready.plan.pipeline) })
        yield* told(next.pipelines)
      }).pipe(Effect.catchAll((error) => tell({ _tag: "ReloadRefused", error })))

      const identity = (open: ReadonlyArray<CanaryLog.Canary>) => JSON.stringify(open)
      const trials = CanaryLog.changes.pipe(
        Stream.map(identity),
        Stream.mapAccum(identity(canaries), (before, now) => [now, before !== now] as const),
        Stream.filter((isOther) => isOther)
      )
      yield* Effect.forkScoped(Stream.runForEach(Stream.merge(Stream.debounce(changes, SAVING), trials), () => reload))
      const wished = Stream.runForEachWhile(WatcherCommand.commands, (now) =>
        Effect.gen(function* () {
          const before = yield* SubscriptionRef.get(wishes)
          if (WatcherCommand.isGoAhead(before, now)) yield* runner.retryServices
          yield* SubscriptionRef.set(wishes, now)
          return now.drain !== owner.id
        })
      )
      // Whatever ends first: somebody asks it to, or the state folder can't be used any more.
      yield* Effect.raceFirst(Effect.raceFirst(drain, wished), FiberSet.join(lives))
      yield* tell({ _tag: "WatchDraining" })
      yield* Deferred.succeed(over, undefined)
      yield* Effect.raceFirst(FiberSet.awaitEmpty(lives), FiberSet.join(lives))
      return summaries
    })
  )
