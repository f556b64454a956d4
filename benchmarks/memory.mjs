// The peak of memory over 100,000 items and five stages that do nothing: against 300 MB, beside the hand-written loop's.
//   node benchmarks/memory.mjs [items]
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure } from "./Figure.mjs"

const MEGABYTES = 300
const items = Number(process.argv[2] ?? 100_000)
const base = mkdtempSync(join(tmpdir(), "mediaspool-memory-"))
const own = (mode, count) => {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL("engine.mjs", import.meta.url)), mode, join(base, `${mode} ${count}`), String(count)],
    { encoding: "utf8" }
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout).rss
}
try {
  const few = own("engine", items / 5)
  const many = own("engine", items)
  const peer = own("handwritten", items)
  console.log(
    `peak of the engine ${few.toFixed(0)} MB at ${items / 5} items, ${many.toFixed(0)} MB at ${items}; hand-written loop ${peer.toFixed(0)} MB`
  )
  process.exitCode = figure({ name: `peak of memory, against ${MEGABYTES} MB`, ratio: many / MEGABYTES, atMost: 1 }) ? 0 : 1
} finally {
  rmSync(base, { recursive: true, force: true })
}
