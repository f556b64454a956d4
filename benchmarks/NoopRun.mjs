// One run of the no-op pipeline in a state folder, in a process of its own; says the milliseconds of processor time that it took.
import { engine } from "./Noop.mjs"

const [state, count] = process.argv.slice(2)
const before = process.cpuUsage()
await engine(state, Number(count))
const { system, user } = process.cpuUsage(before)
process.stdout.write(String((system + user) / 1000))
process.exit(0)
