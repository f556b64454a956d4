// Kills the real command and holds what is left to the invariants (docs/durability.md).
//   node checks/crash.mjs [--points all|N] [--moments N] [--chain N] [--seed N] [--folder DIR] [--minutes N]
// First before every durable operation in turn, each time in a fresh state folder; then at random moments, over one state folder in
// which everything gathers. With --folder the moments are kept there: after --minutes, or Ctrl-C, the same command goes on, until so
// many processes were killed. At most --chain processes are disturbed in a row between two looks at everything.
import { parseArgs } from "node:util"
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Home from "./durability/Home.mjs"
import * as Points from "./durability/Points.mjs"
import * as Moments from "./durability/Moments.mjs"
import * as Service from "./durability/Service.mjs"
import { Report } from "./durability/Report.mjs"

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "all" },
    moments: { type: "string", default: "100" },
    chain: { type: "string" },
    folder: { type: "string" },
    minutes: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 100_000) }
  }
})

const root = Home.temporary("crash")
const report = new Report()
const kept = values.folder === undefined ? undefined : resolve(values.folder)
const goesOn = kept !== undefined && existsSync(join(kept, "progress.json"))
if (values.points !== "0" && !goesOn) {
  const service = await Service.start({ answerMillis: 40 })
  try {
    const most = values.points === "all" ? Infinity : Number(values.points)
    await Points.tryAll({ root: join(root, "points"), service, report, most })
  } finally {
    await service.close()
  }
}
if (Number(values.moments) > 0)
  await Moments.tryAll({
    root: kept ?? join(root, "moments"),
    report,
    moments: Number(values.moments),
    ...(values.chain === undefined ? {} : { chain: Number(values.chain) }),
    ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
    seed: Number(values.seed)
  })
report.end(root)
