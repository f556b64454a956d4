import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

export const watch = Command.make("watch", options.watched, ({ config, json, pipelines }) =>
  Effect.gen(function* () {
    const project = yield* loadProject(config)
    const { watchPipelines } = yield* Effect.promise(() => import("./watch/WatchPipelines.js"))
    yield* watchPipelines(project, pipelines)
  }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Watch the source folders and process what arrives"))
