import { code, page, table } from "./markdown.mjs"
import { project } from "./project.mjs"
import { settings } from "./schema.mjs"
import { stringify } from "yaml"

const modes = { one: "", maybe: " if there is one", all: ", every one above" }

const takes = (Port, port) => {
  const { kinds, mode } = Port.of(port)
  return `${kinds.length === 0 ? "any kind" : kinds.map(({ _tag }) => `[${_tag}](kinds.md#${_tag.toLowerCase()})`).join(" or ")}${modes[mode]}`
}

const example = ({ name }, { title, with: config }) =>
  [
    `${title}:`,
    ["```yaml", stringify({ [name]: { with: config } }, { flowCollectionPadding: true }).trimEnd(), "```"].join("\n")
  ].join("\n\n")

export const stages = async () => {
  const { ConfigSchema, Permission, Port } = await import("../../packages/core/dist/index.js")
  const { registry } = await project()
  const schema = ConfigSchema.make(registry)
  const section = ({ plugin, stage }) => {
    const inputs = Object.entries(stage.input).map(([name, port]) => [code(name), takes(Port, port)])
    return [
      `## ${stage.name}`,
      `${stage.summary}.`,
      [
        `Gives [${stage.output._tag}](kinds.md#${stage.output._tag.toLowerCase()}). Version ${stage.version}, from the plugin ${code(plugin.plugin.name)}.`,
        stage.nondeterministic ? "Two runs may differ." : "",
        stage.sink ? "It keeps what it is given, and its result is not remembered." : ""
      ]
        .filter((text) => text !== "")
        .join(" "),
      table(["input", "takes"], inputs),
      settings(schema.definitions[`stage-${stage.name}`] ?? {}, schema.definitions),
      ...stage.examples.map((each) => example(stage, each))
    ]
      .filter((block) => block !== "")
      .join("\n\n")
  }
  const all = [...registry.stages.values()]
  const grants = registry.plugins.map(({ plugin }) => [
    code(plugin.name),
    Permission.list(plugin.permissions).map(Permission.sentence).join("; ") || "nothing outside of the process"
  ])
  return page(
    "Stages",
    "What a pipeline can use without any plugin of yours. `spool stages` lists the same, with those of the plugins in your config.",
    table(
      ["stage", "what it does"],
      all.map(({ stage }) => [`[${stage.name}](#${stage.name})`, stage.summary])
    ),
    "The built-in plugins declare what they touch:",
    table(["plugin", "touches"], grants),
    ...all.map(section)
  )
}
