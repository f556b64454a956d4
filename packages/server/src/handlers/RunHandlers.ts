import { HttpApiBuilder } from "@effect/platform"
import { RunControl, StoreError, WatchControl } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { Api } from "../Api.js"
import { refused } from "../api/Problem.js"
import { Worker } from "../api/RunApi.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import * as CanaryTrials from "../runs/CanaryTrials.js"
import * as PlanReport from "../runs/PlanReport.js"
import * as RunStates from "../runs/RunStates.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

/** A line of `spool workers --json`; those of coordinators are left out. */
const decodeWorker = Schema.decodeOption(
  Schema.parseJson(
    Schema.Struct({
      ...Worker.fields,
      type: Schema.Literal("worker"),
      running: Schema.Array(Schema.Unknown)
    }).pipe(Schema.omit("type"))
  )
)

export const runHandlers = HttpApiBuilder.group(Api, "runs", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const site = yield* Site
    const processes = yield* SpoolProcess
    const states = yield* RunStates.Service
    const inProcess = Effect.provideService(SpoolProcess, processes)
    const known = (name: string) =>
      Effect.gen(function* () {
        const project = yield* Effect.mapError(site.project, (message) => refused("RunRefused", message))
        const plan = project.pipelines.get(name)?.plan
        return plan ?? (yield* refused("RunRefused", `the config has no pipeline '${name}'`))
      })
    const knownNode = (pipeline: string, node: string) =>
      Effect.filterOrFail(
        known(pipeline),
        ({ nodes }) => nodes.some(({ name }) => name === node),
        () => refused("RunRefused", `'${pipeline}' has no '${node}'`)
      )
    const stored = <A, E, R>(work: Effect.Effect<A, E | StoreError, R>) =>
      Effect.catchIf(
        work,
        (error): error is StoreError => error instanceof StoreError,
        (error) => Effect.die(error)
      )
    /** A run of another process: asked as the watcher is, by a row that it looks for. */
    const stopOther = (pipeline: string) =>
      Effect.gen(function* () {
        const { pipelines } = yield* RunStates.read(states)
        const { run, runBy = null } = pipelines.find(({ name }) => name === pipeline) ?? {}
        if (runBy === "watcher")
          return yield* refused("RunRefused", `the watcher runs '${pipeline}': pause it, or let it finish and end`)
        if (runBy !== "other" || !run) return yield* refused("RunRefused", `no run of '${pipeline}' is under way`)
        yield* library.use(RunControl.drain(run.id))
      })
    return handlers
      .handle("state", () => RunStates.read(states))
      .handle("plan", ({ path: { pipeline } }) =>
        Effect.gen(function* () {
          yield* known(pipeline)
          const plan = yield* inProcess(PlanReport.ask(pipeline))
          return {
            pipeline,
            items: plan.items,
            mediaSeconds: plan.mediaSeconds ?? null,
            requests: plan.requests ?? null,
            cost: PlanReport.cost(plan),
            seconds: plan.seconds ?? null,
            stages: plan.stages
          }
        })
      )
      .handle("start", ({ path: { pipeline } }) =>
        Effect.zipRight(known(pipeline), Effect.as(processes.start(pipeline), { pipeline }))
      )
      .handle("stop", ({ path: { pipeline } }) =>
        Effect.gen(function* () {
          yield* known(pipeline)
          const running = yield* processes.running
          yield* running.has(pipeline) ? processes.stop(pipeline) : stored(stopOther(pipeline))
          return { pipeline }
        })
      )
      .handle("workers", () =>
        Effect.gen(function* () {
          const lines = yield* processes.values(["workers"])
          return lines
            .flatMap((line) => Option.toArray(decodeWorker(line)))
            .map(({ running, ...worker }) => ({
              ...worker,
              running: running.length
            }))
        })
      )
      .handle("pause", ({ path: { pipeline } }) =>
        Effect.zipRight(known(pipeline), Effect.as(stored(library.use(WatchControl.pause(pipeline))), { pipeline }))
      )
      .handle("resume", ({ path: { pipeline } }) =>
        Effect.gen(function* () {
          const { source } = yield* known(pipeline)
          if (source === undefined) return yield* refused("RunRefused", `'${pipeline}' has no source folder`)
          yield* stored(library.use(WatchControl.resume(pipeline, source.folder)))
          return { pipeline }
        })
      )
      .handle("try", ({ path: { node, pipeline } }) =>
        Effect.zipRight(knownNode(pipeline, node), inProcess(CanaryTrials.attempt(pipeline, node)))
      )
      .handle("decide", ({ path: { node, pipeline }, payload: { decision } }) =>
        Effect.zipRight(
          knownNode(pipeline, node),
          Effect.as(inProcess(CanaryTrials.decide(pipeline, node, decision)), { pipeline })
        )
      )
      .handle("drain", () =>
        library.use(
          WatchControl.drain.pipe(
            Effect.map(({ name }) => ({ watcher: name })),
            Effect.catchTags({
              WatchError: (error) => refused("RunRefused", error.message),
              StoreError: (error) => Effect.die(error)
            })
          )
        )
      )
  })
)
