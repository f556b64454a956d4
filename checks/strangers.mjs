// Runs the command over thousands of media files that nobody here made, many of them made to break a reader, and holds it to this:
// it neither crashes nor hangs, every file is accounted for, and a second run has nothing to do (docs/durability.md).
//   node checks/strangers.mjs [FOLDER]     default: Debian's packages, fetched into fixtures/
import { cpSync } from "node:fs"
import { extname, join, resolve } from "node:path"
import { fetch } from "../scripts/fetch-real-media.mjs"
import * as Home from "./durability/Home.mjs"
import * as Invariants from "./durability/Invariants.mjs"
import { Report } from "./durability/Report.mjs"
import { reading } from "./durability/Sqlite.mjs"

/** Minutes; a run that takes longer hangs. */
const PATIENCE = 60

const report = new Report()
const root = Home.temporary("strangers")
const home = Home.make(root, { config: Home.keyless })
cpSync(process.argv[2] === undefined ? fetch("strangers") : resolve(process.argv[2]), home.inbox, { recursive: true })
const before = Invariants.sources(home.inbox)
const kinds = new Set([...before.keys()].map((name) => extname(name).toLowerCase()))
report.say(`${before.size} files with ${kinds.size} endings`)

const run = () => home.start(["run", "--json"], {}, { patience: PATIENCE * 60_000 }).ended
const first = await run()
const told = Home.summary(first)
if (told === undefined)
  report.hold("the run", [first.hung ? "it hangs" : `it ended with ${first.code ?? first.signal}: ${first.stderr}`])
else {
  const { done, failed, total, waiting } = told.items
  const skipped = Object.entries(told.stages).map(([node, { skipped }]) => `${node} ${skipped}`)
  report.say(`${done} done, ${failed} failed, ${waiting} waiting in ${told.seconds.toFixed(0)} s; skipped: ${skipped.join(", ")}`)
  const failures = Home.values(first).filter(({ type }) => type === "failure")
  const codes = new Map()
  for (const { code, node } of failures) codes.set(`${node} ${code}`, (codes.get(`${node} ${code}`) ?? 0) + 1)
  for (const [code, count] of [...codes].sort(([, a], [, b]) => b - a)) report.say(`  ${count} × ${code}`)
  const broke = failures.filter(({ code }) => code === "StageBroke" || code === "EngineFailed")
  report.hold("the run", [
    ...(total === before.size && done + failed + waiting === total
      ? []
      : [`I1: ${JSON.stringify(told.items)} of ${before.size} files`]),
    ...(waiting === 0 ? [] : [`${waiting} files wait for nothing`]),
    ...broke.map(({ code, message, node, path }) => `${path.slice(home.inbox.length + 1)} broke ${node}: ${message} (${code})`),
    ...Invariants.broken(home, before)
  ])
  const kept = Invariants.kept(home.state)
  const second = Home.summary(await run())
  const ran = Object.entries(second?.stages ?? { run: { ran: 1 } }).filter(([, { ran }]) => ran > 0)
  report.hold("a second run", [
    ...ran.map(([node]) => `I5: it ran ${node}`),
    ...Invariants.written(kept, Invariants.kept(home.state))
  ])
  const size = reading(join(home.state, "spool.db"), (rows) => rows("SELECT count(*) AS n FROM ledger")[0].n)
  report.say(`${size} results are kept`)
}
report.end(root)
