import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Output } from "../Output.js"
import * as Common from "./Common.js"

export const watch = Command.make("watch", Common.watched, ({ config, json, pipelines }) =>
  Effect.gen(function* () {
    const project = yield* Common.project(config)
    const { watchPipelines } = yield* Effect.promise(() => import("../watching/WatchPipelines.js"))
    yield* watchPipelines(project, pipelines)
  }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Watch the folders of all pipelines, and run what lands in them, until it is told to end"))
