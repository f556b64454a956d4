import { HttpApiBuilder } from "@effect/platform"
import { type StoreError, WatchControl } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Api } from "../Api.js"
import { type Away, refused } from "../api/Problem.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import * as RunStates from "../runs/RunStates.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

/** The last line of `spool plan --json`. */
const PlanLine = Schema.parseJson(
  Schema.Struct({
    type: Schema.Literal("plan"),
    pipeline: Schema.String,
    items: Schema.Int,
    stages: Schema.Record({
      key: Schema.String,
      value: Schema.Struct({ cached: Schema.Int, toRun: Schema.Int, blocked: Schema.Int })
    }),
    mediaSeconds: Schema.optional(Schema.NullOr(Schema.Number)),
    requests: Schema.optional(Schema.NullOr(Schema.Int)),
    cost: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    seconds: Schema.optional(Schema.NullOr(Schema.Number))
  })
)

export const runHandlers = HttpApiBuilder.group(Api, "runs", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const site = yield* Site
    const processes = yield* SpoolProcess
    const states = yield* RunStates.Service
    const known = (name: string) =>
      Effect.gen(function* () {
        const project = yield* Effect.mapError(site.project, (message) => refused("RunRefused", message))
        const plan = project.pipelines.get(name)?.plan
        return plan ?? (yield* refused("RunRefused", `the config has no pipeline '${name}'`))
      })
    const stored = <A, R>(work: Effect.Effect<A, Away | StoreError, R>) =>
      Effect.catchTag(work, "StoreError", (error) => Effect.die(error))
    return handlers
      .handle("state", () => RunStates.read(states))
      .handle("plan", ({ path: { pipeline } }) =>
        Effect.gen(function* () {
          yield* known(pipeline)
          const lines = yield* processes.values("plan", pipeline)
          const plan = yield* Schema.decode(PlanLine)(lines[lines.length - 1] ?? "").pipe(
            Effect.mapError(() => refused("RunRefused", "the plan can't be read"))
          )
          return {
            pipeline,
            items: plan.items,
            mediaSeconds: plan.mediaSeconds ?? null,
            requests: plan.requests ?? null,
            cost: Object.entries(plan.cost ?? {}).map(([currency, amount]) => ({ currency, amount })),
            seconds: plan.seconds ?? null,
            stages: plan.stages
          }
        })
      )
      .handle("start", ({ path: { pipeline } }) =>
        Effect.zipRight(known(pipeline), Effect.as(processes.start(pipeline), { pipeline }))
      )
      .handle("stop", ({ path: { pipeline } }) => Effect.as(processes.stop(pipeline), { pipeline }))
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
