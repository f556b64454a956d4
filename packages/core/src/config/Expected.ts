import { Option, SchemaAST as AST } from "effect"
import { isSecret } from "../stage/Secret.js"

/**
 * What a schema takes, in words for a message: `"mp3" or "wav"`, `an integer from 1 to 8`. Its description is no help here:
 * it says what the value is for.
 */
export const expected = (ast: AST.AST): string => {
  if (isSecret(ast)) return "{ env: NAME } or { file: PATH }"
  switch (ast._tag) {
    case "Literal":
      return ast.literal === null
        ? "nothing"
        : typeof ast.literal === "string"
          ? JSON.stringify(ast.literal)
          : String(ast.literal)
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

/** What JSON Schema can say of a refinement. */
interface Asked {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
}

/** What a refinement and those under it ask for, from the JSON Schema that each carries; the outer ones have the last word. */
const refined = (ast: AST.Refinement): string => {
  let asked: Asked = {}
  let at: AST.AST = ast
  for (; AST.isRefinement(at); at = at.from)
    asked = {
      ...Option.getOrElse(AST.getJSONSchemaAnnotation(at), () => ({})),
      ...asked
    }
  const base = asked.type === "integer" ? "an integer" : expected(at)
  const more = bounds(asked)
  if (asked.pattern !== undefined) return `${base} like ${asked.pattern}`
  if (more.length > 0) return `${base} ${more.join(" ")}`
  const least = asked.minLength ?? asked.minItems ?? 0
  if (least > 0) return least === 1 ? `${base} that is not empty` : `${base} of ${least} or more`
  return base === "an integer" ? base : (named(ast) ?? base)
}

const bounds = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum }: Asked): ReadonlyArray<string> => [
  ...(minimum === undefined ? [] : [`from ${minimum}`]),
  ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
  ...(maximum === undefined ? [] : [`to ${maximum}`]),
  ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`])
]
