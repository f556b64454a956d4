import { execFile } from "node:child_process"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const folder = dirname(fileURLToPath(import.meta.url))
const root = resolve(folder, "../../../..")

type Said = Readonly<Record<string, ReadonlyArray<string>>>

/** What the compiler says of each text, as a person reads it: line, column, message. Every text stands beside the pipeline's sources. */
export const check = async (texts: Readonly<Record<string, string>>): Promise<Said> => {
  const path = (name: string) => join(folder, `${name}.ts`)
  const said = await new Promise<Said>((resolve, reject) => {
    const child = execFile(process.execPath, [join(root, "scripts/diagnose.mjs")], { maxBuffer: 2 ** 26 }, (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout)) : reject(error)
    )
    child.stdin?.end(
      JSON.stringify({
        config: join(root, "packages/core/tsconfig.json"),
        options: { noUnusedLocals: false },
        texts: Object.fromEntries(Object.entries(texts).map(([name, text]) => [path(name), text]))
      })
    )
  })
  return Object.fromEntries(Object.keys(texts).map((name) => [name, said[path(name)] ?? ["not looked at"]]))
}
