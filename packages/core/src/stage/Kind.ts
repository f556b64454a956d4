import { Either, ParseResult, Schema, type SchemaAST as AST } from "effect"
import { type EncodedPath, find } from "./EncodedPath.js"

/**
 * What crosses an edge: a `Schema.TaggedClass`, compared by its identifier and never by its shape. Its tag is what people read and what
 * is stored; two plugins may use the same.
 */
export type Kind = Schema.Schema.AnyNoContext & { readonly _tag: string }

/** Whether a value is a schema with a tag. */
export const isKind = (value: unknown): value is Kind =>
  Schema.isSchema(value) && "_tag" in value && typeof value._tag === "string"

/** What keeps a kind apart: `levels/Level`; its tag where the class was given none. */
export const identifierOf = (kind: Kind): string =>
  "identifier" in kind && typeof kind.identifier === "string" ? kind.identifier : kind._tag

/** How a kind is shown beside others: by its tag, and by its identifier too where another of them has the same tag. */
export const shown = (kind: Kind, others: ReadonlyArray<Kind>): string =>
  others.some((other) => other._tag === kind._tag && identifierOf(other) !== identifierOf(kind))
    ? `${kind._tag} (${identifierOf(kind)})`
    : kind._tag

const Unkeyed = Symbol.for("@mediaspool/core/Kind/unkeyed")

/**
 * Marks a field that an engine measured on the way (a duration, a size, a sniffed media type): it is stored and shown,
 * but stays out of the value's digest, so that another version of the engine doesn't rerun, and repay, what depends on it.
 *
 * @example durationSeconds: Kind.unkeyed(Schema.Number)
 */
export const unkeyed = <A, I, R>(schema: Schema.Schema<A, I, R>): Schema.Schema<A, I, R> =>
  schema.annotations({ [Unkeyed]: true })

/** Whether a schema was marked by {@link unkeyed}. */
export const isUnkeyed = (ast: AST.AST): boolean => ast.annotations[Unkeyed] === true

/** Where a kind's unkeyed fields stand in its encoded form. */
export const unkeyedPaths = (kind: Kind): ReadonlyArray<EncodedPath> => find(kind.ast, isUnkeyed)

const Seconds = Schema.Number.pipe(Schema.finite(), Schema.nonNegative())

const Segment = Schema.Struct({ startSeconds: Seconds, endSeconds: Seconds, text: Schema.String }).pipe(
  Schema.filter(({ endSeconds, startSeconds }) => endSeconds >= startSeconds || "it ends before it begins")
)

/** What a value says in words. `persist` keeps it as it keeps captions: searched, shown and exported, with times. */
const Words = Schema.Struct({
  /** The whole; the segments' texts, one after the other, when left out. */
  searchText: Schema.optional(Schema.String),
  /** What is said when, in seconds from the start of the file. */
  segments: Schema.optional(Schema.Array(Segment)),
  /** BCP 47: `en`. */
  language: Schema.optional(Schema.String),
  /** Who said it; the node's name when left out. */
  model: Schema.optional(Schema.String),
  /** Where that model ran; `local` when left out. */
  provider: Schema.optional(Schema.String)
}).annotations({ identifier: "Words" })
/** What a value says in words, with their times. */
export type Words = typeof Words.Type

/** The member of a kind that gives its words: see {@link Searched}. */
export const searched: unique symbol = Symbol.for("@mediaspool/core/Kind/searched")

/**
 * A kind that is searched by its words.
 *
 * @example
 * class Transcript extends Schema.TaggedClass<Transcript>("asr/Transcript")("Transcript", { lines: Schema.Array(Line) }) implements Kind.Searched {
 *   [Kind.searched]() {
 *     return { segments: this.lines.map(({ from, text, to }) => ({ startSeconds: from, endSeconds: to, text })) }
 *   }
 * }
 */
export interface Searched {
  readonly [searched]: () => Words
}

const isSearched = (value: unknown): value is Searched =>
  typeof value === "object" && value !== null && searched in value && typeof value[searched] === "function"

/** The words of a value of any kind: none where its kind gives none, and on the left in a line why they can't be used. */
export const wordsOf = (value: unknown): Either.Either<Words | undefined, string> =>
  isSearched(value)
    ? Either.try({ try: () => value[searched](), catch: String }).pipe(
        Either.flatMap((words) =>
          Either.mapLeft(Schema.decodeUnknownEither(Words)(words), ParseResult.TreeFormatter.formatErrorSync)
        ),
        Either.mapLeft((detail) => detail.replace(/\s+/g, " "))
      )
    : Either.right(undefined)
