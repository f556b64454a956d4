import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect, Option } from "effect"
import { Output } from "../output/Output.js"
import { loadProject } from "../project.js"
import * as options from "./options.js"

const parameters = {
  ...options.watched,
  serve: Options.boolean("serve").pipe(Options.withDescription("Serve the page meanwhile, as `spool serve` does")),
  port: Options.integer("port").pipe(
    Options.withDefault(4880),
    Options.withDescription("With --serve: port of the page; 0 picks a free one; default 4880")
  ),
  metrics: Options.integer("metrics").pipe(
    Options.withPseudoName("port"),
    Options.optional,
    Options.withDescription("Serve metrics for Prometheus on this port of 127.0.0.1; 0 picks a free one")
  ),
  log: options.log
}

export const watch = Command.make("watch", parameters, ({ config, json, metrics, pipelines, port, serve }) =>
  Effect.gen(function* () {
    const project = yield* loadProject(config)
    const { watchPipelines } = yield* Effect.promise(() => import("./watch/WatchPipelines.js"))
    if (serve) {
      const { serveBeside } = yield* Effect.promise(() => import("./serve/ServePage.js"))
      yield* serveBeside({ config, port })
    }
    yield* watchPipelines(project, pipelines, Option.getOrUndefined(metrics))
  }).pipe(Effect.scoped, Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Watch the source folders and process what arrives"))
