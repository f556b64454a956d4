import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { code, page, table } from "./markdown.mjs"

const root = fileURLToPath(new URL("../..", import.meta.url))

/**
 * What an author uses, in the order of the page: the heading, the source below `packages/core/src`, the exports that are shown (of an
 * interface its members), and the file of `docs/api` with an example of it.
 */
const groups = {
  "What a stage is": [
    { name: "Stage", source: "stage/Stage.ts", shows: ["make", "Definition", "around"], example: "Stage" },
    { name: "Stage.batch", source: "stage/StageBatch.ts", shows: ["batch", "BatchDefinition"], example: "batch" },
    { name: "Stage.run", source: "pipeline/StandaloneRun.ts", shows: ["run"] },
    { name: "Kind", source: "stage/Kind.ts", shows: ["Kind", "unkeyed"], example: "Kind" },
    { name: "all, maybe", source: "stage/Port.ts", shows: ["all", "maybe"], example: "ports" },
    {
      name: "SourceFile, Original, Artifact, Location",
      source: "stage/FileRef.ts",
      shows: ["SourceFile", "Original", "Artifact", "Location"]
    },
    { name: "Field", source: "stage/Field.ts", shows: ["required", "withDefault", "maybe", "unkeyed", "none"], example: "Field" },
    { name: "Failure", source: "stage/Failure.ts", shows: ["Class", "Retry", "Reason", "None", "is"], example: "Failure" },
    { name: "Sink", source: "stage/Sink.ts", shows: ["make"], more: ["stage/SinkAnswers.ts", "SinkAnswers"], example: "Sink" },
    { name: "Plugin", source: "stage/Plugin.ts", shows: ["make", "Permissions", "Migration", "CoreServices"], example: "Plugin" },
    { name: "Pipeline", source: "pipeline/Pipeline.ts", shows: ["make", "Options", "Knobs"], example: "Pipeline" }
  ],
  "What a stage may use": [
    { name: "Artifacts", source: "stage/Artifacts.ts", shows: ["Service"], example: "Artifacts" },
    { name: "Calls", source: "stage/Calls.ts", shows: ["Service", "Call", "Reply", "Calls"], example: "Calls" },
    { name: "Account", source: "stage/Account.ts", shows: ["named", "Account"], example: "Account" },
    { name: "Money, Usage", source: "stage/Cost.ts", shows: ["Money", "Usage", "format"] },
    { name: "Http", source: "stage/Http.ts", shows: ["request", "json", "Options", "Reply"], example: "Http" },
    { name: "Program", source: "stage/Program.ts", shows: ["run", "Options", "ffmpegInput"], example: "Program" },
    { name: "Progress", source: "stage/Progress.ts", shows: ["Service"], example: "Progress" },
    { name: "Temporary", source: "stage/Temporary.ts", shows: ["folder", "file"], example: "Temporary" },
    { name: "Secrets, SecretRef", source: "stage/Secret.ts", shows: ["SecretRef", "redact"], example: "Secrets" },
    { name: "Settings", source: "stage/Settings.ts", shows: ["Section", "Settings"], example: "Settings" },
    { name: "Library", source: "stage/Library.ts", shows: ["Service", "Statement"], see: "Sink" },
    {
      name: "Node, Provenance",
      source: "stage/Node.ts",
      shows: ["Service"],
      more: ["stage/Provenance.ts", "Service"],
      example: "Provenance"
    },
    { name: "ConfigFolder", source: "stage/ConfigFolder.ts", shows: ["ConfigFolder"], example: "ConfigFolder" },
    { name: "StateFolder", source: "stage/StateFolder.ts", shows: ["Service"] },
    { name: "Limiter", source: "stage/Limiter.ts", shows: ["make", "Limits", "Limiter"], example: "Limiter" },
    { name: "ThreadClient", source: "stage/ThreadClient.ts", shows: ["make", "ThreadClient", "file"], example: "ThreadClient" }
  ],
  "`@mediaspool/core/testing`": [
    { name: "StageTest", source: "testing/StageTest.ts", shows: ["Options", "StageTest"], example: "StageTest" },
    { name: "Conformance", source: "testing/Conformance.ts", shows: ["check", "Sample", "Options"], see: "StageTest" }
  ]
}

/** A comment's text, its lines joined; examples stand in files of their own. */
const docOf = (node) => {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  const text = (part) => (ts.getTextOfJSDocComment(part.comment) ?? "").replace(/\s*\n\s*/g, " ").trim()
  if (doc === undefined) return ""
  const parameters = (doc.tags ?? []).filter(ts.isJSDocParameterTag).map((tag) => `\`${tag.name.getText()}\`: ${text(tag)}`)
  return [text(doc), ...(parameters.length === 0 ? [] : [`(${parameters.join("; ")})`])]
    .join(" ")
    .trim()
    .replace(/\{@link ([^}]*)\}/g, "`$1`")
}

const compact = (text) => {
  const line = text
    .replace(/\/\*\*.*?\*\//gs, "")
    .replace(/\breadonly /g, "")
    .replace(/\s+/g, " ")
    .trim()
  return line.length > 220 ? `${line.slice(0, 217)}…` : line
}

/** `name(first, second)`, without types: those stand in the editor. */
const call = (name, parameters) =>
  `${name}(${parameters.map(({ dotDotDotToken, name }) => (ts.isIdentifier(name) ? `${dotDotDotToken ? "…" : ""}${name.text}` : "options")).join(", ")})`

const memberRows = (members) =>
  members
    .filter((member) => member.name !== undefined && !ts.isComputedPropertyName(member.name))
    .map((member) => {
      const name = member.name.getText()
      const type = member.type
      const shown =
        type !== undefined && ts.isFunctionTypeNode(type)
          ? call(name, type.parameters)
          : `${name}${member.questionToken ? "?" : ""}`
      return [code(shown), docOf(member), type === undefined ? "" : code(compact(type.getText()))]
    })

const isStatic = (member) => ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static

/** The rows of one export, and what is said of all of it. */
const rowsOf = (statement, name, prefix) => {
  if (ts.isInterfaceDeclaration(statement)) return { intro: docOf(statement), rows: memberRows(statement.members) }
  if (ts.isVariableStatement(statement)) {
    const [declaration] = statement.declarationList.declarations
    const isFunction = declaration.initializer !== undefined && ts.isArrowFunction(declaration.initializer)
    return {
      rows: [[code(isFunction ? call(prefix + name, declaration.initializer.parameters) : prefix + name), docOf(statement), ""]]
    }
  }
  if (ts.isFunctionDeclaration(statement))
    return { rows: [[code(call(prefix + name, statement.parameters)), docOf(statement), ""]] }
  if (ts.isClassDeclaration(statement)) {
    const statics = statement.members.filter((member) => ts.isPropertyDeclaration(member) && isStatic(member))
    return {
      rows: [
        [code(name), docOf(statement), ""],
        ...statics.map((member) => [
          code(
            member.initializer !== undefined && ts.isArrowFunction(member.initializer)
              ? call(`${name}.${member.name.getText()}`, member.initializer.parameters)
              : `${name}.${member.name.getText()}`
          ),
          docOf(member),
          ""
        ])
      ]
    }
  }
  return { rows: [[code(prefix + name), docOf(statement), code(compact(statement.type.getText()))]] }
}

const nameOf = (statement) =>
  ts.isVariableStatement(statement) ? statement.declarationList.declarations[0].name.getText() : statement.name?.getText()

const exportsOf = (source) => {
  const path = join(root, "packages/core/src", source)
  return ts
    .createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
    .statements.filter((statement) => ts.getCombinedModifierFlags(statement) & ts.ModifierFlags.Export)
}

/** Modules whose members are called by the module's name. */
const namespaces = [
  "Stage",
  "Kind",
  "Field",
  "Failure",
  "Sink",
  "Plugin",
  "Pipeline",
  "Account",
  "Http",
  "Program",
  "Temporary",
  "Limiter"
]
const prefixOf = ({ name }) => {
  const [module] = name.split(".")
  return [...namespaces, "ThreadClient", "Conformance"].includes(module) ? `${module}.` : ""
}

const exampleOf = (name) => readFileSync(join(root, "docs/api", `${name}.ts`), "utf8").trimEnd()

const entry = (one) => {
  const { example, more, name, see, shows, source } = one
  const wanted = [...shows.map((show) => [source, show]), ...(more === undefined ? [] : [more])]
  const blocks = wanted.map(([file, show]) => {
    const found = exportsOf(file).filter((each) => nameOf(each) === show)
    const statement = found.find((each) => docOf(each) !== "") ?? found[0]
    if (statement === undefined) throw new Error(`${file} exports no ${show}`)
    return { show, isInterface: ts.isInterfaceDeclaration(statement), ...rowsOf(statement, show, prefixOf(one)) }
  })
  const values = blocks.filter(({ isInterface }) => !isInterface).flatMap(({ rows }) => rows)
  const sections = blocks
    .filter(({ isInterface }) => isInterface)
    .flatMap(({ intro, rows, show }) => [
      `**${show === "Service" ? "The service" : code(show)}.** ${intro}`.trim(),
      table(["member", "what", "type"], rows)
    ])
  return [
    `### ${name}`,
    ...(values.length === 0 ? [] : [table(["export", "what", "type"], values)]),
    ...sections,
    ...(see === undefined ? [] : [`Example: [${see}](#${see.toLowerCase()}).`]),
    ...(example === undefined ? [] : [`\`\`\`ts\n// ${example}.ts\n${exampleOf(example)}\n\`\`\``])
  ].join("\n\n")
}

/** What authors of stages import from `@mediaspool/core`, with an example each; the type checker and a test compile them. */
export const api = () =>
  page(
    "What an author imports",
    "`@mediaspool/core` gives these to people who write stages and plugins; [the guide](../guide/README.md) shows them at work. Each service has a value in memory outside of a run, so that a stage runs in any program. The examples import each other by the names of their files.",
    ...Object.entries(groups).flatMap(([title, entries]) => [`## ${title}`, ...entries.map(entry)])
  )
