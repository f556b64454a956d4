// A library of a million captions: searches in the process and as a whole command, facets, and exports, each against the bare SQL,
// command or library that gives the same in the same run.
//   node benchmarks/library.mjs [captions] [rounds]
//   node benchmarks/library.mjs searches|commands|facets|exports HOME    one part, of a library that is there: it has been made by
//                                                                        `makeLibrary`, and a spool.yaml lies beside its state folder
import { Store } from "@mediaspool/core"
import { libraryMigrations, Search } from "@mediaspool/plugins"
import { createRequire } from "node:module"
import { ManagedRuntime } from "effect"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"
import { makeLibrary } from "./MillionCaptions.mjs"

/** The driver that the store uses. */
const Sqlite = createRequire(new URL("../packages/core/package.json", import.meta.url))("better-sqlite3")

const count = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 3) || 3
const spool = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))

const folder = (name) => {
  const path = mkdtempSync(join(tmpdir(), `mediaspool-${name}-`))
  writeFileSync(join(path, "spool.yaml"), "pipelines: { sounds: { source: { folder: ./in }, stages: { persist: {} } } }\n")
  return path
}

const texts =
  'rain|storm|piano|door wood|rain piano|thunder|bell|market|church|rain storm wind|pian*|thun*|vio*|sea wave|dog cat|night rain|"rain storm"|"quiet loud"|laughter|plane ship|engine traffic|bird forest|river|glass metal|footsteps|hall OR church|rain OR market|storm -rain|horse train|city street'.split(
    "|"
  )
const labels = [
  ["sad", "piano"],
  ["calm", "guitar"],
  ["happy", "drums"],
  ["tense", "violin"],
  ["angry", "trumpet"],
  ["neutral", "flute"],
  ["sad", "voice"],
  ["calm", "piano"],
  ["happy", "synthesizer"],
  ["sad", "trumpet"]
]

const percentile = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))]

const milliseconds = async (work) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** The median of some rounds, after one that warms. */
const timed = async (work) => {
  await work()
  const times = []
  for (let i = 0; i < rounds; i++) times.push(await milliseconds(work))
  return median(times)
}

const CAPTION = "pipeline node kind text model provider language start_seconds end_seconds"
const TAG = "pipeline node vocabulary vocabulary_version label raw confidence evidence start_seconds end_seconds model"
const list = (table, columns) =>
  `(SELECT json_group_array(json_object(${columns
    .split(" ")
    .map((name) => `'${name}', ${name}`)
    .join(", ")})) FROM ${table} WHERE media_id = media.id)`
const EXPORTED = `SELECT media.*, ${list("caption", CAPTION)} AS captions, ${list("tag", TAG)} AS tags FROM media`

/** A program's processor time in seconds, and its largest memory in MB: what GNU time says. */
const measured = (program, args) => {
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%U %S %M", program, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(stderr)
  const [user, system, kilobytes] = stderr.trim().split("\n").at(-1).split(" ").map(Number)
  return { seconds: user + system, megabytes: kilobytes / 1024 }
}

/** hyparquet-writer over the same rows, which are in memory already: processor time. */
const parquetAlone = async (bare) => {
  const entry = createRequire(new URL("../packages/plugins/package.json", import.meta.url)).resolve("hyparquet-writer")
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import(entry)
  const types = { INTEGER: "INT64", REAL: "DOUBLE" }
  const columns = [
    ...bare.prepare("SELECT name, type FROM pragma_table_info('media')").all(),
    { name: "captions", type: "TEXT" },
    { name: "tags", type: "TEXT" }
  ].map(({ name, type }) => ({ name, type: types[type] ?? "STRING", nullable: true }))
  const writer = new ByteWriter()
  const schema = schemaFromColumnData({ columnData: columns.map((column) => ({ ...column, data: [] })) })
  const parquet = new ParquetWriter({ writer, schema })
  const page = bare.prepare(`${EXPORTED} WHERE id > ? ORDER BY id LIMIT 5000`)
  let seconds = 0
  for (let after = 0; ;) {
    const rows = page.all(after)
    if (rows.length === 0) return seconds
    after = rows.at(-1).id
    const columnData = columns.map(({ name, nullable, type }) => ({
      name,
      nullable,
      type,
      data: rows.map((row) => (row[name] === null ? undefined : type === "INT64" ? BigInt(row[name]) : row[name]))
    }))
    const before = process.cpuUsage()
    parquet.write({ columnData, rowGroupSize: 5000 })
    writer.index = 0
    const { system, user } = process.cpuUsage(before)
    seconds += (user + system) / 1e6
  }
}

/** Exports by the command, each against who writes the same rows alone. */
const exports = async (home, bare) => {
  const exported = (as, query = "") =>
    measured(process.execPath, [
      spool,
      "export",
      query,
      "--as",
      as,
      "--to",
      join(home, `out.${as}`),
      "--overwrite",
      "--config",
      join(home, "spool.yaml")
    ])
  const start = exported("jsonl", "x1 x2").seconds
  const jsonl = exported("jsonl")
  const shell = measured("sqlite3", ["-json", join(home, ".spool", "spool.db"), EXPORTED])
  figure({
    name: "export as JSONL, its speed against sqlite3 -json, processor time without the command's start",
    ratio: shell.seconds / (jsonl.seconds - start),
    atLeast: 0.5,
    detail: `${(jsonl.seconds - start).toFixed(1)} s, sqlite3 ${shell.seconds.toFixed(1)} s`
  })
  const parquet = exported("parquet")
  const alone = await parquetAlone(bare)
  figure({
    name: "export as Parquet, against hyparquet-writer alone over rows in memory, processor time without the command's start",
    ratio: (parquet.seconds - start) / alone,
    atMost: 1.3,
    detail: `${(parquet.seconds - start).toFixed(1)} s, the writer ${alone.toFixed(1)} s`
  })
  for (const [as, { megabytes }] of Object.entries({ jsonl, parquet }))
    figure({
      name: `memory of an export as ${as}, against 200 MB`,
      ratio: megabytes / 200,
      atMost: 1,
      detail: `${megabytes.toFixed(0)} MB`
    })
  const { DuckDBInstance } = await import(
    createRequire(new URL("../packages/plugins/package.json", import.meta.url)).resolve("@duckdb/node-api")
  )
  const duckdb = await (await DuckDBInstance.create(":memory:")).connect()
  const sums = async (file) =>
    (
      await duckdb.runAndReadAll(
        `SELECT count(*), sum(id), sum(duration_seconds), sum(length(captions::VARCHAR)), count(DISTINCT content_hash) FROM ${file}`
      )
    ).getRowsJson()
  const read = await sums(`read_parquet('${join(home, "out.parquet")}')`)
  const [count, ids, seconds] = bare.prepare("SELECT count(*), sum(id), sum(duration_seconds) FROM media").raw().get()
  const isEqual =
    Number(read[0][0]) === count && Number(read[0][1]) === ids && Math.abs(Number(read[0][2]) - seconds) < 1e-6 * seconds
  console.log(`       DuckDB reads the Parquet file: ${isEqual ? "the same rows" : `OTHER ROWS ${JSON.stringify(read)}`}`)
}

const openBare = (home) => new Sqlite(join(home, ".spool", "spool.db"), { readonly: true })

const openLibrary = (home) =>
  ManagedRuntime.make(Store.layerReading(join(home, ".spool"), [{ plugin: "library", migrations: libraryMigrations }]))

/** Of each query, what is typed and the bare SQL for the same ids and their number. */
const queriesOf = (bare) => {
  const weights = Search.WEIGHTS
  const total = bare.prepare("SELECT count(*) FROM search WHERE search MATCH ?").pluck()
  const ranked = bare.prepare(`SELECT rowid FROM search WHERE search MATCH ? ORDER BY bm25(search, ${weights}) LIMIT 20`)
  const among = bare.prepare(
    `SELECT id FROM (SELECT rowid AS id, bm25(search, ${weights}) AS rank FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ${Search.RANKED}) ORDER BY rank LIMIT 20`
  )
  const both =
    "SELECT media_id FROM tag WHERE vocabulary = 'emotion' AND label = ? INTERSECT SELECT media_id FROM tag WHERE vocabulary = 'instruments' AND label = ?"
  const bothTotal = bare.prepare(`SELECT count(*) FROM (${both})`).pluck()
  const bothTop = bare.prepare(`SELECT id FROM media WHERE id IN (${both}) ORDER BY path LIMIT 20`)
  // What the same words are in FTS5's own language.
  const fts = (text) =>
    text
      .replace(/ -(\w+)/g, " NOT $1")
      .split(" ")
      .join(" ")
  return [
    ...texts.map((text) => ({
      typed: text,
      peer: () => {
        const found = total.get(fts(text))
        return (found > Search.RANKED ? among : ranked).all(fts(text))
      }
    })),
    ...labels.map(([emotion, instrument]) => ({
      typed: `emotion:${emotion} instrument:${instrument}`,
      peer: () => [bothTotal.get(emotion, instrument), bothTop.all(emotion, instrument)]
    }))
  ]
}

/** Searches in the process. */
const searches = async (home) => {
  const [bare, runtime] = [openBare(home), openLibrary(home)]
  const ours = []
  const peers = []
  for (const { peer, typed } of queriesOf(bare)) {
    ours.push(await timed(() => runtime.runPromise(Search.search(typed))))
    peers.push(await timed(async () => peer()))
  }
  const [p95, peer95] = [percentile(ours, 0.95), percentile(peers, 0.95)]
  figure({
    name: `p95 of ${ours.length} searches`,
    ratio: p95 / peer95,
    atMost: 2,
    detail: `${p95.toFixed(0)} ms, bare SQL ${peer95.toFixed(0)} ms; medians ${median(ours).toFixed(0)} and ${median(peers).toFixed(0)}`
  })

  bare.close()
  await runtime.dispose()
}

/** The whole command, against the same over a library of a hundred. */
const commands = async (large, small) => {
  const queries = queriesOf(openBare(large))
  const command = (home, typed) =>
    milliseconds(async () => spawnSync(process.execPath, [spool, "search", typed, "--json"], { cwd: home }))
  const whole = { large: [], small: [] }
  for (const { typed } of queries) {
    whole.large.push(await command(large, typed))
    whole.small.push(await command(small, typed))
  }
  const [large95, small95] = [percentile(whole.large, 0.95), percentile(whole.small, 0.95)]
  figure({
    name: "p95 of `spool search`, a whole command",
    ratio: large95 / small95,
    atMost: 3,
    detail: `${large95.toFixed(0)} ms, over 100 files ${small95.toFixed(0)} ms`
  })
}

/** Facets of a query, and of the whole library. */
const facetCounts = async (home) => {
  const [bare, runtime] = [openBare(home), openLibrary(home)]
  const facets = await timed(() => runtime.runPromise(Search.facetsOf("emotion:sad rain")))
  const facetPeer = bare.prepare(
    `SELECT vocabulary, label, count(DISTINCT media_id) FROM tag WHERE media_id IN (SELECT rowid FROM search WHERE search MATCH 'rain'
     AND +rowid IN (SELECT media_id FROM tag WHERE vocabulary = 'emotion' AND label = 'sad')) GROUP BY vocabulary, label`
  )
  const bareFacets = await timed(async () => facetPeer.all())
  figure({
    name: "facets of a query",
    ratio: facets / bareFacets,
    atMost: 2,
    detail: `${facets.toFixed(0)} ms, bare SQL ${bareFacets.toFixed(0)} ms`
  })
  const kept = await timed(() => runtime.runPromise(Search.facets))
  console.log(`       facets of the whole library: ${kept.toFixed(1)} ms, kept up to date and not counted`)

  bare.close()
  await runtime.dispose()
}

const withSmall = async (work) => {
  const small = folder("hundred")
  try {
    await makeLibrary(join(small, ".spool"), 100)
    await work(small)
  } finally {
    rmSync(small, { recursive: true, force: true })
  }
}

const parts = {
  searches,
  commands: (home) => withSmall((small) => commands(home, small)),
  facets: facetCounts,
  exports: (home) => exports(home, openBare(home))
}

const part = parts[process.argv[2]]
if (part !== undefined) {
  await part(process.argv[3])
} else {
  const home = folder("million")
  try {
    const made = await milliseconds(() => makeLibrary(join(home, ".spool"), count))
    console.log(`A library of ${count} captions was made in ${Math.round(made / 1000)} s.`)
    for (const part of Object.values(parts)) await part(home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
