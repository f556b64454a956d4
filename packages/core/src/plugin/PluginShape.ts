import { Layer, Schema } from "effect"
import { isKind } from "../stage/Kind.js"
import type { AnyPlugin } from "../stage/Plugin.js"
import * as Port from "../stage/Port.js"

const has = <K extends string>(value: unknown, ...keys: ReadonlyArray<K>): value is Readonly<Record<K, unknown>> =>
  typeof value === "object" && value !== null && keys.every((key) => key in value)

const isText = (value: unknown): value is string => typeof value === "string"

const isPort = (value: unknown): value is Port.Port =>
  has(value, "mode", "kinds") && Array.isArray(value.kinds) && value.kinds.every(isKind)

/** A field of a plugin or a stage: whether a value may stand there, and what should. */
type Field = readonly [name: string, fits: (value: unknown) => boolean, wanted: string]

const faultIn = (fields: ReadonlyArray<Field>, value: unknown): string | undefined => {
  const field = fields.find(([name, fits]) => !fits(has(value, name) ? value[name] : undefined))
  return field === undefined ? undefined : `\`${field[0]}\` must be ${field[2]}`
}

const kind = "a class made with Schema.TaggedClass"

const stageFields: ReadonlyArray<Field> = [
  ["version", Number.isInteger, "a whole number"],
  ["summary", isText, "a text"],
  ["input", (ports) => typeof ports === "object" && ports !== null, "an object, such as { file: SourceFile }"],
  ["output", isKind, kind],
  ["config", Schema.isSchema, "a schema: Schema.Struct({ … }), or Field.none"],
  ["error", Schema.isSchema, "a schema, such as a Failure.Class: Failure.None where it never fails"],
  ["run", (run) => typeof run === "function", "a function"],
  ["examples", Array.isArray, "a list"]
]

const faultInPort = (input: unknown): string | undefined => {
  const port = Object.entries(input ?? {}).find(([, port]) => !isKind(port) && !isPort(port))
  return port === undefined ? undefined : `\`input.${port[0]}\` must be ${kind}, or maybe(…), all(…) or either(…) of such`
}

const faultInStage = (stage: unknown): string | undefined => {
  if (!has(stage, "name") || !isText(stage.name)) return "a stage in `stages` has no name: write Stage.make({ name: … })"
  const fault = faultIn(stageFields, stage) ?? (has(stage, "input") ? faultInPort(stage.input) : undefined)
  return fault === undefined ? undefined : `in the stage '${stage.name}', ${fault}`
}

const pluginFields: ReadonlyArray<Field> = [
  ["name", isText, "a text"],
  ["stages", Array.isArray, "a list of stages"],
  ["layer", Layer.isLayer, "a Layer"],
  ["needs", Array.isArray, "a list of plugins"],
  ["migrations", Array.isArray, "a list of { id, sql }"],
  ["sections", Array.isArray, "a list of { name, schema }"]
]

const stagesOf = (plugin: unknown): ReadonlyArray<unknown> =>
  has(plugin, "stages") && Array.isArray(plugin.stages) ? plugin.stages : []

/** Why a module's export isn't what `Plugin.make` gives; undefined where it is. TypeScript sees to it, and JavaScript has nobody else. */
export const fault = (plugin: unknown): string | undefined => {
  if (!has(plugin, "name", "stages", "layer", "needs", "permissions", "migrations", "sections"))
    return "its default export is no plugin: write `export default Plugin.make({ … })`"
  return faultIn(pluginFields, plugin) ?? stagesOf(plugin).map(faultInStage).find(isText)
}

/** Whether a module's export is what `Plugin.make` gives. */
export const isPlugin = (value: unknown): value is AnyPlugin => fault(value) === undefined
