// What steering a run costs. Planning over files that are known, against the bare SQL that counts the same rows; and what a run pays
// for being watched: by `spool status` from another process every second, and by the metrics of `watch --metrics`. Pairs alternate.
//   node benchmarks/operate.mjs [files] [pairs] [items]
//   node benchmarks/operate.mjs watched status|metrics PAIRS ITEMS    only such pairs, with the ratio of each
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { figure, median } from "./Figure.mjs"

const self = fileURLToPath(import.meta.url)
const dist = (path) => import(pathToFileURL(fileURLToPath(new URL(`../packages/${path}.js`, import.meta.url))).href)

/** Whether a plan is of an edit; before the last ones the edit is run for a twentieth of the files, and for all. */
const KINDS = {
  unchanged: { isEdited: false, says: "unchanged" },
  edited: { isEdited: true, says: "one node edited" },
  partly: { isEdited: true, says: "one node edited, and run for a twentieth of them" },
  back: { isEdited: false, says: "an edit that was run for all taken back" }
}

/** Plans a run over the items of a state folder, as `spool plan` does after its look through the folder. */
const plan = async (state, count, kind) => {
  const { isEdited } = KINDS[kind]
  const { Effect, Layer, Stream } = await import("effect")
  const { Database } = await dist("core/dist/store/Database")
  const { Runner } = await dist("core/dist/runner/Runner")
  const Store = await dist("core/dist/store/Store")
  const { arrivalsOf, makePlan, STAGES } = await import("./Noop.mjs")
  const program = Effect.gen(function* () {
    const runner = yield* Runner
    const database = yield* Database
    const sql = () => {
      const began = process.cpuUsage()
      // Unchanged: files that are done. Edited: each file's results as well.
      const rows =
        kind !== "unchanged"
          ? database.rows(
              `SELECT node, count(*) AS files FROM item JOIN attempt ON attempt.item = item.id JOIN ledger ON ledger.key = attempt.key
             WHERE gone_at = 0 AND run = (SELECT min(id) FROM run) GROUP BY node`,
              []
            )
          : database.rows(
              `SELECT count(*) AS files FROM item JOIN item_state ON item_state.item = item.id
             WHERE gone_at = 0 AND pipeline = 'noop' AND state = 'done'`,
              []
            )
      if (Number(rows[0]?.files) !== count) throw new Error(`SQL counted ${JSON.stringify(rows)}`)
      return millisSince(began)
    }
    yield* Effect.sync(sql)
    const rowOf = new Map(database.rows("SELECT id, content_hash FROM item", []).map((row) => [row.content_hash, Number(row.id)]))
    const ready = yield* runner.prepare(yield* Effect.promise(() => makePlan(isEdited ? STAGES - 1 : undefined)))
    const peer = yield* Effect.sync(sql)
    // Made before: what a scan finds is the scan's time.
    const arrivals = yield* Stream.runCollect(arrivalsOf(count, kind === "unchanged" ? "unchanged" : "unfinished", rowOf))
    const began = process.cpuUsage()
    let toRun = 0
    let unchanged = 0
    yield* runner.plan(ready, Stream.fromChunk(arrivals), {
      runs: new Set(),
      planned: ({ steps }) => (steps.includes("toRun") ? toRun++ : unchanged++),
      unchanged: (files) => (unchanged += files)
    })
    const own = millisSince(began)
    const expected = { unchanged: 0, edited: count, partly: count - partOf(count), back: 0 }[kind]
    if (toRun !== expected || toRun + unchanged !== count) throw new Error(`${toRun} files to run, ${unchanged} unchanged`)
    return { own, peer }
  })
  const layer = Runner.layer.pipe(Layer.provideMerge(Store.layer(state)))
  process.stdout.write(JSON.stringify(await Effect.runPromise(Effect.provide(program, layer))))
}

/** The files for which an edit was run. */
const partOf = (count) => Math.round(count / 20)

const millisSince = (before) => {
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000
}

/** A run of the no-op pipeline; with `metrics` its events are counted as `watch --metrics` counts them. Says its processor time. */
const run = async (state, count, kind) => {
  const { engine, STAGES } = await import("./Noop.mjs")
  const { RunMetrics } = await dist("cli/dist/telemetry/RunMetrics")
  const before = process.cpuUsage()
  const kept = new RunMetrics()
  await engine(
    state,
    count,
    (event) => (kind === "metrics" ? kept.apply(event) : undefined),
    kind === "edited" ? STAGES - 1 : undefined
  )
  process.stdout.write(String(millisSince(before)))
}

const [mode, ...rest] = process.argv.slice(2)
if (mode === "plan") {
  await plan(rest[0], Number(rest[1]), rest[2])
  process.exit(0)
} else if (mode === "run") {
  await run(rest[0], Number(rest[1]), rest[2])
  process.exit(0)
} else {
  const isPart = mode === "watched"
  const [files = 100_000, pairs = 20, items = 20_000] = isPart
    ? [0, Number(rest[1]), Number(rest[2])]
    : process.argv.slice(2).map(Number)
  const base = mkdtempSync(join(tmpdir(), "mediaspool-operate-"))
  const own = (...args) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [self, ...args.map(String)], { encoding: "utf8" })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }
  /** A run, with another process that asks how it stands every second. */
  const watched = async (state, kind) => {
    const asker =
      kind === "status" ? spawn(process.execPath, [fileURLToPath(new URL("StatusLoop.mjs", import.meta.url)), state]) : undefined
    const child = spawn(process.execPath, [self, "run", state, String(items), kind], { stdio: ["ignore", "pipe", "inherit"] })
    let printed = ""
    child.stdout.on("data", (bytes) => (printed += bytes))
    await new Promise((resolve) => child.once("close", resolve))
    asker?.kill()
    return Number(printed)
  }
  try {
    const met = []
    const known = join(base, "known")
    if (!isPart) own("run", known, files, "plain")
    for (const [kind, { says }] of Object.entries(isPart ? {} : KINDS)) {
      if (kind === "partly") own("run", known, partOf(files), "edited")
      if (kind === "back") own("run", known, files, "edited")
      const rounds = Array.from({ length: 3 }, () => JSON.parse(own("plan", known, files, kind)))
      met.push(
        figure({
          name: `planning over ${files} known files, ${says}, against SQL that counts the same rows`,
          ratio: median(rounds.map(({ own, peer }) => own / peer)),
          atMost: 3,
          detail: `(${median(rounds.map(({ own }) => own)).toFixed(0)} ms of processor time)`
        })
      )
    }
    for (const kind of isPart ? [rest[0]] : ["status", "metrics"]) {
      const ratios = []
      for (let pair = 0; pair < pairs; pair++) {
        const order = pair % 2 === 0 ? ["plain", kind] : [kind, "plain"]
        const time = {}
        for (const each of order) time[each] = await watched(join(base, `${kind} ${pair} ${each}`), each)
        ratios.push(time[kind] / time.plain)
        for (const each of order) rmSync(join(base, `${kind} ${pair} ${each}`), { recursive: true, force: true })
      }
      if (isPart) console.log(ratios.map((ratio) => ratio.toFixed(3)).join(" "))
      met.push(
        figure({ name: `a run of ${items} items under ${kind}, in its own processor time`, ratio: median(ratios), atMost: 1.03 })
      )
    }
    process.exitCode = met.every(Boolean) ? 0 : 1
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
