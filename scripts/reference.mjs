// Writes docs/reference from the code; with `--check` it writes nothing and fails when a page says something else.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"

const folder = fileURLToPath(new URL("../docs/reference", import.meta.url))
const check = process.argv.includes("--check")

await build()
const { pages } = await import("../docs/generate/reference.mjs")
const made = await pages()
mkdirSync(folder, { recursive: true })

const read = (path) => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
const stale = Object.keys(made).filter((name) => read(join(folder, name)) !== made[name])
const strays = readdirSync(folder).filter((name) => made[name] === undefined)

if (check) {
  for (const name of [...stale, ...strays])
    console.error(`docs/reference/${name} is not what the code says: \`npm run reference\` writes it.`)
  process.exitCode = stale.length + strays.length > 0 ? 1 : 0
} else {
  for (const name of stale) writeFileSync(join(folder, name), made[name])
  for (const name of strays) rmSync(join(folder, name))
  console.log(stale.length + strays.length === 0 ? "docs/reference is up to date." : `Wrote ${[...stale, ...strays].join(", ")}.`)
}
