// Looks through 100,000 files in 1,000 folders, compared with the database: against `find -printf` with what an lstat tells,
// which compares with nothing. A round runs each once.
//   node benchmarks/rescan.mjs [rounds] [files] [folders]
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { figure, median } from "./Figure.mjs"

const core = (module) => import(pathToFileURL(fileURLToPath(new URL(`../packages/core/dist/${module}.js`, import.meta.url))).href)

/** One scan, as `spool run` makes it: worker, database and all. Told by the process that made it. */
const scan = async (folder, state, record) => {
  const { Effect, Layer, Stream } = await import("effect")
  const { Scanner } = await core("scan/Scanner")
  const Store = await core("store/Store")
  const { Database } = await core("store/Database")
  const { Items } = await core("store/Items")
  const { RunLog } = await core("store/RunLog")
  const layer = Scanner.layer.pipe(Layer.provideMerge(Store.layer(state)))
  const program = Effect.gen(function* () {
    const scanner = yield* Scanner
    const items = yield* Items
    const database = yield* Database
    const plan = yield* Effect.flatMap(RunLog, (log) =>
      log.plan({ pipeline: "bench", fingerprint: "bench", description: "{}", readsLocation: false })
    )
    const request = {
      folder,
      include: ["**/*.{wav,mp3,flac,m4a,ogg,mp4,mov}"],
      exclude: [],
      against: { pipeline: "bench", plan }
    }
    const start = performance.now()
    let counts
    yield* Stream.runForEach(scanner.scan(request), (piece) => {
      if (piece._tag === "Finished") counts = piece.counts
      return piece._tag !== "Found" || !record
        ? Effect.void
        : Effect.gen(function* () {
            const rows = yield* items.arrive(
              piece.files.map(({ path, ...stamp }) => ({ path, stamp, contentHash: "0".repeat(64) }))
            )
            for (const { id: item } of rows) items.end({ item, pipeline: "bench", plan, state: "done", obstacles: [] }, () => {})
            yield* database.room
          })
    })
    const millis = performance.now() - start
    yield* database.flush
    return { millis, counts, rss: process.resourceUsage().maxRSS / 1024 }
  })
  console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, layer))))
}

const [mode] = process.argv.slice(2)
if (mode === "scan" || mode === "record") {
  await scan(process.argv[3], process.argv[4], mode === "record")
} else {
  const rounds = Number(process.argv[2] ?? 7)
  const files = Number(process.argv[3] ?? 100_000)
  const folders = Number(process.argv[4] ?? 1_000)
  const base = mkdtempSync(join(tmpdir(), "mediaspool-rescan-"))
  const inbox = join(base, "inbox")
  const own = (mode, state) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), mode, inbox, state], {
      encoding: "utf8"
    })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  const find = () => {
    const out = openSync("/dev/null", "w")
    const start = performance.now()
    const { status } = spawnSync("find", [inbox, "-type", "f", "-printf", "%p %D %i %s %T@ %C@\\n"], {
      stdio: ["ignore", out, "inherit"]
    })
    if (status !== 0) throw new Error("find failed")
    return performance.now() - start
  }
  try {
    for (let folder = 0; folder < folders; folder++) {
      const path = join(inbox, `shelf ${folder % 40}`, `box ${folder}`)
      mkdirSync(path, { recursive: true })
      for (let file = folder; file < files; file += folders) writeFileSync(join(path, `clip ${file}.wav`), "x")
    }
    own("record", join(base, "known"))
    const times = { find: [], first: [], again: [] }
    const memory = []
    for (let round = 0; round < rounds; round++) {
      times.find.push(find())
      const first = own("scan", join(base, `empty ${round}`))
      if (first.counts.found !== files) throw new Error(`found ${first.counts.found} of ${files}`)
      times.first.push(first.millis)
      const again = own("scan", join(base, "known"))
      if (again.counts.unchanged !== files) throw new Error(`${again.counts.unchanged} of ${files} unchanged`)
      times.again.push(again.millis)
      memory.push(again.rss)
    }
    const ratio = (name) => median(times[name].map((time, round) => time / times.find[round]))
    console.log(
      `${files} files in ${folders} folders, median of ${rounds} rounds: find ${median(times.find).toFixed(0)} ms, ` +
        `first scan ${median(times.first).toFixed(0)} ms, unchanged ${median(times.again).toFixed(0)} ms, peak ${median(memory).toFixed(0)} MB`
    )
    const met = [
      figure({ name: "nothing to do, against find -printf", ratio: ratio("again"), atMost: 3 }),
      figure({ name: "first scan, against find -printf", ratio: ratio("first"), atMost: 6 })
    ]
    process.exitCode = met.every(Boolean) ? 0 : 1
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
