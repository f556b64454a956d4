import { FileSystem, Path } from "@effect/platform"
import { ConfigFile, ConfigSchema, type Project } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { Refused } from "../../Refused.js"

/** Beside every config that it stands for. */
export const SCHEMA = "spool.schema.json"

/** What editors look for in a YAML file's first lines. */
export const schemaLine = `# yaml-language-server: $schema=./${SCHEMA}`

export interface SchemaFile {
  /** Absolute. */
  readonly path: string
  /** How many stages it knows. */
  readonly stages: number
  /** The config did not name its schema yet. */
  readonly lineAdded: boolean
}

export const textOf = ({ registry }: Project.Project): string => `${JSON.stringify(ConfigSchema.make(registry), null, 2)}\n`

const isNamed = (yaml: string): boolean => /^#.*yaml-language-server:.*\$schema=/m.test(yaml)

/** Brings a schema that is there up to date: a stage's settings change while it is written. */
export const refresh = (project: Project.Project): Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = (yield* Path.Path).join(project.folder, SCHEMA)
    const text = textOf(project)
    if ((yield* fs.readFileString(path)) !== text) yield* fs.writeFileString(path, text)
    // It only helps an editor.
  }).pipe(Effect.ignore)

/** Writes the schema beside the config, with the stages of the plugins that are installed; a YAML config is made to name it. */
export const write = (project: Project.Project): Effect.Effect<SchemaFile, Refused, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = (yield* Path.Path).join(project.folder, SCHEMA)
    yield* fs.writeFileString(path, textOf(project))
    const yaml = ConfigFile.isYaml(project.file) ? yield* fs.readFileString(project.file) : undefined
    const lineAdded = yaml !== undefined && !isNamed(yaml)
    if (lineAdded) yield* fs.writeFileString(project.file, `${schemaLine}\n${yaml}`)
    return { path, stages: project.registry.stages.size, lineAdded }
  }).pipe(
    Effect.mapError(
      ({ message }) =>
        new Refused({ code: ExitCode.failed, message, help: "Check the config folder's permissions and free disk space." })
    )
  )
