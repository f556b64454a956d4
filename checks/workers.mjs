// Workers are killed and frozen at random, and the queue is restarted empty, while a coordinator runs a pipeline with paid calls; what is
// left is held to the invariants (docs/durability.md), and no result may count twice.
//   node checks/workers.mjs [--troubles N] [--workers N] [--seed N]
import { parseArgs } from "node:util"
import { join } from "node:path"
import * as Home from "./durability/Home.mjs"
import { Report } from "./durability/Report.mjs"
import * as Service from "./durability/Service.mjs"
import * as WorkerTroubles from "./durability/WorkerTroubles.mjs"
import { RedisServer } from "../packages/workers/dist/testing/index.js"

const { values } = parseArgs({
  options: {
    troubles: { type: "string", default: "50" },
    workers: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 100_000) }
  }
})

const queue = await RedisServer.start()
if (queue === undefined) {
  console.error(RedisServer.MISSING)
  process.exit(69)
}
const root = Home.temporary("workers")
const service = await Service.start({ answerMillis: 40 })
const report = new Report()
try {
  await WorkerTroubles.tryAll({
    root: join(root, "troubles"),
    service,
    queue,
    report,
    troubles: Number(values.troubles),
    workers: Number(values.workers),
    seed: Number(values.seed)
  })
} finally {
  await service.close()
  await queue.stop()
}
report.end(root)
