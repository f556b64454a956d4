// How long the command takes before it does anything, against `node -e 0`: a round runs each once, and the ratios are taken within
// a round, so that a busy machine slows both.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"

const spool = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))
const rounds = Number(process.argv[2] ?? 30)
const folder = mkdtempSync(join(tmpdir(), "mediaspool-startup-"))

const time = (...args) => {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
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
  const met = commands.map(({ args: _, ...command }, i) => figure({ ...command, ratio: median(ratios[i]) }))
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
