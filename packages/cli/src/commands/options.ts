import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import { Effect, Option } from "effect"
import { Refused } from "../Refused.js"

/** For scripts: one JSON value per line on stdout, and nothing else there. */
export const json = Options.boolean("json").pipe(
  Options.withDescription("One JSON value per line on stdout; text and progress on stderr")
)

/** Read by `main`, before the command: logs go through it from the start. */
export const log = Options.choice("log", ["text", "json"]).pipe(
  Options.withDefault("text"),
  Options.withDescription("Form of what goes to stderr: text, or JSON lines")
)

/** A query, in one or several words; without them everything fits. */
export const query = Args.text({ name: "query" }).pipe(
  Args.repeated,
  Args.withDescription("As for `spool search`: words, emotion:calm, duration:>60, failed:yes …; default: everything"),
  Args.map((words) => words.join(" "))
)

/** The same, or files by their paths. */
export const filesOrQuery = Args.text({ name: "file or query" }).pipe(
  Args.repeated,
  Args.withDescription("Paths of files, or a query as for `spool search`: words, duration:>60, failed:NotMedia …")
)

export const config = Options.file("config", { exists: "either" }).pipe(
  Options.optional,
  Options.withDescription("Config file; default: the nearest spool.yaml or spool.config.ts, here or above")
)

/** A number of results as it was typed: 0 stands for all, which is `Infinity`. */
export const limitOf = (typed: number): Effect.Effect<number, Refused> =>
  typed < 0
    ? Refused.usage(`--limit ${typed} is not a number of results.`, "Give a number above 0, or 0 for all.")
    : Effect.succeed(typed === 0 ? Infinity : typed)

/** The parameters of `watch` and of the commands that control a watcher. */
export const watched = {
  pipelines: Args.text({ name: "pipeline" }).pipe(
    Args.repeated,
    Args.withDescription("Only these pipelines; default: all with a source folder")
  ),
  json,
  config
}

/** Which failures: all that is given must fit. */
export const failureFilter = {
  pipeline: Options.text("pipeline").pipe(
    Options.withPseudoName("pipeline"),
    Options.optional,
    Options.withDescription("Only this pipeline")
  ),
  stage: Options.text("stage").pipe(
    Options.withPseudoName("stage"),
    Options.optional,
    Options.withDescription("Only this stage or node")
  ),
  code: Options.text("code").pipe(
    Options.withPseudoName("code"),
    Options.optional,
    Options.withDescription("Only this error code, such as RateLimited")
  )
}

/** The options as the store takes them. */
export const failureFilterOf = (options: {
  readonly pipeline: Option.Option<string>
  readonly stage: Option.Option<string>
  readonly code: Option.Option<string>
}) => ({
  pipeline: Option.getOrUndefined(options.pipeline),
  stage: Option.getOrUndefined(options.stage),
  code: Option.getOrUndefined(options.code)
})
