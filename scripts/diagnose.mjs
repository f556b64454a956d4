// What the compiler says of some files, as a person reads it. A process of its own, for the compiler answers nobody while it works.
//   stdin   { config: tsconfig.json, options: { … instead of its own }, texts: { path: text that is not on the disk }, files: [path] }
//   stdout  { path: ["line:column message"] }
import { text } from "node:stream/consumers"
import { dirname } from "node:path"
import ts from "typescript"

const asked = JSON.parse(await text(process.stdin))
const texts = new Map(Object.entries(asked.texts ?? {}))
const { config } = ts.readConfigFile(asked.config, ts.sys.readFile)
const own = ts.parseJsonConfigFileContent(config, ts.sys, dirname(asked.config)).options
const options = {
  ...own,
  composite: false,
  declaration: false,
  declarationMap: false,
  emitDeclarationOnly: false,
  incremental: false,
  noEmit: true,
  rootDir: undefined,
  ...asked.options
}
const host = ts.createCompilerHost(options)
const { fileExists, getSourceFile, readFile } = host
host.fileExists = (path) => texts.has(path) || fileExists(path)
host.readFile = (path) => texts.get(path) ?? readFile(path)
host.getSourceFile = (path, target, ...rest) =>
  texts.has(path) ? ts.createSourceFile(path, texts.get(path), target, true) : getSourceFile(path, target, ...rest)

const files = [...texts.keys(), ...(asked.files ?? [])]
const program = ts.createProgram(files, options, host)
const found = (path) => {
  const source = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ file, messageText, start = 0 }) => {
      const { character, line } = file?.getLineAndCharacterOfPosition(start) ?? { character: 0, line: 0 }
      return `${line + 1}:${character + 1} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
    }
  )
}
process.stdout.write(JSON.stringify(Object.fromEntries(files.map((path) => [path, found(path)]))))
