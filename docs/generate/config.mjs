import { code, page, table } from "./markdown.mjs"
import { project } from "./project.mjs"
import { settings } from "./schema.mjs"

export const config = async () => {
  const { ConfigSchema } = await import("../../packages/core/dist/index.js")
  const { registry } = await project()
  const { definitions, properties } = ConfigSchema.make(registry)
  const pipeline = properties.pipelines.additionalProperties
  const section = (name, ...blocks) => [`## ${name}`, ...blocks].filter((block) => block !== "").join("\n\n")
  const own = new Set(["plugins", "state", "defaults", "workers", "pipelines"])
  const others = Object.entries(properties).filter(([name]) => !own.has(name))
  return page(
    "The config",
    "`spool.yaml`, or `spool.config.ts` with the same content as its default export. A key that nobody knows is an error that names it. " +
      "`spool schema` writes a JSON Schema of your config beside it, with the stages of your plugins, so that an editor completes and explains.",
    table(
      ["key", "what it is for"],
      Object.entries(properties).map(([name, { description = "" }]) => [
        code(name),
        description || (others.some(([other]) => other === name) ? "A section of a plugin, see below" : "")
      ])
    ),
    section("pipelines.<name>.source", settings(pipeline.properties.source, definitions)),
    section(
      "pipelines.<name>.stages.<node>",
      "The key is the node's name, lower-case letters, digits and `-`; nodes stand in the order in which they run where one needs another. " +
        "A node that needs no settings is `{}`.",
      settings(definitions.node, definitions)
    ),
    section("pipelines.<name>.tests", "See [testing](../guide/testing.md).", settings(pipeline.properties.tests, definitions)),
    section(
      "defaults",
      "Settings of [stages](stages.md) by name: each holds for every stage that has it and whose node doesn't say otherwise. `defaults: { provider: dashscope-intl }` names the provider once."
    ),
    ...others.map(([name, schema]) => section(name, settings(schema, definitions)))
  )
}
