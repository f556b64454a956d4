import { JSONSchema, Option, SchemaAST as AST } from "effect"
import { isSecret } from "../stage/Secret.js"

/**
 * What a schema takes, in words for a message: `"mp3" or "wav"`, `an integer from 1 to 8`. Its description is no help here:
 * it says what the value is for.
 */
export const expected = (ast: AST.AST): string => {
  if (isSecret(ast)) return "{ env: NAME } or { file: PATH }"
  switch (ast._tag) {
    case "Literal":
      return ast.literal === null ? "nothing" : JSON.stringify(String(ast.literal))
    case "Enums":
      return or(ast.enums.map(([, value]) => JSON.stringify(value)))
    case "StringKeyword":
    case "TemplateLiteral":
      return "text"
    case "NumberKeyword":
      return "a number"
    case "BooleanKeyword":
      return "true or false"
    case "TypeLiteral":
    case "ObjectKeyword":
      return "a mapping"
    case "TupleType":
      return "a list"
    case "Union":
      return or(ast.types.filter((type) => !AST.isUndefinedKeyword(type)).map(expected))
    case "Refinement":
      return refined(ast)
    case "Transformation":
      return expected(ast.from)
    case "Suspend":
      return expected(ast.f())
    default:
      return named(ast) ?? "another value"
  }
}

const or = (words: ReadonlyArray<string>): string => {
  const unique = [...new Set(words)]
  return unique.length < 2 ? unique.join() : `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`
}

const named = (ast: AST.AST): string | undefined =>
  Option.getOrUndefined(Option.orElse(AST.getIdentifierAnnotation(ast), () => AST.getTitleAnnotation(ast)))

/** What a refinement and those under it ask for, from the JSON Schema that each carries. */
const refined = (ast: AST.Refinement): string => {
  const asked: JSONSchema.JsonSchema7Number & { pattern?: string; minLength?: number; minItems?: number; type?: string } = {
    type: "number"
  }
  let at: AST.AST = ast
  for (; AST.isRefinement(at); at = at.from)
    Object.assign(
      asked,
      Option.getOrElse(AST.getJSONSchemaAnnotation(at), () => ({}))
    )
  const base = asked.type === ("integer" as string) ? "an integer" : expected(at)
  const bounds = range(asked)
  if (asked.pattern !== undefined) return `${base} like ${asked.pattern}`
  if (asked.minLength !== undefined || asked.minItems !== undefined) return `${base} that is not empty`
  return bounds === undefined ? (base === "a number" ? (named(ast) ?? base) : base) : `${base} ${bounds}`
}

const range = (asked: { minimum?: number; maximum?: number; exclusiveMinimum?: number; exclusiveMaximum?: number }) => {
  const low =
    asked.minimum !== undefined
      ? `from ${asked.minimum}`
      : asked.exclusiveMinimum !== undefined
        ? `above ${asked.exclusiveMinimum}`
        : undefined
  const high =
    asked.maximum !== undefined
      ? `to ${asked.maximum}`
      : asked.exclusiveMaximum !== undefined
        ? `below ${asked.exclusiveMaximum}`
        : undefined
  return low === undefined && high === undefined ? undefined : [low, high].filter((part) => part !== undefined).join(" ")
}
