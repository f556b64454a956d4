// Looks through 100,000 files in 1,000 folders, compared with the database: against `find -printf` with what an lstat tells,
// which compares with nothing. Then the same with half of the files no media, half of those under names that don't tell what they
// are: against `find`, and first scan and hash together against another build of Mediaspool, where BEFORE names its root. A round runs
// each once. The names' contents are nothing: what is compared is finding, hashing and turning them away.
//   [BEFORE=/path/to/another/build] node benchmarks/rescan.mjs [rounds] [files] [folders]
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { figure, median } from "./Figure.mjs"

const core = (module) => import(pathToFileURL(fileURLToPath(new URL(`../packages/core/dist/${module}.js`, import.meta.url))).href)

/** One scan, as `spool run` makes it: worker, database and all. Told by the process that made it. */
const scan = async (folder, state, record, byContent) => {
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
    const { remember } = yield* Effect.promise(() => core("scan/LookedFiles"))
    const request = {
      folder,
      include: byContent ? undefined : ["**/*.{wav,mp3,flac,m4a,ogg,mp4,mov}"],
      exclude: [],
      against: { pipeline: "bench", plan }
    }
    const start = performance.now()
    let counts
    yield* Stream.runForEach(scanner.scan(request), (piece) => {
      if (piece._tag === "Finished") counts = piece.counts
      if (piece._tag === "Ignored") return remember(piece)
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
if (["scan", "record", "scan-mixed", "record-mixed"].includes(mode)) {
  await scan(process.argv[3], process.argv[4], mode.startsWith("record"), mode.endsWith("mixed"))
} else {
  const rounds = Number(process.argv[2] ?? 7)
  const files = Number(process.argv[3] ?? 100_000)
  const folders = Number(process.argv[4] ?? 1_000)
  const base = mkdtempSync(join(tmpdir(), "mediaspool-rescan-"))
  const inbox = join(base, "inbox")
  const own = (mode, state, folder = inbox) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), mode, folder, state], {
      encoding: "utf8"
    })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  const find = (inbox) => {
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
      times.find.push(find(inbox))
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

    // Half of it no media: a quarter says so by its name, a quarter has to be looked into.
    const mixed = join(base, "mixed")
    const others = [
      ["jpg", "x"],
      ["txt", "x"],
      ["2024", "words of no meaning"],
      ["unknown", "\0\0\0\0"]
    ]
    for (let folder = 0; folder < folders; folder++) {
      const path = join(mixed, `shelf ${folder % 40}`, `box ${folder}`)
      mkdirSync(path, { recursive: true })
      for (let file = folder, n = 0; file < files; file += folders, n++) {
        const [extension, content] = n % 2 === 0 ? ["wav", `x${file}`] : others[(n >> 1) % 4]
        writeFileSync(join(path, `clip ${file}.${extension}`), content)
      }
    }
    const spoolOf = (build) => [process.execPath, join(build, "packages/cli/bin/spool.js")]
    /** The whole command of a build, on a library that is new. */
    const run = (build, name) => {
      const home = join(base, name)
      mkdirSync(home)
      writeFileSync(
        join(home, "spool.yaml"),
        `pipelines: { sounds: { source: { folder: ${JSON.stringify(mixed)} }, stages: { probe: {} } } }`
      )
      const start = performance.now()
      const { status, stdout } = spawnSync(
        "sh",
        ["-c", '"$@" > /dev/null 2>&1; code=$?; times; exit $code', "sh", ...spoolOf(build), "run", "--json"],
        { cwd: home, encoding: "utf8" }
      )
      // The files hold nothing, and fail.
      if (status !== 1) throw new Error(`the run of ${build} ended with ${status}`)
      const [, ...times] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout) ?? []
      const [a, b, c, d] = times.map(Number)
      return { millis: performance.now() - start, processor: a * 60 + b + c * 60 + d }
    }
    own("record-mixed", join(base, "mixed known"), mixed)
    const half = { find: [], again: [] }
    const first = { wall: [], processor: [] }
    for (let round = 0; round < rounds; round++) {
      half.find.push(find(mixed))
      const again = own("scan-mixed", join(base, "mixed known"), mixed)
      if (again.counts.unchanged !== files / 2 || again.counts.ignored !== files / 2)
        throw new Error(JSON.stringify(again.counts))
      half.again.push(again.millis)
      if (process.env.BEFORE === undefined) continue
      const before = run(resolve(process.env.BEFORE), `before ${round}`)
      const now = run(fileURLToPath(new URL("..", import.meta.url)), `now ${round}`)
      first.wall.push(now.millis / before.millis)
      first.processor.push(now.processor / before.processor)
    }
    const against = (name, peer) => median(half[name].map((time, round) => time / half[peer][round]))
    console.log(`half of them no media: unchanged ${median(half.again).toFixed(0)} ms`)
    met.push(figure({ name: "nothing to do, half no media, against find -printf", ratio: against("again", "find"), atMost: 3 }))
    if (first.wall.length > 0)
      met.push(
        figure({
          name: "first run, half no media, against the other build",
          ratio: median(first.wall),
          atMost: 1.5,
          detail: `of the processors ${median(first.processor).toFixed(2)}×`
        })
      )
    process.exitCode = met.every(Boolean) ? 0 : 1
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
