/** The name that a `$ref` leads to. */
export const nameOf = (ref) => ref.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~")

/** What a JSON schema takes, in a few words: `"mp3" or "wav"`, `integer, 1 to 8`, `list of text`. */
export const words = (schema, defs = {}) => {
  if (schema.$ref !== undefined && schema.type === undefined) {
    const name = nameOf(schema.$ref)
    const target = defs[name]
    return target === undefined || target.type === "object" ? name.split("/").at(-1) : words(target, defs)
  }
  if (schema.enum !== undefined) return or(schema.enum.map((value) => JSON.stringify(value)))
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  const any = schema.anyOf ?? schema.oneOf
  if (any !== undefined) return or([...new Set(any.map((each) => words(each, defs)))])
  const all = (schema.allOf ?? []).reduce((merged, part) => ({ ...merged, ...part }), schema)
  switch (schema.type) {
    case "string":
      return schema.pattern?.includes("(ms|s|m|min|h|d)") ? "a time like 500ms, 30s, 5m or 2h" : "text"
    case "boolean":
      return "true or false"
    case "null":
      return "null"
    case "integer":
    case "number":
      return [schema.type, range(all)].filter((part) => part !== "").join(", ")
    case "array":
      return `list of ${Array.isArray(schema.items) || schema.items === undefined ? "values" : words(schema.items, defs)}`
    case "object": {
      const named = Object.keys(schema.properties ?? {})
      if (named.length > 0) return `{ ${named.join(", ")} }`
      const value = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0]
      return typeof value === "object" ? `names with ${words(value, defs)}` : "mapping"
    }
    default:
      return "anything"
  }
}

const or = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`)

const range = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum }) => {
  const low = minimum ?? exclusiveMinimum
  const high = maximum ?? exclusiveMaximum
  if (low !== undefined && high !== undefined)
    return `${exclusiveMinimum === undefined ? "" : "above "}${low} to ${exclusiveMaximum === undefined ? "" : "below "}${high}`
  if (low !== undefined) return exclusiveMinimum === undefined ? `${low} or more` : `above ${low}`
  if (high !== undefined) return exclusiveMaximum === undefined ? `${high} or less` : `below ${high}`
  return ""
}
