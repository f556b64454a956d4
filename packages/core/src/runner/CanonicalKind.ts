import { SchemaAST as AST } from "effect"
import type { Kind } from "../stage/Kind.js"

/**
 * The canonical JSON of a value of one kind, straight from the value; `undefined` when it isn't as its kind says: then the schema
 * has the word. Most results are small records, and the way over the schema's encoder costs several times as much.
 */
export type Write = (value: unknown) => string | undefined

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null

const text: Write = (value) => (typeof value === "string" ? JSON.stringify(value) : undefined)
const number: Write = (value) => (Number.isFinite(value) ? JSON.stringify(value) : undefined)
const primitive: Write = (value) =>
  value === null || typeof value === "boolean" ? String(value) : (text(value) ?? number(value))

const isPrimitive = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast) ||
  AST.isNumberKeyword(ast) ||
  AST.isBooleanKeyword(ast) ||
  AST.isTemplateLiteral(ast) ||
  AST.isEnums(ast) ||
  (AST.isLiteral(ast) && typeof ast.literal !== "bigint") ||
  (AST.isRefinement(ast) && isPrimitive(ast.from))

/** Primitives, or one thing that may be absent or `null`: which of several it is would be the schema's to find out. */
const union = ({ types }: AST.Union): Write | undefined => {
  const others = types.filter((member) => !AST.isUndefinedKeyword(member) && !isPrimitive(member))
  if (others.length === 0) return primitive
  const [only] = others
  const write = only !== undefined && others.length === 1 ? compile(only) : undefined
  const isNull = (member: AST.AST) => AST.isLiteral(member) && member.literal === null
  const primitives = types.filter(isPrimitive)
  if (write === undefined || !primitives.every(isNull)) return undefined
  return primitives.length === 0 ? write : (value) => (value === null ? "null" : write(value))
}

const mayBeUndefined = (ast: AST.AST): boolean => AST.isUnion(ast) && ast.types.some(AST.isUndefinedKeyword)

/** Fields in the order of canonical JSON: UTF-16 code units, as `sort` has it. */
const struct = (ast: AST.TypeLiteral): Write | undefined => {
  if (ast.indexSignatures.length > 0) return undefined
  const fields: Array<{ readonly name: string; readonly quoted: string; readonly write: Write; readonly isOptional: boolean }> =
    []
  for (const { isOptional, name, type } of ast.propertySignatures) {
    const write = typeof name === "string" ? compile(type) : undefined
    if (typeof name !== "string" || write === undefined) return undefined
    fields.push({ name, quoted: `${JSON.stringify(name)}:`, write, isOptional: isOptional || mayBeUndefined(type) })
  }
  fields.sort((a, b) => (a.name < b.name ? -1 : 1))
  return (value) => {
    if (!isRecord(value)) return undefined
    let all = "{"
    for (const { isOptional, name, quoted, write } of fields) {
      const field = value[name]
      if (field === undefined && isOptional) continue
      const part = write(field)
      if (part === undefined) return undefined
      all += all.length === 1 ? quoted + part : `,${quoted}${part}`
    }
    return `${all}}`
  }
}

const array = ({ elements, rest }: AST.TupleType): Write | undefined => {
  const element = rest[0]
  const write = elements.length === 0 && rest.length === 1 && element !== undefined ? compile(element.type) : undefined
  if (write === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return undefined
    let all = "["
    for (let i = 0; i < value.length; i++) {
      const part = write(value[i])
      if (part === undefined) return undefined
      all += i === 0 ? part : `,${part}`
    }
    return `${all}]`
  }
}

const compile = (ast: AST.AST): Write | undefined => {
  if (AST.isStringKeyword(ast)) return text
  if (AST.isNumberKeyword(ast)) return number
  if (isPrimitive(ast)) return primitive
  if (AST.isUnion(ast)) return union(ast)
  if (AST.isRefinement(ast)) return compile(ast.from)
  if (AST.isTypeLiteral(ast)) return struct(ast)
  if (AST.isTupleType(ast)) return array(ast)
  return isClass(ast) ? compile(ast.from) : undefined
}

/** A `Schema.Class`: its fields are encoded as their schemas say, and nothing else happens on the way. */
const isClass = (ast: AST.AST): ast is AST.Transformation =>
  AST.isTransformation(ast) && AST.isDeclaration(ast.to) && AST.SurrogateAnnotationId in ast.annotations

/** For kinds whose encoding changes nothing but the prototype: `undefined` for any other. */
export const make = (kind: Kind): Write | undefined => {
  const write = isClass(kind.ast) ? compile(kind.ast) : undefined
  // The constructor has checked the fields of an instance. Whatever else comes meets the schema.
  return write && ((value) => (isRecord(value) && value.constructor === Object(kind) ? write(value) : undefined))
}
