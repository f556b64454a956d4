import { Either, Option, ParseResult, Schema, SchemaAST as AST } from "effect"
import type { Json } from "../stage/Json.js"
import { isUnkeyed } from "../stage/Kind.js"
import { isSecret } from "../stage/Secret.js"
import * as Canonical from "./Canonical.js"

type Drop = (ast: AST.AST) => boolean

/**
 * The part of a config that its result key depends on: encoded, without the fields equal to their default (so that a new field keeps
 * old keys), without secrets and without what `Field.unkeyed` marks. Different configs keep different identities.
 */
export const of = (
  config: Schema.Schema.AnyNoContext,
  decoded: unknown
): Either.Either<Json, Canonical.CanonicalError | ParseResult.ParseError> =>
  Either.gen(function* () {
    const encoded: unknown = yield* ParseResult.encodeUnknownEither(config)(decoded).pipe(Either.mapLeft(ParseResult.parseError))
    const whole = yield* Canonical.stringify(encoded)
    const short = withoutDefaults(config.ast, encoded)
    const kept = (yield* Canonical.stringify(again(config, short))) === whole ? short : encoded
    const text = yield* Canonical.stringify(without(config.ast, kept, isOutside))
    const identity: Json = JSON.parse(text)
    return identity
  })

/**
 * The config that an identity was made of, decoded. What no key depends on (secrets, unkeyed fields) is as in `current`. `None` where
 * the schema is another than it was, so that there is no such config any more.
 */
export const restore = (
  config: Schema.Schema.AnyNoContext,
  identity: unknown,
  current: unknown
): Option.Option<{ readonly config: unknown; readonly identity: Json }> =>
  Option.gen(function* () {
    const encoded: unknown = yield* Either.getRight(ParseResult.encodeUnknownEither(config)(current))
    const keyed = without(config.ast, encoded, isOutside)
    const outside =
      isRecord(encoded) && isRecord(keyed) ? Object.entries(encoded).filter(([key]) => keyed[key] === undefined) : []
    const written = isRecord(identity) ? { ...Object.fromEntries(outside), ...identity } : identity
    const decoded = yield* Either.getRight(decode(config.ast, written))
    const again = yield* Either.getRight(of(config, decoded))
    const texts = yield* Either.getRight(Either.all([Canonical.stringify(again), Canonical.stringify(identity)]))
    return yield* texts[0] === texts[1] ? Option.some({ config: decoded, identity: again }) : Option.none()
  })

const isOutside: Drop = (ast) => isSecret(ast) || isUnkeyed(ast)

/** What the shortened config stands for. When it is no longer the same config (its schema is a peculiar one), nothing is left out. */
const again = (config: Schema.Schema.AnyNoContext, encoded: unknown): unknown =>
  decode(config.ast, encoded).pipe(
    Either.flatMap((value) => ParseResult.encodeUnknownEither(config)(value)),
    Either.getOrNull
  )

const withoutDefaults = (ast: AST.AST, encoded: unknown): unknown => without(ast, encoded, () => false, true)

/** The encoded value without the parts whose schema is dropped. */
const without = (ast: AST.AST, encoded: unknown, drop: Drop, defaults = false): unknown => {
  if (drop(ast)) return undefined
  switch (ast._tag) {
    case "Suspend":
      return without(ast.f(), encoded, drop, defaults)
    case "Refinement":
      return without(ast.from, encoded, drop, defaults)
    case "Transformation": {
      const rest = without(ast.from, encoded, drop, defaults)
      return defaults && AST.isTypeLiteralTransformation(ast.transformation) && isRecord(encoded) && isRecord(rest)
        ? withoutEqual(rest, encoded, fallbacks(ast.from, ast.transformation))
        : rest
    }
    case "TypeLiteral":
      return isRecord(encoded) ? withoutFields(ast, encoded, drop, defaults) : encoded
    case "TupleType":
      return Array.isArray(encoded)
        ? encoded.map((element: unknown, i) => {
            const type = ast.elements[i]?.type ?? ast.rest[0]?.type
            return type === undefined ? element : (without(type, element, drop, defaults) ?? null)
          })
        : encoded
    case "Union": {
      const member = ast.types.find((type) => Either.isRight(decode(type, encoded)))
      return member === undefined ? encoded : without(member, encoded, drop, defaults)
    }
    default:
      return encoded
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const decode = (ast: AST.AST, encoded: unknown) =>
  ParseResult.decodeUnknownEither(Schema.make<unknown, unknown>(ast), { onExcessProperty: "error" })(encoded)

const withoutFields = (ast: AST.TypeLiteral, encoded: Readonly<Record<string, unknown>>, drop: Drop, defaults: boolean) =>
  Object.fromEntries(
    Object.entries(encoded).map(([key, value]) => {
      const type = ast.propertySignatures.find(({ name }) => name === key)?.type ?? ast.indexSignatures[0]?.type
      return [key, type === undefined ? value : without(type, value, drop, defaults)]
    })
  )

/** The encoded default of each field that has one. */
const fallbacks = (from: AST.AST, transformation: AST.TypeLiteralTransformation): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const fields = AST.isTypeLiteral(from) ? from.propertySignatures : []
  for (const { decode, from: key } of transformation.propertySignatureTransformations) {
    const type = fields.find(({ name }) => name === key)?.type
    const fallback = decode(Option.none())
    if (type === undefined || Option.isNone(fallback)) continue
    ParseResult.encodeUnknownEither(Schema.make<unknown, unknown>(type))(fallback.value).pipe(
      Either.flatMap((encoded) => Canonical.stringify(encoded)),
      Either.map((text) => found.set(String(key), text))
    )
  }
  return found
}

const withoutEqual = (
  rest: Readonly<Record<string, unknown>>,
  encoded: Readonly<Record<string, unknown>>,
  fallbacks: ReadonlyMap<string, string>
) =>
  Object.fromEntries(
    Object.entries(rest).filter(([key]) => {
      const fallback = fallbacks.get(key)
      return fallback === undefined || Either.getOrNull(Canonical.stringify(encoded[key])) !== fallback
    })
  )
