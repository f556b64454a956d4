// A coordinator, workers and their queue on loopback, each a real process, with stages that wait or do nothing.
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { RedisServer } from "../packages/workers/dist/testing/index.js"

const Sqlite = createRequire(new URL("../packages/core/package.json", import.meta.url))("better-sqlite3")
const bin = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))

/** A stage that waits, and writes down when it began and when it ended, in milliseconds since 1970. */
export const plugin = `
import { Failure, Field, Original, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { appendFileSync } from "node:fs"
class Waited extends Schema.TaggedClass("Waited")("Waited", { hash: Schema.String }) {}
class WaitError extends Failure.Class()("WaitError", {}) {}
const wait = Stage.make({
  name: "wait", version: 1, summary: "Waits", input: { original: Original }, output: Waited,
  config: Schema.Struct({ millis: Field.required(Schema.Number, "How long"), place: Field.maybe(Schema.Int, "Which of several"), log: Field.maybe(Schema.String, "Where it is written down") }),
  error: WaitError,
  run: ({ original }, { log, millis }) => Effect.gen(function* () {
    const began = Date.now()
    if (log !== undefined) appendFileSync(log, "begun " + process.ppid + " " + original.hash + " " + began + "\\n")
    if (millis > 0) yield* Effect.sleep(millis)
    if (log !== undefined) appendFileSync(log, "ended " + process.ppid + " " + original.hash + " " + Date.now() + "\\n")
    return new Waited({ hash: original.hash })
  })
})
const accept = Stage.make({
  name: "accept", version: 1, summary: "Lets everything in", input: { original: Original }, output: SourceFile,
  config: Schema.Struct({}), error: WaitError,
  run: ({ original }) => Effect.succeed(new SourceFile({ file: original, mediaType: "audio/wav" }))
})
export default Plugin.make({ name: "wait", stages: [wait, accept] })
`

/** The lag of the coordinator's event loop, written when it ends. */
const lag = `const { monitorEventLoopDelay } = require("node:perf_hooks")
const histogram = monitorEventLoopDelay({ resolution: 10 })
setTimeout(() => histogram.enable(), 1_000).unref()
process.on("exit", () => require("node:fs").writeFileSync(process.env.LAG_FILE,
  JSON.stringify({ cpu: (process.cpuUsage().user + process.cpuUsage().system) / 1e3, p99: histogram.percentile(99) / 1e6 - 10, rss: process.resourceUsage().maxRSS / 1024 })))`

const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)))

/** Queue and folder; everything ends with \`close\`. */
export const open = async () => {
  const queue = await RedisServer.start()
  if (queue === undefined) throw new Error(RedisServer.MISSING)
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-fleet-"))
  writeFileSync(join(folder, "wait.mjs"), plugin)
  writeFileSync(join(folder, "lag.cjs"), lag)
  let workers = []
  let homes = 0
  const start = async (config, slots) => {
    const args = ["worker", "--queue", queue.url, "--slots", String(slots), "--work", join(folder, "work"), "--json"]
    const child = spawn(process.execPath, [bin, ...args, ...(config === undefined ? [] : ["--config", config])], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"]
    })
    await new Promise((resolve, reject) => {
      child.stdout.setEncoding("utf8").on("data", (text) => (text.includes('"ready"') ? resolve() : undefined))
      child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)))
    })
    workers.push(child)
    return child
  }
  const stop = async () => {
    const all = workers
    workers = []
    await Promise.all(all.map((child) => (child.kill("SIGKILL"), ended(child))))
  }
  return {
    queue,
    folder,
    start,
    stop,
    workers: () => workers,
    /** A config with nodes that wait, over so many small files; its folder is the pipeline's alone. */
    home: ({ files, local = "none", millis, nodes = 1, log = false }) => {
      const path = join(folder, `home-${homes++}`)
      mkdirSync(join(path, "inbox"), { recursive: true })
      for (let n = 0; n < files; n++) writeFileSync(join(path, "inbox", `${n}.bin`), `${homes} ${n}`)
      const logged = log ? `, log: ${JSON.stringify(join(path, "log"))}` : ""
      const waits = Array.from(
        { length: nodes },
        (_, place) => `      wait-${place}: { use: wait, with: { millis: ${millis}, place: ${place}${logged} }, on: workers }\n`
      )
      writeFileSync(
        join(path, "spool.yaml"),
        `plugins: ["../wait.mjs"]
workers: { queue: "${queue.url}", local: ${local}, files: shared }
pipelines:
  waits:
    source: { folder: ./inbox, include: ["**"], settle: 1ms }
    stages:
      ingest: { use: accept }
${waits.join("")}`
      )
      return path
    },
    log: (home) => (existsSync(join(home, "log")) ? readFileSync(join(home, "log"), "utf8").trim().split("\n") : []),
    /** Jobs a second, as the coordinator wrote them down: from the first that began to the last that ended. */
    rate: (home) => {
      const database = new Sqlite(join(home, ".spool", "spool.db"), { readonly: true })
      const sql =
        "SELECT count(*) AS jobs, max(started_at + milliseconds) - min(started_at) AS millis FROM attempt WHERE node LIKE 'wait-%'"
      const { jobs, millis } = database.prepare(sql).get()
      database.close()
      return jobs / (millis / 1_000)
    },
    run: async (home, env = {}) => {
      const file = join(home, "lag.json")
      const child = spawn(process.execPath, [bin, "run", "--json"], {
        cwd: home,
        env: { ...process.env, NODE_OPTIONS: `--require ${join(folder, "lag.cjs")}`, LAG_FILE: file, ...env },
        stdio: ["ignore", "pipe", "pipe"]
      })
      let [stdout, stderr] = ["", ""]
      child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text))
      child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text))
      const code = await ended(child)
      const summary = stdout
        .split("\n")
        .filter((line) => line.includes('"summary"'))
        .map((line) => JSON.parse(line))[0]
      if (summary === undefined) throw new Error(`spool run ended with ${code}: ${stderr}`)
      return { summary, lag: JSON.parse(readFileSync(file, "utf8")) }
    },
    begin: (home) => spawn(process.execPath, [bin, "run", "--json"], { cwd: home, stdio: "ignore" }),
    close: async () => {
      await stop()
      await queue.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
