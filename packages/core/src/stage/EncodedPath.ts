import type { SchemaAST as AST } from "effect"

/** A path into an encoded value; `"*"` stands for every element of an array or value of a record. */
export type EncodedPath = ReadonlyArray<string>

/** Where a schema's wanted parts stand in its encoded form. What lies inside of a wanted part is not looked at. */
export const find = (schema: AST.AST, isWanted: (ast: AST.AST) => boolean): ReadonlyArray<EncodedPath> => {
  const found: Array<EncodedPath> = []
  const open = new Set<AST.AST>()
  const walk = (ast: AST.AST, path: EncodedPath): void => {
    if (isWanted(ast)) return void found.push(path)
    if (open.has(ast)) return
    open.add(ast)
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
      case "Refinement":
        walk(ast.from, path)
        break
      case "Suspend":
        walk(ast.f(), path)
        break
    }
    open.delete(ast)
  }
  walk(schema, [])
  return found
}
