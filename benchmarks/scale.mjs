// Many machines, on loopback: what eight workers gain over one, what the coordinator costs beside bare BullMQ, whether short files stay
// packs, and how soon the work of a killed worker goes on.
//   node benchmarks/scale.mjs [figure …]      waits, noop, packs, takeover, memory; default: all but memory
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"
import * as Fleet from "./Fleet.mjs"
import * as MediaCorpus from "./MediaCorpus.mjs"

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))
const begun = (lines) => lines.filter((line) => line.startsWith("begun")).map((line) => Number(line.split(" ")[3]))
const endedAt = (lines) => lines.filter((line) => line.startsWith("ended")).map((line) => Number(line.split(" ")[3]))

/** Jobs a second between the first that began and the last that ended. */
const rate = (lines) => endedAt(lines).length / ((Math.max(...endedAt(lines)) - Math.min(...begun(lines))) / 1_000)

const waits = async (fleet) => {
  const measure = async (workers, files) => {
    const home = fleet.home({ files, millis: 200, log: true })
    for (let n = 0; n < workers; n++) await fleet.start(join(home, "spool.yaml"), 4)
    await fleet.run(home)
    await fleet.stop()
    return rate(fleet.log(home))
  }
  const one = await measure(1, 200)
  const eight = await measure(8, 1_600)
  return figure({
    name: "8 workers × 4 slots that wait 200 ms, against 8 × one worker",
    ratio: eight / (8 * one),
    atLeast: 0.95,
    detail: `(${one.toFixed(1)} and ${eight.toFixed(1)} jobs/s)`
  })
}

/**
 * Two processes that pull jobs with bare BullMQ, and a third that adds them and awaits every result.
 *
 * @param folder of the jobs' files, which are hashed before; the rows that a run leaves are written too
 */
const bare = (queue, jobs, ...folder) =>
  new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL("BareQueue.mjs", import.meta.url))
    const child = spawn(process.execPath, [script, queue, String(jobs), ...folder], { stdio: ["ignore", "pipe", "inherit"] })
    let stdout = ""
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text))
    child.once("exit", (code) => (code === 0 ? resolve(Number(stdout)) : reject(new Error(`bare BullMQ ended with ${code}`))))
  })

const noop = async (fleet) => {
  const files = 6_000
  const home = fleet.home({ files, millis: 0 })
  for (let n = 0; n < 2; n++) await fleet.start(join(home, "spool.yaml"), 16)
  const peer = await bare(fleet.queue.url, files)
  const byHand = await bare(fleet.queue.url, files, join(home, "inbox"))
  const { lag } = await fleet.run(home)
  const nodes = 5
  const wide = fleet.home({ files: files / 3, millis: 0, nodes })
  await fleet.run(wide)
  await fleet.stop()
  const [ours, several] = [fleet.rate(home), fleet.rate(wide)]
  return [
    figure({
      name: "no-op jobs through coordinator and two workers, against bare BullMQ in pull mode",
      ratio: ours / peer,
      atLeast: 0.35,
      detail: `(${Math.round(ours)} and ${Math.round(peer)} jobs/s; ${Math.round(byHand)} with files hashed and rows written by hand)`
    }),
    figure({
      name: `the same with ${nodes} jobs a file, which is found, hashed and written down once`,
      ratio: several / peer,
      atLeast: 0.35,
      detail: `(${Math.round(several)} and ${Math.round(peer)} jobs/s)`
    }),
    figure({ name: "the coordinator's event loop's p99, against 50 ms", ratio: lag.p99 / 50, atMost: 1 })
  ]
}

const packs = async (fleet) => {
  const clips = await MediaCorpus.clips(500)
  const home = (name, workers) => {
    const path = join(fleet.folder, name)
    mkdirSync(join(path, "inbox"), { recursive: true })
    for (const clip of clips) cpSync(clip, join(path, "inbox", basename(clip)))
    const section = workers ? `workers: { queue: "${fleet.queue.url}", local: none }\ndefaults: { on: workers }\n` : ""
    const copy = "copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }"
    writeFileSync(
      join(path, "spool.yaml"),
      `${section}pipelines: { clips: { source: { folder: ./inbox, settle: 1ms }, stages: { probe: {}, ${copy} } } }\n`
    )
    return path
  }
  const local = (await fleet.run(home("local", false))).summary.seconds
  for (let n = 0; n < 2; n++) await fleet.start(undefined, 1)
  const remote = (await fleet.run(home("remote", true))).summary.seconds
  await fleet.stop()
  return figure({
    name: "500 short clips on two workers of one slot, against one machine with two slots",
    ratio: local / remote,
    atLeast: 0.8,
    detail: `(${remote.toFixed(1)} and ${local.toFixed(1)} s)`
  })
}

const takeover = async (fleet) => {
  const times = []
  for (let n = 0; n < 20; n++) {
    const home = fleet.home({ files: 1, millis: 60_000, log: true })
    const workers = [await fleet.start(join(home, "spool.yaml"), 1), await fleet.start(join(home, "spool.yaml"), 1)]
    const run = fleet.begin(home)
    while (fleet.log(home).length < 1) await wait(20)
    const pid = Number(fleet.log(home)[0].split(" ")[1])
    const killed = Date.now()
    workers.find((worker) => worker.pid === pid)?.kill("SIGKILL")
    while (fleet.log(home).length < 2) await wait(20)
    times.push(begun(fleet.log(home))[1] - killed)
    run.kill("SIGKILL")
    await fleet.stop()
    // What was left of this round must not keep the next one's workers busy.
    await fleet.queue.restart()
  }
  const seconds = (millis) => `${(millis / 1_000).toFixed(1)} s`
  return [
    figure({
      name: "takeover after kill -9, median of 20, against 5 s",
      ratio: median(times) / 5_000,
      atMost: 1,
      detail: `(${seconds(median(times))})`
    }),
    figure({
      name: "takeover after kill -9, the slowest, against 8 s",
      ratio: Math.max(...times) / 8_000,
      atMost: 1,
      detail: `(${seconds(Math.max(...times))})`
    })
  ]
}

const memory = async (fleet) => {
  const home = fleet.home({ files: 100_000, millis: 0 })
  for (let n = 0; n < 8; n++) await fleet.start(join(home, "spool.yaml"), 4)
  const { lag, summary } = await fleet.run(home)
  await fleet.stop()
  return figure({
    name: "the coordinator's memory with 100,000 files and 8 workers, against 300 MB",
    ratio: lag.rss / 300,
    atMost: 1,
    detail: `(${Math.round(lag.rss)} MB, ${Math.round(summary.items.done / summary.seconds)} files/s)`
  })
}

const figures = { waits, noop, packs, takeover, memory }
const asked = process.argv.slice(2)
const fleet = await Fleet.open()
try {
  const met = []
  for (const name of asked.length > 0 ? asked : ["waits", "noop", "packs", "takeover"])
    met.push(...[await figures[name](fleet)].flat())
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  await fleet.close()
}
