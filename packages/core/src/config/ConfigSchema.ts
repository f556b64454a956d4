import { Either, JSONSchema, Option, ParseResult, Schema, SchemaAST as AST } from "effect"
import { Budget } from "../stage/Budget.js"
import type { Json } from "../stage/Json.js"
import type { AnyStage } from "../stage/Stage.js"
import { fieldsOf } from "./ConfigFields.js"
import { NAME } from "../stage/Name.js"
import { NodeSettings, On } from "./NodeSettings.js"
import { PipelineTests } from "./PipelineTest.js"
import type { Registry } from "../plugin/Registry.js"
import { SourceConfig } from "./SourceConfig.js"
import { WorkersConfig } from "./WorkersConfig.js"

type JsonObject = { readonly [key: string]: Json }

/**
 * JSON Schema (draft 7) of a config file with the installed stages and sections in it, so that an editor completes and explains:
 * `# yaml-language-server: $schema=.spool/config.schema.json`.
 */
export const make = (registry: Registry): JsonObject => {
  const definitions = new Definitions()
  const stages = [...registry.stages].map(([name, { stage }]) => (name === stage.name ? stage : { ...stage, name }))
  const sections = [...registry.sections].map(([name, { section }]) => [name, definitions.of(name, section.schema)] as const)
  const pipeline = {
    type: "object",
    description: "A pipeline: where its files come from and its nodes, in their order",
    properties: {
      source: definitions.of("core", SourceConfig),
      budget: { ...definitions.of("core", Budget), description: "What the pipeline's paid calls may cost" },
      stages: nodes(stages, definitions),
      tests: { ...definitions.of("core", PipelineTests), description: "Clips, and what the nodes should make of them" }
    },
    required: ["stages"],
    additionalProperties: false
  }
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Mediaspool config",
    type: "object",
    properties: {
      plugins: {
        type: "array",
        description: "Plugins: npm names, or paths relative to this file",
        items: { type: "string", minLength: 1 }
      },
      state: { type: "string", minLength: 1, description: "The folder of the database and the artifacts", default: ".spool" },
      defaults: {
        type: ["object", "null"],
        description: "Config fields for every stage that has them and whose node doesn't say",
        properties: { on: definitions.of("core", On), ...defaults(stages, definitions) },
        additionalProperties: false
      },
      workers: { ...definitions.of("core", WorkersConfig), description: "The machines that share the work" },
      ...Object.fromEntries(sections),
      pipelines: {
        type: "object",
        description: "The pipelines by name",
        propertyNames: { pattern: NAME.source },
        additionalProperties: pipeline
      }
    },
    required: ["pipelines"],
    additionalProperties: false,
    definitions: definitions.all()
  }
}

/** The nodes of a pipeline: named like their stage, or with `use`. What `with` takes follows from the stage. */
const nodes = (stages: ReadonlyArray<AnyStage>, definitions: Definitions): JsonObject => {
  const node = definitions.of("core", NodeSettings)
  const configs = stages.map((stage) => ({
    stage,
    config: definitions.named(`stage-${stage.name}`, () => config(stage, definitions))
  }))
  const withOf = ({ config }: (typeof configs)[number]): JsonObject => ({ properties: { with: config } })
  const used = configs.map((entry) => ({
    if: { properties: { use: { const: entry.stage.name } }, required: ["use"] },
    then: withOf(entry)
  }))
  const any = definitions.named("node", () => ({
    allOf: [
      node,
      {
        properties: {
          use: {
            enum: stages.map(({ name }) => name),
            description: stages.map(({ name, summary }) => `${name}: ${summary}`).join("\n")
          }
        }
      },
      ...used
    ]
  }))
  return {
    type: ["object", "null"],
    propertyNames: { pattern: NAME.source },
    properties: Object.fromEntries(
      configs.map((entry) => [
        entry.stage.name,
        {
          description: entry.stage.summary,
          oneOf: [{ type: "null" }, { allOf: [any, { if: { not: { required: ["use"] } }, then: withOf(entry) }] }]
        }
      ])
    ),
    additionalProperties: { allOf: [any, { required: ["use"] }] }
  }
}

/** A stage's config, with its examples. A field that `defaults` may fill is not asked for. */
const config = (stage: AnyStage, definitions: Definitions): JsonObject => {
  const { required: _, ...schema } = definitions.of(stage.name, stage.config)
  const examples: ReadonlyArray<Json> = stage.examples.map((example) => JSON.parse(JSON.stringify(example.with)))
  return { ...schema, description: stage.summary, ...(examples.length === 0 ? {} : { examples }) }
}

/** Every config field of every stage; where two stages have one of the same name, either's values. */
const defaults = (stages: ReadonlyArray<AnyStage>, definitions: Definitions): JsonObject => {
  const found = new Map<string, Array<Json>>()
  for (const { config, name } of stages) {
    const properties = definitions.of(name, config)["properties"]
    for (const field of fieldsOf(config.ast).keys()) {
      const schema = isObject(properties) ? properties[field] : undefined
      const known = found.get(field) ?? []
      if (schema !== undefined && !known.some((other) => JSON.stringify(other) === JSON.stringify(schema)))
        found.set(field, [...known, schema])
    }
  }
  return Object.fromEntries(
    [...found].map(([field, [first = {}, ...others]]) => [field, others.length === 0 ? first : { anyOf: [first, ...others] }])
  )
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The parts that several places refer to. */
class Definitions {
  private readonly found = new Map<string, Json>()

  all(): JsonObject {
    return Object.fromEntries(this.found)
  }

  named(name: string, make: () => Json): JsonObject {
    if (!this.found.has(name)) this.found.set(name, make())
    return { $ref: `#/definitions/${name}` }
  }

  /**
   * The JSON Schema of what a person writes. A schema that JSON Schema can't say is left open.
   *
   * @param owner who brings the schema: two may use one identifier for different things
   */
  of(owner: string, schema: Schema.Schema.AnyNoContext): JsonObject {
    const parts: Record<string, JSONSchema.JsonSchema7> = {}
    const made = Either.try(() =>
      JSONSchema.fromAST(schema.ast, {
        definitions: parts,
        definitionPath: `#/definitions/${owner}.`,
        topLevelReferenceStrategy: "skip"
      })
    )
    if (Either.isLeft(made)) return {}
    for (const [name, part] of Object.entries(parts)) this.found.set(`${owner}.${name}`, plain(part))
    const whole = plain(made.right)
    return isObject(whole) ? withDefaults(schema.ast, whole) : {}
  }
}

/** As JSON, without the ids that Effect gives to `unknown` and its like: an id is unique in a schema. */
const plain = (schema: object): Json =>
  JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === "$id" && typeof value === "string" ? undefined : value)))

/** Defaults as a person writes them: Effect's own are in decoded form. */
const withDefaults = (ast: AST.AST, schema: JsonObject): JsonObject => {
  const { default: _, ...rest } = schema
  const fields = fieldsOf(ast)
  const every = element(ast)
  const { additionalProperties, items, properties } = rest
  const description = Option.getOrUndefined(AST.getDescriptionAnnotation(ast))
  return {
    ...(description === undefined ? {} : { description }),
    ...rest,
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]: [string, Json]) => [name, through(fields.get(name), property)])
          )
        }
      : {}),
    ...(isObject(items) ? { items: through(every, items) } : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: through(every, additionalProperties) } : {}),
    ...encodedDefault(ast)
  }
}

const through = (ast: AST.AST | undefined, schema: Json): Json =>
  ast !== undefined && isObject(schema) ? withDefaults(ast, schema) : schema

/** The schema of every element of a list or record. */
const element = (ast: AST.AST): AST.AST | undefined =>
  AST.isTransformation(ast) || AST.isRefinement(ast)
    ? element(ast.from)
    : AST.isTypeLiteral(ast)
      ? ast.indexSignatures[0]?.type
      : AST.isTupleType(ast)
        ? ast.rest[0]?.type
        : undefined

const encodedDefault = (ast: AST.AST): { readonly default?: Json } =>
  Option.match(AST.getDefaultAnnotation(ast), {
    onNone: () => ({}),
    onSome: (value) =>
      Either.match(ParseResult.encodeUnknownEither(Schema.make<unknown, unknown>(ast))(value), {
        onLeft: () => ({}),
        onRight: (encoded) => ({ default: JSON.parse(JSON.stringify(encoded)) })
      })
  })
