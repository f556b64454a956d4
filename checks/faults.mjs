// Breaks what a run stands on, and holds what comes of it to the invariants (docs/durability.md).
//   node checks/faults.mjs [NAME …] [--long]     default: every fault; --long: more and longer of each
// Ends with 77 when the machine can't do any of what was asked.
import { parseArgs } from "node:util"
import { join } from "node:path"
import * as Home from "./durability/Home.mjs"
import * as Service from "./durability/Service.mjs"
import { Report } from "./durability/Report.mjs"

const names = ["account", "clock", "damaged", "disk-errors", "disk-full", "engine-killed", "newer", "outage", "several"]
const { positionals, values } = parseArgs({ allowPositionals: true, options: { long: { type: "boolean", default: false } } })

const report = new Report()
const root = Home.temporary("faults")
const service = await Service.start({ answerMillis: 40 })
let held = 0
for (const name of positionals.length > 0 ? positionals : names) {
  const { missing, run } = await import(`./faults/${name}.mjs`)
  const lacks = missing()
  if (lacks !== undefined) {
    report.say(`- ${name}: skipped, ${lacks}`)
    continue
  }
  await service.clear()
  const before = report.broken.length
  try {
    const said = await run({ root: join(root, name), service, long: values.long, hold: (what) => report.hold(name, what) })
    if (report.broken.length === before) report.say(`✓ ${name}: ${said}`)
  } catch (cause) {
    report.hold(name, [cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)])
  }
  held++
}
await service.close()
report.end(root, held === 0 ? 77 : 0)
