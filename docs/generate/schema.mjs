import { code, table } from "./markdown.mjs"
import { words } from "./words.mjs"

/** A schema without what it refers to, and as one of several that all hold. */
const resolved = (schema, defs) => {
  const name = schema.$ref?.split("/").at(-1)
  const own = name === undefined ? schema : { ...defs[name], ...schema, $ref: undefined }
  const part = own.allOf?.find(({ properties }) => properties !== undefined)
  return part === undefined ? own : { ...part, ...own }
}

/** Names that a schema leaves to the reader stand for themselves: `<name>`. */
const inside = (schema, defs) => {
  const object = resolved(schema, defs)
  if (object.properties !== undefined && Object.keys(object.properties).length > 0)
    return Object.entries(object.properties).map(([name, value]) => [name, value, object.required?.includes(name) === true])
  return typeof object.additionalProperties === "object" ? [["<name>", object.additionalProperties, false]] : []
}

/** The rows of a settings table, with what is inside of settings below them: `retry.times`. */
const rows = (schema, defs, path, depth) =>
  inside(schema, defs).flatMap(([name, value, required]) => {
    const field = resolved(value, defs)
    const own = [...path, name]
    const deeper = depth > 0 ? rows(field, defs, own, depth - 1) : []
    const described = field.description ?? value.description ?? ""
    const fallback = required ? "required" : field.default === undefined ? "" : code(JSON.stringify(field.default))
    // A mapping whose parts are listed below needs no row of its own when it says nothing.
    if (described === "" && (deeper.length > 0 || name === "<name>")) return deeper
    return [[code(own.join(".")), deeper.length > 0 ? "mapping" : words(field, defs), fallback, described], ...deeper]
  })

/** Settings with their types, defaults and what they are for. */
export const settings = (schema, defs, path = [], depth = 3) => {
  const found = rows(schema, defs, path, depth)
  return found.length === 0 ? "" : table(["setting", "takes", "default", "what it is for"], found)
}
