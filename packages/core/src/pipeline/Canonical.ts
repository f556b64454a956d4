import { Either } from "effect"
import * as Failure from "../stage/Failure.js"

/** Why a value has no canonical form. */
export class CanonicalError extends Failure.Class<CanonicalError>()("CanonicalError", {
  NotJson: {
    retry: "never",
    help: "Report it to the stage's author: it gave a value that JSON can't hold exactly (NaN, an infinity, a date)."
  }
}) {}

/**
 * Parts of an encoded value that are left out, as a tree: `true` drops the part, `"*"` stands for every element of an array
 * or value of a record.
 */
export type Except = { readonly [key: string]: Except | true }

/** Deeper values would overflow the stack. */
const MAX_DEPTH = 500

/** What isn't JSON, and where: the caller adds its own step to the path. */
class NotJson {
  constructor(
    readonly found: string,
    readonly path: string = ""
  ) {}
  at(step: string): NotJson {
    return new NotJson(this.found, step + this.path)
  }
}

const isPlain = (value: object): value is Readonly<Record<string, unknown>> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

// A hot path: plain recursion, and the failure as a value.
const write = (value: unknown, except: Except | undefined, depth: number): string | NotJson => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value)
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : new NotJson(String(value))
    case "object":
      if (value === null) return "null"
      if (depth === 0) return new NotJson(`a value more than ${MAX_DEPTH} levels deep`)
      if (Array.isArray(value)) return writeArray(value, except, depth - 1)
      return isPlain(value) ? writeObject(value, except, depth - 1) : new NotJson(`a ${value.constructor.name}`)
    default:
      return new NotJson(value === undefined ? "undefined" : `a ${typeof value}`)
  }
}

const writeArray = (values: ReadonlyArray<unknown>, except: Except | undefined, depth: number): string | NotJson => {
  const every = except?.["*"]
  if (every === true) return "[]"
  let text = "["
  for (let i = 0; i < values.length; i++) {
    const part = write(values[i], every, depth)
    if (typeof part !== "string") return part.at(`[${i}]`)
    text += i === 0 ? part : `,${part}`
  }
  return `${text}]`
}

/** Names as they stand in the text, with the colon: the fields of kinds, again and again. Bounded, for a record may have any name. */
const quoted = new Map<string, string>()
const MAX_QUOTED = 4_096

const quote = (key: string): string => {
  const known = quoted.get(key)
  if (known !== undefined) return known
  const made = `${JSON.stringify(key)}:`
  if (quoted.size < MAX_QUOTED) quoted.set(key, made)
  return made
}

/** The order that RFC 8785 asks for: UTF-16 code units, as `sort` has it, which allocates several times what few keys need. */
const inOrder = (keys: Array<string>): ReadonlyArray<string> => {
  if (keys.length > 16) return keys.sort()
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] ?? ""
    let at = i
    for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) keys[at--] = before
    keys[at] = key
  }
  return keys
}

const writeObject = (value: Readonly<Record<string, unknown>>, except: Except | undefined, depth: number): string | NotJson => {
  let text = "{"
  for (const key of inOrder(Object.keys(value))) {
    const field = value[key]
    const inner = except === undefined ? undefined : (except[key] ?? except["*"])
    if (field === undefined || inner === true) continue
    const part = write(field, inner, depth)
    if (typeof part !== "string") return part.at(`.${key}`)
    text += text.length === 1 ? quote(key) + part : `,${quote(key)}${part}`
  }
  return `${text}}`
}

/**
 * The value as RFC 8785 JSON: one text for one value, whatever the order of its keys. Fields that are `undefined` are left out.
 * One departure: a lone surrogate, which a path of raw bytes may hold, is written as its `\u` escape instead of being refused.
 *
 * @param except parts that are left out
 */
export const stringify = (value: unknown, except?: Except): Either.Either<string, CanonicalError> => {
  const text = write(value, except, MAX_DEPTH)
  return typeof text === "string"
    ? Either.right(text)
    : Either.left(
        new CanonicalError({
          code: "NotJson",
          detail: `JSON can't hold ${text.found}${text.path === "" ? "" : ` at ${text.path}`}`
        })
      )
}
