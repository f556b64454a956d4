import { beforeAll, describe, expect, it } from "@effect/vitest"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import * as Page from "./Page.js"
import * as Workshop from "./Workshop.js"

const folder = fileURLToPath(new URL("../guide/", import.meta.url))
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => Page.parse(name, readFileSync(join(folder, name), "utf8")))

/** As the scaffold's tsconfig.json has it. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  types: ["node"]
}

const root = fileURLToPath(new URL("../../", import.meta.url))

describe("The guide", () => {
  // The reader's type checker reads declarations.
  beforeAll(async () => {
    await Workshop.run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "packages/plugins"], root)
  }, 300_000)

  it("has no block that no test touches", () => {
    expect(pages.flatMap(({ strays }) => strays)).toEqual([])
  })

  it.each(pages)("$name does what it says", { timeout: 600_000 }, async ({ blocks, name }) => {
    const workshop = Workshop.open(name)
    let printed = ""
    for (const block of blocks) {
      const place = `${name}.md:${block.line}`
      if (block._tag === "File" && block.path.endsWith(".sql")) {
        workshop.write(block.path, block.contents)
        const { code, printed } = await workshop.run(`sqlite3 .spool/spool.db "$(cat ${block.path})"`)
        expect(code, `${place} printed:\n${printed}`).toBe(0)
      } else if (block._tag === "File") workshop.write(block.path, block.contents)
      else if (block._tag === "Samples") block.paths.forEach(workshop.sample)
      else if (block._tag === "Output") expect(Page.missing(block.text, printed), `${place} in:\n${printed}`).toBeUndefined()
      else {
        const done = await workshop.run(block.script)
        printed = done.printed
        const wanted = Number(/# exits (\d+)/.exec(block.script)?.[1] ?? 0)
        expect(done.code, `${place} printed:\n${printed}`).toBe(wanted)
      }
    }
  })

  it("compiles", { timeout: 240_000 }, () => {
    const files = pages.flatMap(({ name }) =>
      ts.sys.readDirectory(Workshop.folderOf(name), [".ts"], ["**/node_modules", "**/dist"])
    )
    const program = ts.createProgram(files, options)
    const faults = ts.getPreEmitDiagnostics(program).map((fault) => {
      const at = fault.file?.getLineAndCharacterOfPosition(fault.start ?? 0)
      return `${fault.file?.fileName}:${(at?.line ?? 0) + 1} ${ts.flattenDiagnosticMessageText(fault.messageText, "\n")}`
    })
    expect(faults).toEqual([])
    expect(files.length).toBeGreaterThan(0)
  })
})
