// What happens to workers and to their queue: kills, freezes, restarts, at random moments of runs.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Chance from "./Chance.mjs"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import { again } from "./Resume.mjs"
import { reading } from "./Sqlite.mjs"
import { SampleMedia } from "../../packages/plugins/dist/testing/index.js"

const bin = fileURLToPath(new URL("../../packages/cli/bin/spool.js", import.meta.url))
/** New sounds a run. */
const SOUNDS = 12
/** A freeze is longer than a worker's lease of 3 seconds. */
const FREEZE = [4_000, 8_000]

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

const config = (service, queue) => `workers: { queue: "${queue}", local: none }\ndefaults: { on: workers }\n${Home.paid(service)}`

/** A worker of its own folder, so that its processes can be told from the coordinator's. */
const startWorker = async (folder, number, queue) => {
  const cwd = join(folder, `worker-${number}`)
  mkdirSync(cwd, { recursive: true })
  const child = spawn(
    process.execPath,
    [bin, "worker", "--queue", queue, "--slots", "1", "--work", join(cwd, "work"), "--json"],
    {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ["ignore", "pipe", "inherit"]
    }
  )
  const ended = new Promise((resolve) => child.once("exit", resolve))
  const ready = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => (text.includes('"ready"') ? resolve() : undefined))
    child.once("exit", resolve)
  })
  await ready
  return { child, ended }
}

/** Every result was counted once: a late answer, or a job that ran twice, leaves no second one. */
const once = ({ state }) =>
  reading(join(state, "spool.db"), (rows) =>
    rows(`SELECT node, key, count(*) AS times FROM attempt WHERE outcome = 'ran' AND node <> 'persist'
      GROUP BY node, key HAVING count(*) > 1`).map(({ key, node, times }) => `a result of ${node} counts ${times} times (${key})`)
  )

export const tryAll = async ({ queue, report, root, seed, service, troubles, workers: count }) => {
  const chance = Chance.make(seed)
  const home = Home.make(join(root, "home"), { config: config(service.url, queue.url) })
  await service.clear()
  report.say(`${troubles} troubles with the seed ${seed}`)
  let started = 0
  const start = () => startWorker(root, started++, queue.url)
  const workers = await Promise.all(Array.from({ length: count }, start))
  const met = { killed: 0, frozen: 0, restarted: 0 }
  let [done, round, sounds] = [0, 0, 0]

  const kill = async () => {
    const at = chance.below(workers.length)
    const { child, ended } = workers[at]
    child.kill("SIGKILL")
    await ended
    workers[at] = await start()
    met.killed++
  }
  const freeze = async () => {
    const { child } = workers[chance.below(workers.length)]
    child.kill("SIGSTOP")
    await wait(FREEZE[0] + chance.next() * (FREEZE[1] - FREEZE[0]))
    child.kill("SIGCONT")
    met.frozen++
  }
  const restart = async () => {
    await queue.kill()
    await wait(chance.next() * 2_000)
    await queue.restart()
    met.restarted++
  }

  try {
    while (done < troubles) {
      round++
      for (let n = 0; n < SOUNDS; n++, sounds++) {
        const shape = { seconds: 1 + chance.next() * 6, seed: sounds }
        writeFileSync(join(home.inbox, `${String(sounds).padStart(4, "0")}.wav`), SampleMedia.wav("speech", shape))
      }
      const before = Invariants.sources(home.inbox)
      const run = home.start(["run", "--json"])
      let over = false
      const ended = run.ended.then((how) => ((over = true), how))
      while (!over && done < troubles) {
        await Promise.race([wait(500 + chance.next() * 2_500), ended])
        if (over) break
        await chance.of([kill, kill, freeze, restart])()
        done++
      }
      let how = await ended
      // A run that begins while the queue is away says so and ends; the next one does the work.
      if (how.code === 78 && how.stderr.includes("QueueUnreachable")) how = await home.start(["run", "--json"]).ended
      const { code, hung, stderr } = how
      const found = [
        ...(hung ? ["it hangs"] : code === 0 ? [] : [`the run ended with ${code}: ${stderr}`]),
        ...Invariants.broken(home, before),
        ...once(home),
        ...(await again(home, service)),
        ...Invariants.payments(await service.bill(), home.state, 0)
      ]
      report.hold(`round ${round}`, found)
      report.say(`${done} of ${troubles} troubles, ${sounds} files done`)
    }
  } finally {
    for (const { child, ended } of workers) {
      child.kill("SIGCONT")
      child.kill("SIGKILL")
      await ended
    }
  }
  const happened = Object.entries(met).map(([name, times]) => `${name} ${times}`)
  report.say(
    `${happened.join(", ")} in ${round} runs; ${(await service.bill()).paid} calls paid for ${Invariants.keys(home.state)} keys`
  )
}
