import { type Schema, SchemaAST as AST } from "effect"

/** What crosses an edge: a `Schema.TaggedClass`, compared by its tag and never by its shape. */
export type Kind = Schema.Schema.AnyNoContext & { readonly _tag: string }

const Observed = Symbol.for("@mediaspool/core/Kind/Observed")

/**
 * Marks a field that an engine measured on the way (a duration, a size, a sniffed media type): it is stored and shown,
 * but stays out of the value's digest, so that another version of the engine doesn't rerun, and repay, what depends on it.
 *
 * @example durationSeconds: Kind.observed(Schema.Number)
 */
export const observed = <A, I, R>(schema: Schema.Schema<A, I, R>): Schema.Schema<A, I, R> =>
  schema.annotations({ [Observed]: true })

/** Whether a schema was marked by {@link observed}. */
export const isObserved = (ast: AST.AST): boolean => ast.annotations[Observed] === true

/** A path into an encoded value; `"*"` stands for every element of an array or value of a record. */
export type EncodedPath = ReadonlyArray<string>

/** Where a kind's observed fields stand in its encoded form. */
export const observedPaths = (kind: Kind): ReadonlyArray<EncodedPath> => {
  const found: Array<EncodedPath> = []
  const seen = new Set<AST.AST>()
  const walk = (ast: AST.AST, path: EncodedPath): void => {
    if (isObserved(ast)) return void found.push(path)
    if (seen.has(ast)) return
    seen.add(ast)
    switch (ast._tag) {
      case "TypeLiteral":
        for (const field of ast.propertySignatures) walk(field.type, [...path, String(field.name)])
        for (const index of ast.indexSignatures) walk(index.type, [...path, "*"])
        break
      case "TupleType":
        for (const element of [...ast.elements, ...ast.rest]) walk(element.type, [...path, "*"])
        break
      case "Union":
        for (const member of ast.types) walk(member, path)
        break
      case "Transformation":
        walk(ast.from, path)
        break
      case "Refinement":
        walk(ast.from, path)
        break
      case "Suspend":
        walk(ast.f(), path)
        break
    }
    seen.delete(ast)
  }
  walk(kind.ast, [])
  return found
}
