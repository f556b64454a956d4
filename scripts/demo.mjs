// Makes a folder of sample sounds and clips in `demo/`, runs the pipeline of examples/sounds over it, and says what came out.
import { spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { makeSounds } from "../examples/sounds/make-sounds.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const demo = join(root, "demo")
const config = join(demo, "spool.yaml")

const spool = (...args) => {
  console.log(`\n$ npx spool ${args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg)).join(" ")}`)
  const { status } = spawnSync(process.execPath, [join(root, "packages", "cli", "bin", "spool.js"), ...args], {
    cwd: demo,
    stdio: "inherit"
  })
  return status ?? 1
}

mkdirSync(demo, { recursive: true })
// Whoever has edited it keeps the edit.
if (!existsSync(config)) copyFileSync(join(root, "examples", "sounds", "spool.yaml"), config)
const files = await makeSounds(join(demo, "sounds"))
console.log(`${files} sample files are in ${relative(process.cwd(), join(demo, "sounds"))}/, the pipeline is demo/spool.yaml.`)

const code = spool("run")
// 1: some files failed. Here one must, and what follows says so.
if (code > 1) process.exit(code)
if (spool("ls") !== 0 || spool("search", "drum OR chords") !== 0) process.exit(1)

console.log(`
broken.wav is cut off in its first bytes, on purpose: a file that can't be read is a row of the failure table, with what to do
about it, and never stops the others. (\`spool run\` itself ends with exit code 1 then, so that a script notices.)

The library is a SQLite file that any tool opens:
  sqlite3 demo/.spool/spool.db "SELECT path, round(duration_seconds, 1), text FROM media JOIN caption ON media.id = media_id"
Run \`npm run demo\` again: there is nothing left to do. Edit demo/spool.yaml and run it again: only what depends on the edit is done.
For your own files: cd to their folder, then \`npx --prefix ${root.replace(/\/$/, "")} spool init\` and \`spool run\`.`)
