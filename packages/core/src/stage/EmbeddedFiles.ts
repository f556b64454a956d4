import { SchemaAST as AST } from "effect"
import { type EncodedPath, find } from "./EncodedPath.js"
import { Artifact, Original } from "./FileRef.js"
import type { Kind } from "./Kind.js"

/** Whether the schema is this class, annotated or not. */
const is = (ast: AST.AST, known: AST.AST): boolean =>
  ast === known || (AST.isTransformation(ast) && AST.isTransformation(known) && ast.to === known.to)

/** Where originals and artifacts stand in a kind's encoded form. */
export const of = (kind: Kind): ReadonlyArray<EncodedPath> =>
  find(kind.ast, (ast) => is(ast, Original.ast) || is(ast, Artifact.ast))

/** Whether values of this kind lead to the file that a person put there. */
export const holdsOriginal = (kind: Kind): boolean => find(kind.ast, (ast) => is(ast, Original.ast)).length > 0

/** A file in its encoded form. */
export type EncodedFile = { [key: string]: unknown }

const isRecord = (value: unknown): value is EncodedFile => typeof value === "object" && value !== null

/** Hands every file of an encoded value to `change`, which may change it in place. */
export const visit = (encoded: unknown, paths: ReadonlyArray<EncodedPath>, change: (file: EncodedFile) => void): void => {
  const go = (at: unknown, path: EncodedPath, step: number): void => {
    const name = path[step]
    if (!isRecord(at)) return
    if (name === undefined) change(at)
    else if (name === "*") for (const key of Object.keys(at)) go(at[key], path, step + 1)
    else go(at[name], path, step + 1)
  }
  for (const path of paths) go(encoded, path, 0)
}
