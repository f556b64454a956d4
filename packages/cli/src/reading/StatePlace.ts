import { Effect, Option } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { parse } from "yaml"
import { ExitCode, Refused } from "../ExitCode.js"
import { inline, place } from "../render/Text.js"

/** The names that a config may have, in the order in which they are looked for. */
export const configNames = ["spool.yaml", "spool.config.ts"] as const

/** The config file: the one that is named, or the nearest, from here upwards. Absolute. */
export const findConfig = (named: Option.Option<string>): Effect.Effect<string, Refused> =>
  Effect.suspend(() => {
    if (Option.isSome(named)) {
      const file = resolve(named.value)
      return existsSync(file)
        ? Effect.succeed(file)
        : new Refused({ code: ExitCode.config, message: `There is no config at ${file}.`, help: "Name another with --config." })
    }
    for (let folder = process.cwd(); ; folder = dirname(folder)) {
      const file = configNames.map((name) => join(folder, name)).find(existsSync)
      if (file !== undefined) return Effect.succeed(file)
      if (dirname(folder) === folder) break
    }
    return new Refused({
      code: ExitCode.config,
      message: `There is no ${configNames[0]} here or in a folder above.`,
      help: "`spool init` writes one that works at once; `--config` names one elsewhere."
    })
  })

const unreadable = (config: string, cause: unknown) =>
  new Refused({
    code: ExitCode.config,
    message: `The config ${place(config)} can't be read: ${inline(cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause))}`,
    help: "`spool check` says what is wrong with it."
  })

const written = (state: unknown): string => (typeof state === "string" ? state : ".spool")

/**
 * The state folder of a config; absolute. A command that only reads needs nothing else of the config: of a YAML file no plugin
 * is loaded for it.
 */
export const stateFolder = (config: string): Effect.Effect<string, Refused> =>
  Effect.tryPromise({
    try: async () => {
      if (!config.endsWith(".yaml")) return (await import("../layers.js")).stateFolder(config)
      const state = written(parse(await fs.readFile(config, "utf8"))?.state)
      return state.startsWith("~/") ? join(homedir(), state.slice(2)) : resolve(dirname(config), state)
    },
    catch: (cause) => unreadable(config, cause)
  })
