// Runs a pipeline over recordings that nobody here made, and holds the run to its promises: every file is accounted for, a second run
// does nothing, a rename does nothing, one edited setting reruns exactly what depends on it.
//   npm run check:real              Debian's packages, fetched into fixtures/
//   npm run check:real -- FOLDER    any folder of media; it is copied, never touched
import { spawnSync } from "node:child_process"
import { cpSync, lstatSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { fetch } from "./fetch-real-media.mjs"

const spool = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))
const from = process.argv[2] === undefined ? fetch() : resolve(process.argv[2])
const home = mkdtempSync(join(tmpdir(), "mediaspool-real-"))
const media = join(home, "media")
const config = join(home, "spool.yaml")

let broken = 0
const holds = (what, true_, seen = "") => {
  console.log(`${true_ ? "✓" : "✗"} ${what}${true_ ? "" : `: ${JSON.stringify(seen)}`}`)
  if (!true_) broken++
}

const run = (...args) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [spool, ...args, "--json"], {
    cwd: home,
    encoding: "utf8",
    maxBuffer: 2 ** 28
  })
  const values = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
  if (values.at(-1) === undefined) throw new Error(`spool ${args.join(" ")} ended with ${status}:\n${stderr}`)
  return { status, values, summary: values.at(-1) }
}

/** Nodes that did something in a run. */
const ran = ({ summary }) => Object.entries(summary.stages).flatMap(([node, { ran }]) => (ran > 0 ? [node] : []))

try {
  cpSync(from, media, { recursive: true, dereference: true })
  const files = readdirSync(media, { recursive: true })
    .map((name) => join(media, name))
    .filter((path) => lstatSync(path).isFile() && !basename(path).startsWith("."))
  writeFileSync(
    config,
    `pipelines:
  real:
    source: { folder: ./media, include: ["**"] }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      acoustic: {}
      describe: {}
      waveform: {}
      persist: {}
`
  )

  const first = run("run")
  const { done, failed, total, waiting } = first.summary.items
  const skipped = Object.values(first.summary.stages).reduce((sum, stage) => sum + stage.skipped, 0)
  console.log(
    `${total} files from ${from}: ${done} done, ${failed} failed, ${waiting} waiting; ${skipped} steps skipped; ${first.summary.seconds} s`
  )
  for (const { code, message, node, path } of first.values.filter(({ type }) => type === "failure"))
    console.log(`  ${path.slice(media.length + 1)} · ${node}: ${message} (${code})`)
  holds(
    "every file is in exactly one of done, failed, waiting",
    total === files.length && done + failed + waiting === total,
    first.summary.items
  )
  const failures = new Set(first.values.filter(({ type }) => type === "failure").map(({ path }) => path))
  holds("every file that failed says why, with what to do", failures.size === failed + waiting, [...failures])
  const listed = run("ls").values
  holds(
    "the list has every file once",
    new Set(listed.map(({ path }) => path)).size === files.length && listed.length === files.length,
    listed.length
  )
  holds("the exit code says whether any failed", first.status === (failed > 0 ? 1 : waiting > 0 ? 75 : 0), first.status)

  const second = run("run")
  holds("a second run runs nothing", ran(second).length === 0, ran(second))

  const [one] = files
  renameSync(one, join(dirname(one), `renamed ${basename(one)}`))
  const third = run("run")
  holds("a rename runs nothing", ran(third).length === 0 && third.summary.items.total === files.length, ran(third))

  writeFileSync(config, readFileSync(config, "utf8").replace("waveform: {}", "waveform: { with: { width: 320 } }"))
  const fourth = run("run")
  holds("one edited setting runs its step and what depends on it", ran(fourth).join() === "waveform,persist", ran(fourth))
  writeFileSync(config, readFileSync(config, "utf8").replace("acoustic: {}", "acoustic: { with: { music: false } }"))
  const fifth = run("run")
  holds("another one, higher up, as well", ran(fifth).join() === "acoustic,describe,persist", ran(fifth))
} finally {
  rmSync(home, { recursive: true, force: true })
}
console.log(broken === 0 ? "Every promise holds." : `${broken} broken.`)
process.exit(broken === 0 ? 0 : 1)
