import { ConfigFile, makeFolder } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { isAbsolute, join, relative, resolve } from "node:path"
import * as Diagnostics from "../../Diagnostics.js"
import { ExitCode } from "../../ExitCode.js"
import { load } from "../../host.js"
import { inline, place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as SchemaFile from "../schema/SchemaFile.js"
import { firstConfig } from "./FirstConfig.js"

export interface NewConfig {
  /** Absolute. */
  readonly config: string
  readonly schema: string
  /** The source folder; absolute. */
  readonly folder: string
  readonly folderMade: boolean
}

const failed = (cause: unknown) =>
  new Refused({
    code: ExitCode.failed,
    message: `Cannot write the config: ${inline(cause instanceof Error ? cause.message : String(cause))}`,
    help: "Check this folder's permissions and free disk space."
  })

/** As the config shall name it: below it by a relative path, elsewhere as it was given. */
const named = (given: string, base: string): string => {
  const below = relative(base, resolve(base, given))
  return isAbsolute(given) || given.startsWith("~") || below.startsWith("..") ? given : below === "" ? "." : `./${below}`
}

/** Writes a first config and its schema into a folder; what is there already stays. */
export const write = (base: string, given: string, captions: boolean) =>
  Effect.gen(function* () {
    const there = ConfigFile.NAMES.find((name) => existsSync(join(base, name)))
    if (there !== undefined)
      return yield* new Refused({
        code: ExitCode.usage,
        message: `A config exists already: ${place(join(base, there))}.`,
        help: "`spool check` validates it; remove it to start over."
      })
    const config = join(base, "spool.yaml")
    yield* Effect.tryPromise({
      try: () => fs.writeFile(config, firstConfig(named(given, base), SchemaFile.schemaLine, captions), { flag: "wx" }),
      catch: failed
    })
    const project = yield* Effect.catchTag(load(Option.some(config)), "ConfigError", Diagnostics.refuse)
    const folder = [...project.pipelines.values()][0]?.plan.source?.folder ?? base
    const folderMade = !existsSync(folder)
    yield* Effect.try({ try: () => makeFolder(folder), catch: failed })
    const { path: schema } = yield* SchemaFile.write(project)
    return { config, schema, folder, folderMade } satisfies NewConfig
  })
