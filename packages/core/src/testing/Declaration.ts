import { Either, Option, Schema, SchemaAST as AST } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import { fieldsOf } from "../config/ConfigFields.js"
import * as Identity from "../pipeline/Identity.js"
import { NAME, namedWrongly } from "../stage/Name.js"
import { type Reason, Retry } from "../stage/Failure.js"
import type { AnyStage } from "../stage/Stage.js"
import type { Violation } from "./Violation.js"

/** What can be said of a stage without running it. */
export const check = (stage: AnyStage): ReadonlyArray<Violation> => [
  ...names(stage),
  ...settings(stage),
  ...examples(stage),
  ...tables(stage.error).flatMap((table) => failures(table))
]

const breach = (rule: Violation["rule"], message: string, at?: string): Violation => ({
  rule,
  message,
  ...(at === undefined ? {} : { at })
})

const names = ({ name, summary, version }: AnyStage): ReadonlyArray<Violation> => [
  ...(NAME.test(name) ? [] : [breach("declaration", namedWrongly("stage", name))]),
  ...(Number.isInteger(version) && version > 0 ? [] : [breach("declaration", "the version is an integer from 1")]),
  ...(/^\S.*\S$/.test(summary) && summary.length <= 200
    ? []
    : [breach("declaration", "the summary is one line of 2 to 200 characters, without blanks around it")])
]

const settings = ({ config }: AnyStage): ReadonlyArray<Violation> =>
  [...fieldsOf(config.ast)]
    .filter(([, type]) => !isDescribed(type))
    .map(([field]) => breach("declaration", `the config field '${field}' has no description: make it with Field`))

/** Effect's own descriptions say `a number`, `an integer`. */
const isDescribed = (type: AST.AST): boolean =>
  Option.exists(AST.getDescriptionAnnotation(type), (description) => !/^an? [a-z]/.test(description))

const strict = { onExcessProperty: "error" } as const

const examples = ({ config, examples }: AnyStage): ReadonlyArray<Violation> =>
  examples.flatMap(({ title, with: written }) => {
    const decoded = Schema.decodeUnknownEither<unknown, unknown>(config, strict)(written)
    if (Either.isLeft(decoded)) return [breach("examples", decoded.left.message, title)]
    return identities(config, decoded.right).map((message) => breach("key", message, title))
  })

/** A config written out in full is the same config. */
export const identities = (config: Schema.Schema.AnyNoContext, decoded: unknown): ReadonlyArray<string> => {
  const identity = (value: unknown) => Either.flatMap(Identity.of(config, value), (json) => Canonical.stringify(json))
  const first = identity(decoded)
  if (Either.isLeft(first)) return [first.left.message]
  const again = Schema.encodeUnknownEither(config)(decoded).pipe(
    Either.flatMap((written) => Schema.decodeUnknownEither(config, strict)(written)),
    Either.flatMap((read) => identity(read))
  )
  if (Either.isLeft(again)) return [`written out and read again it is refused: ${again.left.message}`]
  return again.right === first.right ? [] : ["written out and read again it has another identity"]
}

interface FailureTable {
  readonly schema: Schema.Schema.AnyNoContext
  readonly tag: string
  readonly reasons: Readonly<Record<string, Reason>>
}

/** The failure tables of an error: of a class made by `Failure.Class`, or of a union of them. */
const tables = (error: unknown): ReadonlyArray<FailureTable> => {
  if (!Schema.isSchema(error)) return []
  if ("members" in error && Array.isArray(error.members)) return error.members.flatMap(tables)
  return isTable(error) ? [{ schema: error, tag: error._tag, reasons: error.reasons }] : []
}

const isTable = (
  schema: object
): schema is Schema.Schema.AnyNoContext & { readonly _tag: string; readonly reasons: Readonly<Record<string, Reason>> } =>
  "_tag" in schema && "reasons" in schema && typeof schema.reasons === "object"

const failures = ({ reasons, schema, tag }: FailureTable): ReadonlyArray<Violation> =>
  Object.entries(reasons).flatMap(([code, { help, retry }]) => [
    ...(/^[A-Z][A-Za-z0-9]*$/.test(code) ? [] : [breach("declaration", `the code '${code}' is not like RateLimited`, tag)]),
    ...(Schema.is(Retry)(retry) ? [] : [breach("declaration", `the retry class of ${code} is none`, tag)]),
    ...(help.trim() === "" ? [breach("declaration", `${code} says no help: what can a person do?`, tag)] : []),
    ...roundTrip(schema, { _tag: tag, code, detail: "what happened" }).map((message) =>
      breach("errors", `${code}: ${message}`, tag)
    )
  ])

/** Reads an encoded value, writes it and reads it again. */
export const roundTrip = (schema: Schema.Schema.AnyNoContext, encoded: unknown): ReadonlyArray<string> => {
  const result = Either.gen(function* () {
    const value = yield* Schema.decodeUnknownEither(schema)(encoded)
    const written = yield* Schema.encodeUnknownEither(schema)(value)
    const text = yield* Canonical.stringify(written)
    const read = yield* Schema.decodeUnknownEither(schema)(JSON.parse(text))
    return { text, again: yield* Canonical.stringify(yield* Schema.encodeUnknownEither(schema)(read)) }
  })
  if (Either.isLeft(result)) return [result.left.message]
  return result.right.text === result.right.again ? [] : ["written down and read back it is another value"]
}
