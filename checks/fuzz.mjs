// Gives the readers of configs and of media what nobody would write, made at random and nowhere kept: no crash of ours, no hang, and
// each input is accounted for (docs/durability.md). What comes in events from a service is tried by a property test in `npm test`.
//   node checks/fuzz.mjs [--files 10000] [--configs 5000] [--seed N] [--progress FILE] [--minutes N]
// Files are shared among the engines that are installed. With --progress the same command goes on after --minutes.
import { parseArgs } from "node:util"
import { Report } from "./durability/Report.mjs"
import { Progress } from "./fuzz/Progress.mjs"
import * as Configs from "./fuzz/Configs.mjs"
import * as Containers from "./fuzz/Containers.mjs"

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "10000" },
    configs: { type: "string", default: "5000" },
    minutes: { type: "string", default: "Infinity" },
    progress: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 100_000) }
  }
})
const [configs, files, minutes] = [values.configs, values.files, values.minutes].map(Number)

const report = new Report()
const progress = new Progress({ file: values.progress, minutes, seed: Number(values.seed) })
report.say(`the seed is ${progress.seed}`)
if (configs > 0) await Configs.tryAll({ count: configs, progress, report })
if (files > 0) await Containers.tryAll({ count: Math.ceil(files / 2), progress, report })
report.end()
