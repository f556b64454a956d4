import { ConfigSchema, type Json, type Registry, type Stage } from "@mediaspool/core"

type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** One setting of a stage, in words. */
export interface Setting {
  readonly name: string
  readonly takes: string
  readonly fallback: string
  readonly description: string
}

/** The JSON Schema of a stage's config, as the whole config's schema has it. */
export const schemaOf = (stage: Stage.AnyStage, schema: JsonObject): JsonObject => {
  const definitions = schema["definitions"]
  const found = isObject(definitions) ? definitions[`stage-${stage.name}`] : undefined
  return isObject(found) ? found : {}
}

const resolved = (schema: JsonObject, whole: JsonObject): JsonObject => {
  const name = schema["$ref"]
  const definitions = whole["definitions"]
  const found = typeof name === "string" && isObject(definitions) ? definitions[name.replace("#/definitions/", "")] : undefined
  return isObject(found) ? { ...resolved(found, whole), ...schema, $ref: null } : schema
}

/** What may be written, in a few words: `mp3 | wav`, `an integer`, `text`. */
const words = (given: JsonObject, whole: JsonObject): string => {
  const schema = resolved(given, whole)
  const { anyOf, enum: choices, type } = schema
  if (Array.isArray(choices)) return choices.map(String).join(" | ")
  if (Array.isArray(anyOf)) return [...new Set(anyOf.filter(isObject).map((each) => words(each, whole)))].join(" | ")
  switch (type) {
    case "string":
      return "text"
    case "number":
      return "a number"
    case "integer":
      return "an integer"
    case "boolean":
      return "true | false"
    case "array":
      return isObject(schema["items"]) ? `a list of ${words(schema["items"], whole)}` : "a list"
    default:
      return "a mapping"
  }
}

/** The settings of a stage, in the order in which its author wrote them. */
export const of = (stage: Stage.AnyStage, registry: Registry): ReadonlyArray<Setting> => {
  const whole = ConfigSchema.make(registry)
  const properties = schemaOf(stage, whole)["properties"]
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, property]: [string, Json]) => {
    if (!isObject(property)) return []
    const { default: fallback, description } = resolved(property, whole)
    return [
      {
        name,
        takes: words(property, whole),
        fallback: fallback === undefined ? "" : JSON.stringify(fallback),
        description: typeof description === "string" ? description : ""
      }
    ]
  })
}
