import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const workers = Command.make(
  "workers",
  {
    queue: Options.text("queue").pipe(
      Options.withPseudoName("url"),
      Options.optional,
      Options.withDescription("The queue: redis://HOST:PORT; default: the config's `workers.queue`")
    ),
    json: options.json,
    config: options.config
  },
  ({ config, json, queue }) =>
    Effect.gen(function* () {
      const { listWorkers } = yield* Effect.promise(() => import("./workers/WorkerList.js"))
      yield* listWorkers(queue, config)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List the machines that share the work, and why jobs don't go to one"))
