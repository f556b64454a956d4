import { Cause, Chunk, Deferred, Duration, Effect, Exit, Mailbox, Option, Stream } from "effect"
import { availableParallelism } from "node:os"
import type { RunOutcome } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import * as Admission from "./Admission.js"
import * as Ending from "./Ending.js"
import { Journey } from "./Journey.js"
import { Lane } from "./Lane.js"
import type { ReadyPlan } from "./ReadyPlan.js"
import type { RunStopped } from "./RunError.js"
import type { Arrival, RunOptions } from "./Runner.js"
import type { Hall, RunState, Traveller } from "./RunState.js"
import type { Summary } from "./Summary.js"
import * as Tally from "./Tally.js"

/** The media engine packs 20 short files into a process and runs one a core: twice as many items keep it full. */
const IN_FLIGHT = Math.max(128, 2 * 20 * availableParallelism())
const PATIENCE = "10 seconds"
/** Batches of files that are read and registered ahead of the slots. */
const BATCHES_AHEAD = 4

/** Leases that a run gives back when it ends, however it ends. */
const makeLeases = ({ leases }: Hall) => {
  const held = new Map<string, number>()
  const count = (content: string, change: number) => {
    const left = (held.get(content) ?? 0) + change
    if (left === 0) held.delete(content)
    else held.set(content, left)
  }
  return {
    ...leases,
    claim: (contents: ReadonlyArray<string>) =>
      Effect.uninterruptible(
        Effect.tap(leases.claim(contents), (claims) =>
          Effect.sync(() => claims.forEach((got, i) => (got ? count(contents[i] ?? "", 1) : undefined)))
        )
      ),
    release: (content: string) => {
      count(content, -1)
      leases.release(content)
    },
    releaseAll: Effect.sync(() => {
      for (const [content, times] of held) for (let i = 0; i < times; i++) leases.release(content)
    })
  }
}

const makeState = (hall: Hall, ready: ReadyPlan, run: number, options: RunOptions) =>
  Effect.gen(function* () {
    const drain = yield* Deferred.make<void>()
    const trouble: { first: StoreError | undefined } = { first: undefined }
    const names = new Set(options.rerun)
    const leases = makeLeases(hall)
    const state: RunState = {
      ...hall,
      leases,
      run,
      ready,
      tally: Tally.make(
        ready.plan.pipeline,
        ready.nodes.map(({ planned }) => planned.name)
      ),
      context: yield* Effect.context<never>(),
      limits: yield* Effect.forEach(ready.nodes, ({ planned: { concurrency } }) =>
        concurrency === undefined ? Effect.succeed(undefined) : Effect.makeSemaphore(concurrency)
      ),
      stop: { asked: false, when: Deferred.await(drain) },
      patience: Duration.decode(options.patience ?? PATIENCE),
      rerun: new Set(
        ready.nodes.filter(({ planned: { name, stage } }) => names.has(name) || names.has(stage.name)).map(({ index }) => index)
      ),
      remade: new Set(),
      travellers: new Set(),
      ended: options.ended ?? (() => {}),
      trouble: (failure) => {
        trouble.first ??= failure
        Deferred.unsafeDone(drain, Effect.void)
      }
    }
    return { state, drain, trouble, leases }
  })

/** Large finds in portions, so that the first files don't wait for the last. */
const portions = (arrival: Arrival): Chunk.Chunk<Arrival> =>
  arrival._tag !== "Found" || arrival.files.length <= Admission.FILES_A_BATCH
    ? Chunk.of(arrival)
    : Chunk.map(Chunk.chunksOf(Chunk.fromIterable(arrival.files), Admission.FILES_A_BATCH), (files) => ({
        _tag: "Found",
        files: Chunk.toReadonlyArray(files)
      }))

/** Runs every file that arrives through the plan. */
export const run = <E, R>(
  hall: Hall,
  ready: ReadyPlan,
  arrivals: Stream.Stream<Arrival, E, R>,
  options: RunOptions
): Effect.Effect<Summary, E | RunStopped | StoreError, R> =>
  Effect.gen(function* () {
    const began = performance.now()
    const { pipeline } = ready.plan
    yield* hall.leases.reclaim
    yield* hall.calls.adopt
    const id = yield* hall.runs.start(pipeline, ready.id)
    const { drain, leases, state, trouble } = yield* makeState(hall, ready, id, options)
    const { database, hub, tally } = state
    const inFlight = options.inFlight ?? IN_FLIGHT
    const door = yield* Mailbox.make<Traveller>({ capacity: inFlight })
    const admission = Admission.make(state, door)

    const admit = (arrival: Arrival): Effect.Effect<void, StoreError> => {
      switch (arrival._tag) {
        case "Found":
          return Effect.zipRight(database.space, admission.admit(arrival.files))
        case "Refused":
          return admission.refuse(arrival.refusals)
        case "Unchanged":
          return Effect.sync(() => Ending.unchanged(state, arrival.count))
        default:
          return Effect.void
      }
    }
    const admitAll = arrivals.pipe(
      Stream.mapConcatChunk(portions),
      Stream.mapEffect(admit, { concurrency: BATCHES_AHEAD, unordered: true }),
      Stream.runDrain
    )

    const travel = (traveller: Traveller, lane: Lane): Effect.Effect<void, RunStopped | StoreError> => {
      if (state.stop.asked) return Effect.void
      if (hub.isHeard()) hub.tell({ _tag: "ItemStarted", pipeline, item: traveller.item, path: traveller.path })
      return Effect.flatMap(database.room, () => new Journey(state, traveller).whole(lane)).pipe(
        Effect.matchCauseEffect({
          onSuccess: () => Effect.sync(() => Ending.arrived(state, traveller)),
          onFailure: (cause) =>
            Option.match(Cause.dieOption(cause), {
              onNone: () => Effect.failCause(cause),
              onSome: (defect) => Effect.sync(() => Ending.broke(state, traveller, defect))
            })
        })
      )
    }
    /** Takes one item after the other, until nobody comes any more. */
    const slot = (lane: Lane): Effect.Effect<void, RunStopped | StoreError> =>
      Effect.matchEffect(door.take, {
        onFailure: () => Effect.void,
        onSuccess: (traveller) => Effect.flatMap(travel(traveller, lane), () => slot(lane))
      })
    const lanes = Array.from({ length: inFlight }, () => new Lane(state))

    const drained = Effect.sync(() => {
      state.stop.asked = true
      hub.tell({ _tag: "Draining", pipeline })
    })
    const asked = Effect.raceFirst(options.drain ?? Effect.never, Deferred.await(drain))
    const work = Effect.gen(function* () {
      yield* Effect.forkScoped(Effect.zipRight(Effect.zipRight(asked, drained), Deferred.succeed(drain, undefined)))
      const [admitted] = yield* Effect.all(
        [
          Effect.zipLeft(Effect.raceFirst(Effect.exit(admitAll), Effect.as(Deferred.await(drain), Exit.void)), door.end),
          Effect.forEach(lanes, (lane) => Effect.mapInputContext(slot(lane), () => lane.context), {
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
      // Several items may have met the same fault at the same time: one is enough to say.
      Effect.catchAllCause((cause) =>
        Option.match(Cause.failureOption(cause), { onNone: () => Effect.failCause(cause), onSome: Effect.fail })
      )
    )

    const summary = () => tally.summary(state.stop.asked ? "drained" : "finished", (performance.now() - began) / 1_000)
    const close = (outcome: RunOutcome) =>
      Effect.zipRight(
        Effect.zipRight(
          Effect.sync(() => Ending.abandon(state)),
          leases.releaseAll
        ),
        Effect.ignore(hall.runs.end(id, outcome, JSON.stringify(summary())))
      )
    hub.tell({ _tag: "RunStarted", run: id, pipeline, nodes: ready.nodes.map(({ planned }) => planned.name) })
    yield* Effect.onExit(work, (exit) =>
      close(Exit.isSuccess(exit) ? summary().outcome : Exit.isInterrupted(exit) ? "interrupted" : "stopped")
    )
    const came = summary()
    hub.tell({ _tag: "RunFinished", summary: came })
    return came
  })
