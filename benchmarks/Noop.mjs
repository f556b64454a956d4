// Five stages that do nothing, over items that nobody has to read: what is left is the engine itself.
import { Effect, Layer, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { fileURLToPath, pathToFileURL } from "node:url"

const dist = (module) => pathToFileURL(fileURLToPath(new URL(`../packages/core/dist/${module}.js`, import.meta.url))).href
const core = (module) => import(dist(module))

export const STAGES = 5
export const text = (stage, item) => `stage ${stage} has nothing to say of ${item}`
export const contentHash = (item) => createHash("sha256").update(String(item)).digest("hex")
export const path = (item) => `/inbox/box ${item % 1000}/clip ${item}.wav`

/** @param edited the place of a stage whose config is another */
export const makePlan = async (edited) => {
  const { Location } = await core("stage/FileRef")
  const Stage = await core("stage/Stage")
  const Failure = await core("stage/Failure")
  const { Duration } = await import("effect")
  class NoopError extends Failure.Class()("NoopError", { Never: { retry: "never", help: "It doesn't happen." } }) {}
  const kinds = Array.from(
    { length: STAGES },
    (_, i) =>
      class extends Schema.TaggedClass(`Noop${i}`)(`Noop${i}`, {
        hash: Schema.String,
        text: Schema.String,
        seconds: Schema.Number,
        channels: Schema.Int
      }) {}
  )
  const stages = kinds.map((Kind, i) =>
    Stage.make({
      name: `noop-${i}`,
      version: 1,
      summary: "Does nothing",
      // A file that nobody has to read: what is given is its name.
      input: { before: i === 0 ? Location : kinds[i - 1] },
      output: Kind,
      config: Schema.Struct({}),
      error: NoopError,
      run: ({ before }) => {
        const hash = before.hash ?? before.relativePath
        return Effect.succeed(new Kind({ hash, text: text(i, hash), seconds: 2.5, channels: 2 }))
      }
    })
  )
  return {
    pipeline: "noop",
    source: undefined,
    nodes: stages.map((stage, i) => ({
      name: stage.name,
      stage,
      config: {},
      identity: i === edited ? { edited: true } : {},
      inputs: { before: [i === 0 ? "source" : stages[i - 1].name] },
      retry: { times: 2, delay: Duration.seconds(1), factor: 2, maxDelay: Duration.seconds(60) },
      timeout: undefined,
      concurrency: undefined
    }))
  }
}

/**
 * So many items, as a look through their folder tells of them: `new`, `unfinished` or `unchanged`.
 *
 * @param rowOf the rows of items that are known, by content hash: a scan gives them, and no hash
 */
export const arrivalsOf = (count, status = "new", rowOf = undefined) =>
  Stream.iterate(0, (start) => start + 1_000).pipe(
    Stream.takeWhile((start) => start < count),
    Stream.map((start) => {
      const size = Math.min(1_000, count - start)
      return status === "unchanged"
        ? { _tag: "Unchanged", count: size }
        : {
            _tag: "Found",
            files: Array.from({ length: size }, (_, i) => ({
              path: path(start + i),
              relativePath: path(start + i).slice(7),
              dev: 1n,
              ino: BigInt(start + i),
              size: 1000n,
              mtimeNs: 1_700_000_000_000_000_000n,
              ctimeNs: 1_700_000_000_000_000_000n,
              status,
              item: rowOf?.get(contentHash(start + i)),
              contentHash: rowOf === undefined ? contentHash(start + i) : undefined
            }))
          }
    })
  )

/**
 * Runs so many items through the engine; says how long it took, how the event loop fared, and the peak of memory.
 *
 * @param hear is told all events, where it is given
 * @param edited the place of a stage whose config is another
 */
export const engine = async (state, count, hear, edited) => {
  const { Runner } = await core("runner/Runner")
  const Store = await core("store/Store")
  const plan = await makePlan(edited)
  const program = Effect.gen(function* () {
    const runner = yield* Runner
    const ready = yield* runner.prepare(plan)
    const loop = monitorEventLoopDelay({ resolution: 5 })
    loop.enable()
    const began = performance.now()
    if (hear !== undefined) yield* Effect.forkScoped(Stream.runForEach(runner.events, (event) => Effect.sync(() => hear(event))))
    const summary = yield* runner.run(ready, arrivalsOf(count))
    const millis = performance.now() - began
    loop.disable()
    return {
      millis,
      done: summary.items.done,
      ran: Object.values(summary.stages).reduce((sum, { ran }) => sum + ran, 0),
      loopP99: loop.percentile(99) / 1e6,
      loopMax: loop.max / 1e6,
      rss: process.resourceUsage().maxRSS / 1024
    }
  })
  return Effect.runPromise(Effect.provide(Effect.scoped(program), Runner.layer.pipe(Layer.provideMerge(Store.layer(state)))))
}

/** What a careful person writes by hand: the same tables, look-ups, hashes and rows, a transaction for a thousand items. */
export const handwritten = async (state, count) => {
  const { default: Sqlite } = await import(
    pathToFileURL(fileURLToPath(new URL("../packages/core/node_modules/better-sqlite3/lib/index.js", import.meta.url))).href
  )
  const { schema1 } = await core("store/Schema1")
  const { hash } = await import("node:crypto")
  const { mkdirSync } = await import("node:fs")
  mkdirSync(state, { recursive: true })
  const db = new Sqlite(`${state}/spool.db`)
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = FULL")
  db.pragma("foreign_keys = ON")
  db.pragma("cache_size = -16384")
  db.exec(schema1)
  db.prepare(
    "INSERT INTO plan (id, pipeline, fingerprint, description, reads_location, made_at) VALUES (1, 'noop', 'f', '{}', 0, 0)"
  ).run()
  for (let i = 1; i <= STAGES; i++)
    db.prepare("INSERT INTO recipe (id, digest, stage, version, preimage) VALUES (?, ?, ?, 1, '{}')").run(
      i,
      `d${i}`,
      `noop-${i - 1}`
    )
  const knownItem = db.prepare("SELECT id FROM item WHERE path = ? AND gone_at = 0")
  const putItem = db.prepare(
    "INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
  )
  const known = db.prepare("SELECT outcome, value, digest FROM ledger WHERE key = ?")
  const put = db.prepare(
    "INSERT INTO ledger (key, recipe, inputs, outcome, value, digest, artifacts, made_at) VALUES (?, ?, ?, 'value', ?, ?, 0, ?)"
  )
  const attempt = db.prepare(
    "INSERT INTO attempt (run, item, node, key, try, outcome, started_at, milliseconds, input_tokens, output_tokens) VALUES (1, ?, ?, ?, 1, 'ran', ?, ?, 0, 0)"
  )
  const end = db.prepare("INSERT INTO item_state (item, pipeline, plan, state, settled_at) VALUES (?, 'noop', 1, 'done', ?)")
  const began = performance.now()
  let ran = 0
  for (let start = 0; start < count; start += 1_000) {
    db.exec("BEGIN IMMEDIATE")
    for (let item = start; item < Math.min(count, start + 1_000); item++) {
      const bytes = Buffer.from(path(item))
      if (knownItem.get(bytes) !== undefined) continue
      const content = contentHash(item)
      const id = putItem.run(
        bytes,
        1n,
        BigInt(item),
        1000n,
        1_700_000_000_000_000_000n,
        1_700_000_000_000_000_000n,
        content,
        Date.now()
      ).lastInsertRowid
      let before = hash("sha256", JSON.stringify({ _tag: "Original", hash: content }), "base64url")
      for (let i = 0; i < STAGES; i++) {
        const inputs = `"before":"${before}"`
        const key = hash("sha256", `{"config":{},"extras":{},"inputs":{${inputs}},"stage":"noop-${i}","version":1}`, "base64url")
        if (known.get(key) !== undefined) continue
        const at = performance.now()
        const value = JSON.stringify({ hash: content, text: text(i, content), seconds: 2.5, channels: 2, _tag: `Noop${i}` })
        before = hash("sha256", value, "base64url")
        put.run(key, i + 1, inputs, value, before, Date.now())
        attempt.run(id, `noop-${i}`, key, Date.now(), performance.now() - at)
        ran++
      }
      end.run(id, Date.now())
    }
    db.exec("COMMIT")
  }
  const millis = performance.now() - began
  db.close()
  return { millis, ran, rss: process.resourceUsage().maxRSS / 1024 }
}
