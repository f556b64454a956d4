// Runs a pipeline over recordings that nobody here made, and holds the run to its promises: every file is accounted for, a second run
// does nothing, a rename does nothing, one edited setting reruns exactly what depends on it.
//   npm run check:real              Debian's packages, fetched into fixtures/
//   npm run check:real -- FOLDER    any folder of media; it is copied, never touched
import { cpSync, lstatSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { fetch } from "../scripts/fetch-real-media.mjs"
import * as Home from "./durability/Home.mjs"
import { Report } from "./durability/Report.mjs"

const report = new Report()
const root = Home.temporary("real")
const home = Home.make(root, { config: Home.keyless })
const from = process.argv[2] === undefined ? fetch() : resolve(process.argv[2])
cpSync(from, home.inbox, { recursive: true, dereference: true })
const files = readdirSync(home.inbox, { recursive: true })
  .map((name) => join(home.inbox, name))
  .filter((path) => lstatSync(path).isFile() && !basename(path).startsWith("."))

const holds = (what, does, seen) => {
  if (report.hold(what, does ? [] : [JSON.stringify(seen)])) report.say(`✓ ${what}`)
}

const run = async () => {
  const ended = await home.spool("run", "--json")
  const summary = Home.summary(ended)
  if (summary !== undefined) return { ...ended, summary, failures: Home.values(ended).filter(({ type }) => type === "failure") }
  report.hold("the run", [ended.hung ? "it hangs" : `it ended with ${ended.code ?? ended.signal}: ${ended.stderr}`])
  return report.end(root)
}

/** Nodes that did something in a run. */
const ran = ({ summary }) => Object.entries(summary.stages).flatMap(([node, { ran }]) => (ran > 0 ? [node] : []))

const edit = (written, by) => {
  const config = join(root, "spool.yaml")
  writeFileSync(config, readFileSync(config, "utf8").replace(written, by))
}

const first = await run()
const { done, failed, total, waiting } = first.summary.items
const skipped = Object.values(first.summary.stages).reduce((sum, stage) => sum + stage.skipped, 0)
report.say(
  `${total} files from ${from}: ${done} done, ${failed} failed, ${waiting} waiting; ${skipped} steps skipped; ${first.summary.seconds} s`
)
for (const { code, message, node, path } of first.failures)
  report.say(`  ${path.slice(home.inbox.length + 1)} · ${node}: ${message} (${code})`)
holds(
  "every file is in exactly one of done, failed, waiting",
  total === files.length && done + failed + waiting === total,
  first.summary.items
)
const failures = new Set(first.failures.map(({ path }) => path))
holds("every file that failed says why, with what to do", failures.size === failed + waiting, [...failures])
const listed = Home.values(await home.spool("ls", "--json"))
holds(
  "the list has every file once",
  new Set(listed.map(({ path }) => path)).size === files.length && listed.length === files.length,
  listed.length
)
holds("the exit code says whether any failed", first.code === (failed > 0 ? 1 : waiting > 0 ? 75 : 0), first.code)

const second = await run()
holds("a second run runs nothing", ran(second).length === 0, ran(second))

const [one] = files
renameSync(one, join(dirname(one), `renamed ${basename(one)}`))
const third = await run()
holds("a rename runs nothing", ran(third).length === 0 && third.summary.items.total === files.length, ran(third))

edit("waveform: {}", "waveform: { with: { width: 320 } }")
const fourth = await run()
holds("one edited setting runs its step and what depends on it", ran(fourth).join() === "waveform,persist", ran(fourth))
edit("acoustic: {}", "acoustic: { with: { music: false } }")
const fifth = await run()
holds("another one, higher up, as well", ran(fifth).join() === "acoustic,describe,persist", ran(fifth))
report.end(root)
