import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const folder = dirname(fileURLToPath(import.meta.url))
const root = resolve(folder, "../..")

const options = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    composite: false,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    noEmit: true,
    noUnusedLocals: false
  }
}

/** What the compiler says of each text, as a person reads it: line, column, message. Every text stands beside the pipeline's sources. */
export const check = (texts: Readonly<Record<string, string>>): Readonly<Record<string, ReadonlyArray<string>>> => {
  const files = new Map(Object.entries(texts).map(([name, text]) => [join(folder, `${name}.ts`), text]))
  const settings = options()
  const host = ts.createCompilerHost(settings)
  const onDisk = { fileExists: host.fileExists, readFile: host.readFile, getSourceFile: host.getSourceFile }
  host.fileExists = (path) => files.has(path) || onDisk.fileExists(path)
  host.readFile = (path) => files.get(path) ?? onDisk.readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = files.get(path)
    return text === undefined ? onDisk.getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target, true)
  }
  const program = ts.createProgram([...files.keys()], settings, host)
  return Object.fromEntries(
    [...files.keys()].map((path, i) => {
      const source = program.getSourceFile(path)
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      return [
        Object.keys(texts)[i],
        found.map(({ file, messageText, start = 0 }) => {
          const { character, line } = file?.getLineAndCharacterOfPosition(start) ?? { character: 0, line: 0 }
          return `${line + 1}:${character + 1} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
        })
      ]
    })
  )
}
