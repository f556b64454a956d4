import { Array as Arr, Either, Option, ParseResult, type Schema, SchemaAST as AST } from "effect"
import { isSecret } from "../stage/Secret.js"
import { expected } from "./Expected.js"
import * as Diagnostic from "./Diagnostic.js"
import { nearest } from "./Nearest.js"
import * as Tree from "./Tree.js"

/** Where a tree comes from: what a fault in it says. */
export interface Origin {
  /** Absolute path of the config file. */
  readonly file: string
  /** The tree's own path in the config. */
  readonly path: ReadonlyArray<PropertyKey>
  /** The place of what holds the tree, for faults of parts that aren't there. */
  readonly at?: Tree.Place | undefined
  /** Keys of the tree that were written elsewhere, and under which path. */
  readonly elsewhere?: ReadonlyMap<string, ReadonlyArray<PropertyKey>>
}

/** The whole path of a part of the tree. */
const whole = ({ elsewhere, path }: Origin, part: ReadonlyArray<PropertyKey>): ReadonlyArray<PropertyKey> => [
  ...(elsewhere?.get(String(part[0])) ?? path),
  ...part
]

/**
 * Decodes a part of the config. Every fault has its place and its candidates; a key that the schema doesn't know is one.
 * A message repeats what was written only where a word of a closed list, a number or a yes/no was wanted: never what may be a secret.
 */
export const decode = <A, I>(
  schema: Schema.Schema<A, I>,
  tree: Tree.Tree,
  origin: Origin
): Either.Either<A, ReadonlyArray<Diagnostic.Diagnostic>> =>
  ParseResult.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })(Tree.toValue(tree)).pipe(
    Either.mapLeft((issue) =>
      findings(issue, origin.path).map((finding) => {
        const part = finding.path.slice(origin.path.length)
        return Diagnostic.make(origin.file, Tree.locate(tree, part, finding.of) ?? origin.at, {
          ...finding,
          path: whole(origin, part)
        })
      })
    )
  )

/** A fault at one place of a tree. */
export const fault = (
  tree: Tree.Tree | undefined,
  origin: Origin,
  message: string,
  candidates: ReadonlyArray<string> = [],
  path: ReadonlyArray<PropertyKey> = [],
  of: "key" | "value" = "value"
): Diagnostic.Diagnostic =>
  Diagnostic.make(origin.file, (tree && Tree.locate(tree, path, of)) ?? origin.at, {
    path: whole(origin, path),
    message,
    candidates
  })

type Findings = ReadonlyArray<Diagnostic.Finding>
type Path = ReadonlyArray<PropertyKey>

const finding = (
  path: Path,
  message: string,
  candidates: ReadonlyArray<string> = [],
  of: "key" | "value" = "value"
): Findings => [{ path, message, candidates, of }]

/** @param known the keys of the mapping that the path leads into */
const findings = (issue: ParseResult.ParseIssue, path: Path, known: ReadonlyArray<string> = []): Findings => {
  switch (issue._tag) {
    case "Pointer":
      return findings(issue.issue, [...path, ...Arr.ensure(issue.path)], known)
    case "Missing":
      return finding(path, `'${String(path.at(-1))}' is missing${within(path.at(-2))}${purpose(issue.ast.type.annotations)}`)
    case "Unexpected": {
      const key = String(path.at(-1))
      return finding(path, `unknown key '${key}'`, nearest(key, known), "key")
    }
    case "Composite":
      if (isSecret(issue.ast)) return wrong(issue.ast, issue, path)
      return AST.isUnion(issue.ast) ? branch(issue, path) : all(issue, path, keysOf(issue.ast))
    case "Transformation":
      if (isSecret(issue.ast)) return wrong(issue.ast, issue, path)
      return issue.kind === "Transformation" ? wrong(issue.ast, issue, path) : findings(issue.issue, path, known)
    case "Refinement":
      // The outermost refinement names all that is asked for.
      return issue.kind === "Predicate" || issue.issue._tag === "Type" || issue.issue._tag === "Refinement"
        ? wrong(issue.ast, issue, path)
        : findings(issue.issue, path, known)
    case "Type":
    case "Forbidden":
      return wrong(issue.ast, issue, path)
  }
}

const all = (issue: ParseResult.Composite, path: Path, known: ReadonlyArray<string>): Findings =>
  Arr.ensure(issue.issues).flatMap((inner) => findings(inner, path, known))

const keysOf = (ast: AST.AST): ReadonlyArray<string> =>
  AST.isTypeLiteral(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []

/** Of a union's members the one that was nearly met: a mapping's own faults say more than the list of all members. */
const branch = (issue: ParseResult.Composite, path: Path): Findings => {
  const members = Arr.ensure(issue.issues).filter((inner) => !(inner._tag === "Type" && AST.isUndefinedKeyword(inner.ast)))
  const [first, ...others] = members
  if (first !== undefined && others.length === 0) return findings(first, path)
  if (message(issue.ast, issue) !== undefined || typeof issue.actual !== "object" || issue.actual === null)
    return wrong(issue.ast, issue, path)
  const inside = members
    .map((member) => findings(member, path))
    .filter((found) => found.some((one) => one.path.length > path.length))
    .sort((a, b) => a.length - b.length)
  return inside[0] ?? wrong(issue.ast, issue, path)
}

const wrong = (ast: AST.AST, issue: ParseResult.ParseIssue, path: Path): Findings => {
  const own = isSecret(ast) ? undefined : (message(ast, issue) ?? inner(issue))
  if (own !== undefined) return finding(path, own)
  const words = literals(ast)
  const candidates = typeof issue.actual === "string" && words.length > 0 ? nearest(issue.actual, words) : []
  return finding(path, `expected ${expected(ast)}, got ${written(ast, issue.actual)}`, candidates.length > 1 ? [] : candidates)
}

/** The message that the schema's author wrote. */
const message = (ast: AST.AST, issue: ParseResult.ParseIssue): string | undefined => {
  const made = Option.getOrUndefined(AST.getMessageAnnotation(ast))?.(issue)
  return typeof made === "string" ? made : undefined
}

/** What a transformation said when it failed, or what the author wrote for the schema inside of a refinement. */
const inner = (issue: ParseResult.ParseIssue): string | undefined =>
  issue._tag === "Transformation" && issue.issue._tag === "Type"
    ? issue.issue.message
    : issue._tag === "Refinement" && issue.issue._tag === "Type"
      ? message(issue.issue.ast, issue.issue)
      : undefined

const within = (mapping: PropertyKey | undefined): string => (typeof mapping === "string" ? ` in '${mapping}'` : "")

const purpose = (annotations: AST.Annotations): string => {
  const description = annotations[AST.DescriptionAnnotationId]
  return typeof description === "string" ? ` (${description})` : ""
}

/** The words of a closed list. */
const literals = (ast: AST.AST): ReadonlyArray<string> =>
  AST.isLiteral(ast) ? [String(ast.literal)] : AST.isUnion(ast) ? ast.types.flatMap(literals) : []

/** Whether what was written may be repeated: a closed list of words, a number or a yes/no was wanted. */
const mayRepeat = (ast: AST.AST): boolean =>
  AST.isUnion(ast)
    ? ast.types.every((type) => AST.isUndefinedKeyword(type) || mayRepeat(type))
    : AST.isRefinement(ast)
      ? mayRepeat(ast.from)
      : AST.isLiteral(ast) || AST.isNumberKeyword(ast) || AST.isBooleanKeyword(ast) || AST.isEnums(ast)

const LONGEST_REPEATED = 40

const written = (ast: AST.AST, actual: unknown): string => {
  if (actual === null || actual === undefined) return "nothing"
  if (Array.isArray(actual)) return "a list"
  if (typeof actual === "object") return "a mapping"
  const text = JSON.stringify(actual)
  if (mayRepeat(ast) && text !== undefined && text.length <= LONGEST_REPEATED) return text
  return typeof actual === "string" ? "text" : typeof actual === "number" ? "a number" : "another value"
}
