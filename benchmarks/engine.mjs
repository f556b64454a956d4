// 20,000 items through five stages that do nothing, recorded with synchronous=FULL: against a hand-written better-sqlite3 loop with
// grouped transactions that does the same look-ups, hashes and rows. A round runs each once, in a process of its own.
//   node benchmarks/engine.mjs [rounds] [items]
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"
import { engine, handwritten, STAGES } from "./Noop.mjs"

const [mode, ...rest] = process.argv.slice(2)
if (mode === "engine" || mode === "handwritten") {
  const [state, count] = rest
  console.log(JSON.stringify(await (mode === "engine" ? engine : handwritten)(state, Number(count))))
} else {
  const rounds = Number(mode ?? 7)
  const items = Number(rest[0] ?? 20_000)
  const base = mkdtempSync(join(tmpdir(), "mediaspool-engine-"))
  const own = (mode, round) => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), mode, join(base, `${mode} ${round}`), String(items)],
      { encoding: "utf8" }
    )
    if (status !== 0) throw new Error(stderr)
    const told = JSON.parse(stdout)
    if (told.ran !== items * STAGES) throw new Error(`${mode} ran ${told.ran} of ${items * STAGES}`)
    return told
  }
  try {
    const ratios = []
    const ours = []
    const peers = []
    for (let round = 0; round < rounds; round++) {
      const peer = own("handwritten", round)
      const engine = own("engine", round)
      ratios.push(peer.millis / engine.millis)
      ours.push(engine)
      peers.push(peer)
    }
    const perSecond = (told) => Math.round(items / (median(told.map(({ millis }) => millis)) / 1_000))
    console.log(
      `${items} items × ${STAGES} stages, median of ${rounds} rounds: engine ${perSecond(ours)} items/s, hand-written ${perSecond(peers)} items/s, ` +
        `event loop at worst ${Math.max(...ours.map(({ loopMax }) => loopMax)).toFixed(0)} ms, peak ${median(ours.map(({ rss }) => rss)).toFixed(0)} MB`
    )
    const met = [
      figure({
        name: "items a second, against a hand-written loop",
        ratio: median(ratios),
        atLeast: 0.5,
        detail: `(${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
      }),
      figure({ name: "event loop's p99, against 50 ms", ratio: median(ours.map(({ loopP99 }) => loopP99)) / 50, atMost: 1 })
    ]
    process.exitCode = met.every(Boolean) ? 0 : 1
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
