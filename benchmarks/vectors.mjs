// The nearest of many vectors: the library's query against sqlite-vec's bare scan of the same vectors, in the same process, and how
// many of the 20 nearest it finds. Vectors of 384 numbers lie around 2,000 centres, as those of texts and sounds lie in groups.
//   node benchmarks/vectors.mjs [vectors] [rounds] [folder]    the folder is kept, and used again: a million take minutes to write
import { Store } from "@mediaspool/core"
import { libraryMigrations, Likeness, VectorIndex } from "@mediaspool/plugins"
import { Effect, Layer, ManagedRuntime } from "effect"
import { createRequire } from "node:module"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { figure, median } from "./Figure.mjs"

const require = createRequire(new URL("../packages/plugins/package.json", import.meta.url))
const Sqlite = require("better-sqlite3")
const sqliteVec = require("sqlite-vec")

const count = Number(process.argv[2] ?? 100_000)
const rounds = Number(process.argv[3] ?? 9)
const DIMENSIONS = 384
const CENTRES = 2000
const MODEL = "synthetic@1"

/** Numbers from 0 to 1, the same every time. */
const random = (() => {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
})()
const normal = () => random() + random() + random() + random() - 2
const scaled = (numbers) => {
  const length = Math.hypot(...numbers)
  return Float32Array.from(numbers, (number) => number / length)
}
const centres = Array.from({ length: CENTRES }, () => Float32Array.from({ length: DIMENSIONS }, normal))
/** Noise that vectors take their parts of: drawing each number anew would take minutes for a million. */
const noise = Float32Array.from({ length: 4_000_037 }, normal)
const vector = () => {
  const centre = centres[Math.floor(random() * CENTRES)]
  const from = Math.floor(random() * (noise.length - DIMENSIONS))
  return scaled(centre.map((number, n) => number + 0.6 * noise[from + n]))
}
const bytes = (numbers) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)

const kept = process.argv[4]
const folder = kept ?? mkdtempSync(join(tmpdir(), "mediaspool-vectors-"))
const isThere = existsSync(join(folder, "written"))
const migrations = [{ plugin: "library", migrations: libraryMigrations }]
const runtime = ManagedRuntime.make(Layer.merge(Store.layer(folder, migrations), VectorIndex.layer(join(folder, "vectors.db"))))
try {
  await runtime.runPromise(Effect.void)
  const library = new Sqlite(join(folder, "spool.db"))
  const bare = new Sqlite(join(folder, "bare.db"))
  sqliteVec.load(bare)
  bare.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS bare USING vec0(id INTEGER PRIMARY KEY, floats float[${DIMENSIONS}])`)
  const file = library.prepare(
    `INSERT INTO media (id, content_hash, path, media_type, size_bytes, added_at, changed_at)
     VALUES (?, ?, ?, 'audio/wav', 1, '2026-01-01', '2026-01-01')`
  )
  const stored = library.prepare(
    `INSERT INTO vector (media_id, pipeline, node, model, provider, dimensions, data) VALUES (?, 'p', 'n', '${MODEL}', 'x', ${DIMENSIONS}, ?)`
  )
  const scanned = bare.prepare("INSERT INTO bare (id, floats) VALUES (?, ?)")
  for (let from = 0; from < count && !isThere; from += 10_000) {
    library.exec("BEGIN")
    bare.exec("BEGIN")
    for (let n = from + 1; n <= Math.min(count, from + 10_000); n++) {
      const data = bytes(vector())
      file.run(n, `hash ${n}`, `/sounds/${n}.wav`)
      stored.run(n, data)
      scanned.run(BigInt(n), data)
    }
    library.exec("COMMIT")
    bare.exec("COMMIT")
  }
  library.close()
  writeFileSync(join(folder, "written"), "")

  /** What a page of `--like` shows, and what `--meaning` mixes with the words' files. */
  const SHOWN = 20
  const MIXED = 200
  const scan = bare.prepare(`SELECT id FROM bare WHERE floats MATCH ? AND k = ${SHOWN}`).pluck()
  const nearest = (question, limit) => runtime.runPromise(Likeness.nearest(question, MODEL, "", { hint: "", limit }))
  const began = performance.now()
  await nearest(vector(), SHOWN)
  const built = (performance.now() - began) / 1000
  scan.all(bytes(vector()))
  const times = { like: [], meaning: [], bare: [] }
  const timed = async (name, use) => {
    const [at, before] = [performance.now(), process.cpuUsage()]
    const result = await use()
    const { system, user } = process.cpuUsage(before)
    times[name].push({ wall: performance.now() - at, processor: (system + user) / 1000 })
    return result
  }
  const found = { like: 0, meaning: 0 }
  for (let round = 0; round < rounds; round++) {
    const question = vector()
    const exact = new Set(await timed("bare", () => scan.all(bytes(question))))
    for (const [name, limit] of Object.entries({ like: SHOWN, meaning: MIXED })) {
      const { near } = await timed(name, () => nearest(question, limit))
      found[name] += near.slice(0, SHOWN).filter(({ mediaId }) => exact.has(mediaId)).length
    }
  }
  console.log(`${count} vectors of ${DIMENSIONS}; the index is ready after ${built.toFixed(1)} s`)
  const middle = (name, what) => median(times[name].map((time) => time[what]))
  const met = ["like", "meaning"].flatMap((name) => [
    figure({
      name: `the query of \`--${name}\`, against a bare float scan, in processor time`,
      ratio: middle(name, "processor") / middle("bare", "processor"),
      atMost: count >= 200_000 ? 0.25 : 1.3,
      detail: `${middle(name, "processor").toFixed(0)} ms, ${middle("bare", "processor").toFixed(0)} ms; by the clock ${middle(name, "wall").toFixed(0)}, ${middle("bare", "wall").toFixed(0)}`
    }),
    figure({ name: `recall of the ${SHOWN} nearest`, ratio: found[name] / (SHOWN * rounds), atLeast: 0.95 })
  ])
  process.exitCode = met.every(Boolean) ? 0 : 1
  bare.close()
} finally {
  await runtime.dispose()
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
