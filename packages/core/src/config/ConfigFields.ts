import { SchemaAST as AST } from "effect"

/** The fields that a schema reads at its top, with their types; an optional one without its `undefined`. */
export const fieldsOf = (ast: AST.AST): ReadonlyMap<string, AST.AST> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return new Map(ast.propertySignatures.map(({ name, type }) => [String(name), present(type)]))
    case "Transformation":
    case "Refinement":
      return fieldsOf(ast.from)
    case "Suspend":
      return fieldsOf(ast.f())
    default:
      return new Map()
  }
}

const present = (ast: AST.AST): AST.AST => {
  const [first, ...others] = AST.isUnion(ast) ? ast.types.filter((type) => !AST.isUndefinedKeyword(type)) : [ast]
  return first !== undefined && others.length === 0 ? first : ast
}
