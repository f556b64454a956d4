// Kills the real command and holds what is left to the invariants (docs/durability.md).
//   node checks/crash.mjs [--points all|N] [--moments N] [--seed N]
// First before every durable operation in turn, each time in a fresh state folder; then at random moments, over one state folder in
// which everything gathers, `spool run` and `spool watch` in turn.
import { parseArgs } from "node:util"
import { join } from "node:path"
import * as Home from "./durability/Home.mjs"
import * as Points from "./durability/Points.mjs"
import * as Moments from "./durability/Moments.mjs"
import * as Service from "./durability/Service.mjs"
import { Report } from "./durability/Report.mjs"

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "all" },
    moments: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 100_000) }
  }
})

const root = Home.temporary("crash")
const service = await Service.start({ answerMillis: 40 })
const report = new Report()
try {
  if (values.points !== "0")
    await Points.tryAll({
      root: join(root, "points"),
      service,
      report,
      most: values.points === "all" ? Infinity : Number(values.points)
    })
  if (Number(values.moments) > 0)
    await Moments.tryAll({
      root: join(root, "moments"),
      service,
      report,
      moments: Number(values.moments),
      seed: Number(values.seed)
    })
} finally {
  await service.close()
}
report.end(root)
