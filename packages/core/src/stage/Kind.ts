import type { Schema, SchemaAST as AST } from "effect"
import { type EncodedPath, find } from "./EncodedPath.js"

/**
 * What crosses an edge: a `Schema.TaggedClass`, compared by its identifier and never by its shape. Its tag is what people read and what
 * is stored; two plugins may use the same.
 */
export type Kind = Schema.Schema.AnyNoContext & { readonly _tag: string }

/** What keeps a kind apart: `levels/Level`; its tag where the class was given none. */
export const identifierOf = (kind: Kind): string =>
  "identifier" in kind && typeof kind.identifier === "string" ? kind.identifier : kind._tag

/** How a kind is shown beside others: by its tag, and by its identifier too where another of them has the same tag. */
export const shown = (kind: Kind, others: ReadonlyArray<Kind>): string =>
  others.some((other) => other._tag === kind._tag && identifierOf(other) !== identifierOf(kind))
    ? `${kind._tag} (${identifierOf(kind)})`
    : kind._tag

const Unkeyed = Symbol.for("@mediaspool/core/Kind/Observed")

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
