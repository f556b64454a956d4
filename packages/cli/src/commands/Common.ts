import * as Options from "@effect/cli/Options"

/** For scripts: one JSON value per line on stdout, and nothing else there. */
export const json = Options.boolean("json").pipe(
  Options.withDescription("One JSON value per line on stdout; text and progress go to stderr")
)

export const config = Options.file("config", { exists: "either" }).pipe(
  Options.optional,
  Options.withDescription("The config file; default: the nearest spool.yaml or spool.config.ts, here or in a folder above")
)
