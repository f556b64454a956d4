// Runs the benchmarks, one after the other: all of them, or those whose names are given. A file that begins with a capital is a module.
//   npm run bench            all
//   npm run bench startup    one
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { fileURLToPath } from "node:url"

const folder = new URL(".", import.meta.url)
const all = readdirSync(folder)
  .filter((name) => /^[a-z][\w-]*\.mjs$/.test(name) && name !== "run.mjs")
  .map((name) => name.replace(".mjs", ""))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; these are there: ${all.join(", ")}`)
  process.exit(2)
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`
console.log(machine)
const missed = (wanted.length > 0 ? wanted : all).filter((name) => {
  console.log(`\n== ${name}`)
  return spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, folder))], { stdio: "inherit" }).status !== 0
})
console.log(missed.length === 0 ? "\nEvery target is met." : `\nMissed a target: ${missed.join(", ")}`)
process.exitCode = missed.length === 0 ? 0 : 1
