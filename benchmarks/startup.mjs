// How long the command takes before it does anything, against `node -e 0`; with a plugin in TypeScript, against the same without one.
// A round runs each once, and the ratios are taken within a round, so that a busy machine slows both.
import { spawn, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"

const spool = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))
const rounds = Number(process.argv[2] ?? 30)
const folder = mkdtempSync(join(tmpdir(), "mediaspool-startup-"))

const time = (...args) => timeIn(folder, ...args)

const timeIn = (cwd, ...args) => {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "pipe"] })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** Until the first line of a watcher, which is then stopped. */
const timeOfFirstLine = async (cwd) => {
  const start = process.hrtime.bigint()
  const child = spawn(process.execPath, [spool, "watch"], { cwd, stdio: ["ignore", "pipe", "ignore"] })
  const ended = new Promise((resolve) => child.once("close", resolve))
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended])
  const took = Number(process.hrtime.bigint() - start) / 1e6
  child.kill("SIGINT")
  await ended
  return took
}

/** Two projects that differ in a plugin: the one that `spool plugin new` begins with. */
const withAndWithout = () => {
  const template = fileURLToPath(new URL("../packages/cli/template/src", import.meta.url))
  return ["my-stage", "acoustic"].map((stage) => {
    const cwd = join(folder, stage)
    mkdirSync(join(cwd, "inbox"), { recursive: true })
    cpSync(template, join(cwd, "src"), { recursive: true })
    const plugins = stage === "my-stage" ? 'plugins: ["./src/index.ts"]\n' : ""
    const stages = `{ probe: {}, ${stage}: {}, persist: {} }`
    writeFileSync(
      join(cwd, "spool.yaml"),
      `${plugins}pipelines:\n  sounds:\n    source: { folder: ./inbox }\n    stages: ${stages}\n`
    )
    return cwd
  })
}

try {
  const { SampleMedia } = await import("@mediaspool/plugins/testing")
  const { Effect } = await import("effect")
  for (const sound of SampleMedia.sounds) await Effect.runPromise(SampleMedia.writeWav(folder, sound))
  time(spool, "init")
  time(spool, "run")

  const commands = [
    { name: "spool --version", args: [spool, "--version"], atMost: 1.5 },
    { name: "spool --help", args: [spool, "--help"], atMost: 3.5 },
    { name: "spool ls, 8 files", args: [spool, "ls"], atMost: 5 },
    { name: "spool search", args: [spool, "search", "loud"] },
    { name: "spool check", args: [spool, "check"] }
  ]
  for (const { args } of commands) time(...args) // The first run of each leaves its code cache.
  const bare = []
  const ratios = commands.map(() => [])
  for (let round = 0; round < rounds; round++) {
    bare.push(time("-e", "0"))
    commands.forEach(({ args }, i) => ratios[i].push(time(...args) / bare[round]))
  }
  console.log(`node -e 0: ${median(bare).toFixed(0)} ms (median of ${rounds} rounds)`)
  const [plugin, none] = withAndWithout()
  const checks = []
  const watches = []
  for (let round = -1; round < rounds; round++) {
    const check = timeIn(plugin, spool, "check") / timeIn(none, spool, "check")
    const watch = (await timeOfFirstLine(plugin)) / (await timeOfFirstLine(none))
    // The first round leaves the code caches.
    if (round >= 0) checks.push(check) && watches.push(watch)
  }
  const met = commands.map(({ args: _, ...command }, i) => figure({ ...command, ratio: median(ratios[i]) }))
  met.push(figure({ name: "spool check with a plugin, against without", ratio: median(checks), atMost: 2.5 }))
  met.push(figure({ name: "spool watch to its first line with a plugin, against without", ratio: median(watches), atMost: 2 }))
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
