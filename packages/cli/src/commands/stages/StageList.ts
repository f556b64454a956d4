import { ConfigSchema, type LoadedPlugin, Permission, Port, type RegisteredStage, type Registry } from "@mediaspool/core"
import { Array, Effect, Option } from "effect"
import * as Diagnostics from "../../Diagnostics.js"
import { ExitCode } from "../../ExitCode.js"
import { builtInRegistry, load } from "../../host.js"
import { Output, paint } from "../../output/Output.js"
import { table } from "../../output/Table.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as StageSettings from "./StageSettings.js"

/** `Probe`, `Probe?` where it may be absent, `AudioFile | VideoFile` for several, `everything`. */
const takes = (port: Port.Port): string => {
  const kinds = port.kinds.map(({ _tag }) => _tag).join(" | ")
  return port.mode === "maybe" ? `${kinds}?` : port.mode === "all" ? (kinds === "" ? "everything" : `all ${kinds}`) : kinds
}

const ports = ({ stage }: RegisteredStage): ReadonlyArray<string> =>
  Object.keys(stage.input).map((name) => takes(Port.of(stage.input[name])))

/** `media (built in): starts ffmpeg, starts ffprobe` */
const title = ({ from, plugin }: LoadedPlugin): string => {
  const grants = Permission.list(plugin.permissions).map(Permission.sentence)
  const touches = grants.length > 0 ? inline(grants.join(", ")) : from === "built in" ? undefined : "needs no permissions"
  return `${paint.bold(inline(plugin.name))} ${paint.dim(`(${inline(from)})`)}${touches === undefined ? "" : `: ${touches}`}`
}

const listing = (all: ReadonlyArray<RegisteredStage>): string =>
  Object.values(Array.groupBy(all, ({ plugin }) => plugin.plugin.name))
    .map((group) =>
      [
        title(group[0].plugin),
        table(
          [{ head: "  stage" }, { head: "input" }, { head: "output" }, { head: "description" }],
          group.map((each) => [
            `  ${each.stage.name}`,
            ports(each).join(", "),
            each.stage.output._tag,
            inline(each.stage.summary)
          ])
        )
      ].join("\n")
    )
    .join("\n\n")

const one = (registered: RegisteredStage, registry: Registry): string => {
  const { plugin, stage } = registered
  const settings = StageSettings.of(stage, registry)
  return [
    `${paint.bold(stage.name)}  ${inline(stage.summary)}`,
    `  input ${Object.keys(stage.input)
      .map((name) => `${name}: ${takes(Port.of(stage.input[name]))}`)
      .join(", ")}; output ${stage.output._tag}`,
    `  from ${title(plugin)}`,
    "",
    settings.length === 0
      ? "No settings."
      : table(
          [{ head: "with" }, { head: "takes" }, { head: "default" }, { head: "description" }],
          settings.map(({ description, fallback, name, takes }) => [name, takes, fallback, inline(description)])
        ),
    ...stage.examples.flatMap((example) => ["", `# ${inline(example.title)}`, `with: ${JSON.stringify(example.with)}`])
  ].join("\n")
}

const value = (registered: RegisteredStage, schema: ReturnType<typeof ConfigSchema.make>): object => {
  const { plugin, stage } = registered
  return {
    type: "stage",
    name: stage.name,
    version: stage.version,
    summary: stage.summary,
    plugin: plugin.plugin.name,
    from: plugin.from,
    permissions: plugin.plugin.permissions,
    takes: Object.fromEntries(
      Object.keys(stage.input).map((name) => {
        const { kinds, mode } = Port.of(stage.input[name])
        return [name, { mode, kinds: kinds.map(({ _tag }) => _tag) }]
      })
    ),
    gives: stage.output._tag,
    config: StageSettings.schemaOf(stage, schema),
    examples: stage.examples
  }
}

/** Says which stages there are: those of the config's plugins too, where there is a config. */
export const listStages = (config: Option.Option<string>, name: Option.Option<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    const registry = yield* load(config).pipe(
      Effect.map(({ registry }) => registry),
      Effect.catchTag("ConfigError", (error) =>
        error.code === "ConfigNotFound" && Option.isNone(config) ? Effect.succeed(builtInRegistry) : Diagnostics.refuse(error)
      )
    )
    const all = [...registry.stages.values()]
    const asked = Option.match(name, { onNone: () => all, onSome: (name) => all.filter(({ stage }) => stage.name === name) })
    if (asked.length === 0)
      return yield* new Refused({
        code: ExitCode.usage,
        message: `No stage named '${inline(Option.getOrElse(name, () => ""))}'.`,
        help: "`spool stages` lists them; stages of a plugin need it listed under `plugins`."
      })
    const schema = ConfigSchema.make(registry)
    yield* Effect.forEach(asked, (each) => output.value(value(each, schema)), { discard: true })
    const [first] = asked
    if (output.json) return
    yield* output.print(Option.isSome(name) && first !== undefined ? one(first, registry) : listing(asked))
  })
