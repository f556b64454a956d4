import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect, Option } from "effect"
import { Output } from "../../output/Output.js"
import { loadProject } from "../../project.js"
import * as options from "../options.js"

export const pluginDev = Command.make(
  "dev",
  {
    node: Args.text({ name: "node" }).pipe(
      Args.optional,
      Args.withDescription("Node or stage to run; default: the first from a local plugin")
    ),
    sample: Options.text("sample").pipe(
      Options.withPseudoName("sample"),
      Options.withDefault("video"),
      Options.withDescription(
        "Generated clip: tone, chords, drums, noise, sweep, silence, clipped, speech, video, silent-video or scenes"
      )
    ),
    file: Options.file("file", { exists: "yes" }).pipe(
      Options.optional,
      Options.withDescription("Use this media file instead of a sample")
    ),
    live: Options.boolean("live").pipe(Options.withDescription("Allow paid API calls; each is paid once")),
    once: Options.boolean("once").pipe(Options.withDescription("Run once and exit")),
    json: options.json,
    config: options.config
  },
  ({ config, file, json, live, node, once, sample }) =>
    Effect.gen(function* () {
      if (!once) {
        const { loop } = yield* Effect.promise(() => import("./DevLoop.js"))
        return yield* loop(config, [...process.argv.slice(2), "--once"])
      }
      const project = yield* loadProject(config)
      const { run } = yield* Effect.promise(() => import("./DevRun.js"))
      const clip = Option.match(file, {
        onNone: () => ({ _tag: "Sample", name: sample }) as const,
        onSome: (path) => ({ _tag: "File", path }) as const
      })
      yield* run(project, { wanted: Option.getOrUndefined(node), clip, live })
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Run a stage on every save; shows input, output, config and time"))
