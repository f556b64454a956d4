import { JSONSchema, Schema } from "effect"
import { readFileSync } from "node:fs"
import ts from "typescript"
import { code, page, table } from "./markdown.mjs"
import { modulesOf } from "./modules.mjs"
import { nameOf, words } from "./words.mjs"

/** The doc comments of a source's classes and their fields: `{ Probe: { doc, fields: { container: "…" } } }`. */
const comments = (path) => {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true)
  const docOf = (node) =>
    (ts.getJSDocCommentsAndTags(node) ?? [])
      .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "")
      .join(" ")
      .trim()
  const found = {}
  const fieldsOf = (node, fields) => {
    if (ts.isPropertyAssignment(node)) fields[node.name.getText(file)] = docOf(node)
    else ts.forEachChild(node, (child) => void fieldsOf(child, fields))
    return fields
  }
  for (const node of file.statements)
    if (ts.isClassDeclaration(node) && node.name !== undefined)
      found[node.name.text] = { doc: docOf(node), fields: fieldsOf(node.heritageClauses?.[0] ?? node, {}) }
  return found
}

/** Every schema class of the packages: kinds, which cross the edges between stages, and parts, which kinds are made of. */
export const classes = async () => {
  const found = []
  for (const name of ["core", "plugins"])
    for (const { exports, source } of await modulesOf(name, /Schema\.(Tagged)?Class</)) {
      const docs = comments(source)
      for (const [known, value] of Object.entries(exports))
        if (Schema.isSchema(value) && typeof value === "function" && docs[known] !== undefined)
          found.push({ name: known, owner: `@mediaspool/${name}`, schema: value, ...docs[known] })
    }
  return found
}

/** The object that a class is written as, and what it refers to. */
const encoded = (schema) => {
  const made = JSONSchema.make(schema)
  return { own: made.$ref === undefined ? made : (made.$defs?.[nameOf(made.$ref)] ?? made), defs: made.$defs ?? {} }
}

export const kinds = async () => {
  const { Kind } = await import("../../packages/core/dist/index.js")
  const section = ({ doc, fields, name, owner, schema }) => {
    const { defs, own } = encoded(schema)
    const observed = new Set(
      Kind.unkeyedPaths(schema)
        .filter((path) => path.length === 1)
        .map(([field]) => field)
    )
    const rows = Object.entries(own.properties ?? {})
      .filter(([field]) => field !== "_tag")
      .map(([field, type]) => [
        code(field),
        words(type, defs) + (own.required?.includes(field) ? "" : ", or absent"),
        [fields[field] ?? "", observed.has(field) ? "Observed." : ""].filter((text) => text !== "").join(" ")
      ])
    return [`## ${name}`, code(`import { ${name} } from "${owner}"`), doc, table(["field", "type", "what it is"], rows)]
      .filter((block) => block !== "")
      .join("\n\n")
  }
  const all = await classes()
  const isKind = ({ schema }) => typeof schema._tag === "string"
  return page(
    "Kinds",
    "What crosses the edges of a pipeline. A stage says which kinds it takes and which one it gives; they are compared by name, never by shape. " +
      "An *observed* field was measured on the way: it is stored and shown, but what depends on the value is not run again when it changes.",
    ...all.filter(isKind).map(section),
    "# Parts of kinds",
    ...all.filter((each) => !isKind(each)).map(section)
  )
}
