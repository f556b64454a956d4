// A watcher over 100,000 files in 1,000 folders: what it costs to begin and to sit there, how soon it starts on what lands, and
// whether anything is lost when much lands at once while it is busy. A stage that does nothing stands for the work.
//   node benchmarks/watch.mjs [files] [folders] [burst]
import { spawn, spawnSync } from "node:child_process"
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import { fileURLToPath, pathToFileURL } from "node:url"
import { figure, median } from "./Figure.mjs"

const core = (module) => import(pathToFileURL(fileURLToPath(new URL(`../packages/core/dist/${module}.js`, import.meta.url))).href)
const chokidar = new URL("../packages/core/node_modules/chokidar/index.js", import.meta.url).href
const SETTLE_MILLIS = 2_000

/** The watcher, in a process of its own. It takes orders and answers in lines of JSON. */
const watch = async (inbox, state, record) => {
  const { Context, Deferred, Duration, Effect, Layer, Schema, Stream } = await import("effect")
  const { Scanner } = await core("scan/Scanner")
  const { Runner } = await core("runner/Runner")
  const Store = await core("store/Store")
  const Stage = await core("stage/Stage")
  const { Original, SourceFile } = await core("stage/FileRef")
  const { SourceError } = await core("scan/SourceError")
  const Watcher = await core("watch/Watcher")
  const { Items } = await core("store/Items")
  const { Database } = await core("store/Database")
  const MissingFiles = await core("scan/MissingFiles")
  const { keepSmall } = await import("../packages/cli/dist/watching/Heap.js")

  const started = new Map()
  const ingest = Stage.make({
    name: "ingest",
    version: 1,
    summary: "Notes when it starts",
    input: { original: Original },
    output: SourceFile,
    config: Schema.Struct({}),
    error: SourceError,
    run: ({ original }) =>
      Effect.sync(() => {
        started.set(original.path, performance.timeOrigin + performance.now())
        return new SourceFile({ file: original, mediaType: "audio/wav" })
      })
  })
  const source = {
    folder: inbox,
    include: ["**/*.wav"],
    exclude: [],
    watch: "auto",
    scanEvery: Duration.minutes(5),
    settle: Duration.millis(SETTLE_MILLIS)
  }
  const retry = { times: 0, delay: Duration.zero, factor: 1, maxDelay: Duration.zero }
  const node = { name: "ingest", stage: ingest, config: {}, identity: {}, inputs: { original: ["source"] }, retry }
  const plan = { pipeline: "bench", source, nodes: [node] }

  const delay = monitorEventLoopDelay({ resolution: 5 })
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
  const rss = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1024
  // What is exist already counts as done: this is about watching, not about a first run.
  const recording = Effect.gen(function* () {
    const database = yield* Database
    const runner = yield* Runner
    const ready = yield* runner.prepare(plan)
    const items = yield* Items
    yield* Stream.runForEach(MissingFiles.scan({ ...source, against: { pipeline: "bench", plan: ready.id } }), (told) =>
      told._tag !== "Found"
        ? Effect.void
        : Effect.gen(function* () {
            const rows = yield* items.arrive(
              told.files.map(({ path, ...stamp }) => ({ path, stamp, contentHash: path.padEnd(64, "0") }))
            )
            for (const row of rows)
              items.end({ item: row.id ?? row, pipeline: "bench", plan: ready.id, state: "done", obstacles: [] }, () => {})
            yield* database.room
          })
    )
    yield* database.flush
  })
  const watching = Effect.gen(function* () {
    const drain = yield* Deferred.make()
    process.stdin.on("data", (order) => {
      const text = String(order).trim()
      if (text === "drain") Deferred.unsafeDone(drain, Effect.void)
      else if (text === "reset") (delay.reset(), delay.enable())
      else if (text === "block") for (const until = performance.now() + 4_000; performance.now() < until;);
      else
        say({
          done: started.size,
          rss: rss(),
          p99: delay.percentile(99) / 1e6,
          longest: delay.max / 1e6,
          started: Object.fromEntries([...started].slice(-200))
        })
    })
    delay.enable()
    // As the command does.
    yield* keepSmall
    yield* Watcher.run({
      load: Effect.succeed({ plans: [plan], services: Context.empty() }),
      changes: Stream.never,
      drain: Deferred.await(drain),
      tell: (event) => Effect.sync(() => say(event))
    })
  })
  await Effect.runPromise(
    Effect.provide(
      record ? recording : watching,
      Layer.mergeAll(Runner.layer, Scanner.layer).pipe(Layer.provideMerge(Store.layer(state)))
    )
  )
  process.exit(0)
}

/** What the event loop of a process that does nothing meets on this machine. */
const idle = () => {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  setTimeout(() => delay.enable(), 3_000)
  process.stdin.resume().on("end", () => {
    process.stdout.write(JSON.stringify({ longest: delay.max / 1e6 }), () => process.exit(0))
  })
}

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** The same folder in the way that chokidar watches by itself. */
const plain = async (inbox) => {
  const { watch } = await import(chokidar)
  const begin = performance.now()
  await new Promise((resolve) => watch(inbox, { ignoreInitial: true }).on("ready", resolve))
  const rss = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1024
  process.stdout.write(`${JSON.stringify({ millis: performance.now() - begin, rss })}\n`)
  process.exit(0)
}

const [mode] = process.argv.slice(2)
if (mode === "watch" || mode === "record") await watch(process.argv[3], process.argv[4], mode === "record")
else if (mode === "idle") idle()
else if (mode === "plain") await plain(process.argv[3])
else {
  const files = Number(process.argv[2] ?? 100_000)
  const folders = Number(process.argv[3] ?? 1_000)
  const burst = Number(process.argv[4] ?? 40_000)
  const base = mkdtempSync(join(tmpdir(), "mediaspool-watch-"))
  const inbox = join(base, "inbox")
  try {
    for (let folder = 0; folder < folders; folder++) {
      const path = join(inbox, `shelf ${folder % 40}`, `box ${folder}`)
      mkdirSync(path, { recursive: true })
      for (let file = folder; file < files; file += folders) writeFileSync(join(path, `clip ${file}.wav`), "x")
    }
    const self = (mode) => [fileURLToPath(import.meta.url), mode, inbox, join(base, "state")]
    spawnSync(process.execPath, self("record"), { stdio: "inherit" })
    const child = spawn(process.execPath, self("watch"), { stdio: ["pipe", "pipe", "inherit"] })
    // A process that does nothing: how long the machine itself lets one wait.
    const peerless = spawn(process.execPath, self("idle"), { stdio: ["pipe", "pipe", "inherit"] })
    const heard = []
    let rest = ""
    child.stdout.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) heard.push(JSON.parse(line))
    })
    const until = async (isSo) => {
      for (;;) {
        const found = heard.find(isSo)
        if (found !== undefined) return found
        if (child.exitCode !== null) throw new Error("the watcher ended")
        await pause(20)
      }
    }
    const ask = async () => {
      heard.length = 0
      child.stdin.write("?\n")
      return until(({ done }) => done !== undefined)
    }
    const first = await until(({ _tag }) => _tag === "FolderScanned")
    await pause(8_000)
    child.stdin.write("reset\n")
    console.log(`${files} files in ${folders} folders: scanned in ${first.milliseconds.toFixed(0)} ms`)

    // One file at a time, written in two steps; from the end of the last write to the start of work.
    const written = new Map()
    for (let i = 0; i < 20; i++) {
      const path = join(inbox, `shelf ${i}`, `latecomer ${i}.wav`)
      // Another content each: the same one twice is one piece of work.
      writeFileSync(path, "one")
      await pause(50)
      appendFileSync(path, ` two ${i}`)
      written.set(path, performance.timeOrigin + performance.now())
      await pause(100)
    }
    await pause(SETTLE_MILLIS + 1_500)
    const quiet = await ask()
    const idle = await new Promise((resolve) => {
      let said = ""
      peerless.stdout.on("data", (chunk) => (said += chunk)).on("end", () => resolve(JSON.parse(said)))
      peerless.stdin.end()
    })
    const late = [...written].map(([path, at]) => (quiet.started[path] ?? Infinity) - at)
    console.log(
      `from the last write to the start of work: median ${median(late).toFixed(0)} ms, longest ${Math.max(...late).toFixed(0)} ms`
    )

    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "plain", inbox], {
      encoding: "utf8"
    })
    const peer = status === 0 ? JSON.parse(stdout) : (console.log(stderr), undefined)
    const met = [
      figure({
        name: "settle time and 100 ms, slowest of 20 files",
        ratio: Math.max(...late) / (SETTLE_MILLIS + 100),
        atMost: 1
      }),
      figure({
        name: "peak memory, of 250 MB",
        ratio: quiet.rss / 250,
        atMost: 1,
        detail: `${quiet.rss.toFixed(0)} MB`
      }),
      figure({
        name: "longest stop of the event loop, of 50 ms",
        ratio: quiet.longest / 50,
        atMost: 1,
        detail: `${quiet.longest.toFixed(0)} ms, p99 ${quiet.p99.toFixed(1)} ms; an idle process beside it: ${idle.longest.toFixed(0)} ms`
      })
    ]
    if (peer !== undefined)
      figure({
        name: "peak memory, against plain chokidar",
        ratio: quiet.rss / peer.rss,
        detail: `${peer.rss.toFixed(0)} MB, ready in ${peer.millis.toFixed(0)} ms`
      })

    // Everything at once, while the watcher's event loop stands still.
    child.stdin.write("block\n")
    for (let i = 0; i < burst; i++) {
      const folder = join(inbox, `burst ${i % 400}`)
      if (i < 400) mkdirSync(folder)
      writeFileSync(join(folder, `${i}.wav`), `burst ${i}`)
    }
    const begin = performance.now()
    let now = await ask()
    while (now.done < burst + 20 && performance.now() - begin < 240_000) {
      await pause(1_000)
      now = await ask()
    }
    met.push(
      figure({
        name: `started of ${burst} files that landed at once`,
        ratio: (now.done - 20) / burst,
        atLeast: 1,
        detail: `after ${((performance.now() - begin) / 1_000).toFixed(0)} s, peak ${now.rss.toFixed(0)} MB`
      })
    )
    child.stdin.write("drain\n")
    await new Promise((resolve) => child.on("exit", resolve))
    process.exitCode = met.every(Boolean) ? 0 : 1
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
