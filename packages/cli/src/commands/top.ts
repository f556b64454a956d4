import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { Effect, Option } from "effect"
import { Output } from "../output/Output.js"
import { statusText } from "../output/StatusView.js"
import { nothingYet, readStore } from "../store.js"
import { unknownName } from "../unknownName.js"
import * as options from "./options.js"
import { look } from "./status/RunLook.js"

export const top = Command.make(
  "top",
  {
    pipeline: Args.text({ name: "pipeline" }).pipe(Args.optional, Args.withDescription("Only this pipeline; default: all")),
    config: options.config
  },
  ({ config, pipeline }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const now = look(Option.getOrUndefined(pipeline))
      const found = yield* readStore(config, (database) =>
        Effect.gen(function* () {
          const { canDraw, show } = yield* Effect.promise(() => import("./top/TopScreen.js"))
          if (canDraw()) return yield* show(now)
          const { runs, watching } = yield* now
          const unknown = unknownName(database, { pipeline: Option.getOrUndefined(pipeline) })
          yield* output.print(runs.length === 0 ? (unknown ?? nothingYet) : statusText(runs, watching, Date.now()))
        })
      )
      if (Option.isNone(found)) yield* output.note(nothingYet)
    }).pipe(Effect.provide(Output.layer(false)))
).pipe(Command.withDescription("Follow the run as it goes, redrawn every second; q quits"))
