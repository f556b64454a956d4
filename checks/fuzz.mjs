// Gives the readers of configs and of media what nobody would write, made at random and nowhere kept: no crash of ours, no hang, and
// each input is accounted for (docs/durability.md). What comes in events from a service is tried by a property test in `npm test`.
//   node checks/fuzz.mjs [--files 10000] [--configs 5000] [--seed N]     files are shared among the engines that are installed
import { parseArgs } from "node:util"
import { tmpdir } from "node:os"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { Report } from "./durability/Report.mjs"
import * as Configs from "./fuzz/Configs.mjs"
import * as Containers from "./fuzz/Containers.mjs"

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "10000" },
    configs: { type: "string", default: "5000" },
    seed: { type: "string", default: String(Date.now() % 100_000) }
  }
})
const [seed, configs, files] = [values.seed, values.configs, values.files].map(Number)

const report = new Report()
report.say(`the seed is ${seed}`)
if (configs > 0) await Configs.tryAll({ count: configs, report, seed })
if (files > 0) await Containers.tryAll({ count: Math.ceil(files / 2), report, seed })
report.end(mkdtempSync(join(tmpdir(), "mediaspool-fuzz-")))
