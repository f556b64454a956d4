// A library of a million captions: searches in the process and as a whole command, facets, and exports, each against the bare SQL,
// command or library that gives the same in the same run.
//   node benchmarks/library.mjs [captions] [rounds]
import { Store } from "@mediaspool/core"
import { Export, libraryMigrations, Search } from "@mediaspool/plugins"
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
const rounds = Number(process.argv[3] ?? 3)
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

const [large, small] = [folder("million"), folder("hundred")]
try {
  console.log(
    `A library of ${count} captions was made in ${Math.round((await milliseconds(() => makeLibrary(join(large, ".spool"), count))) / 1000)} s.`
  )
  await makeLibrary(join(small, ".spool"), 100)
  const state = join(large, ".spool")
  const runtime = ManagedRuntime.make(Store.layerReading(state, [{ plugin: "library", migrations: libraryMigrations }]))
  const bare = new Sqlite(join(state, "spool.db"), { readonly: true })
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
  const queries = [
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
  const ours = []
  const peers = []
  for (const { peer, typed } of queries) {
    ours.push(await timed(() => runtime.runPromise(Search.search(typed))))
    peers.push(await timed(async () => peer()))
  }
  const [p95, peer95] = [percentile(ours, 0.95), percentile(peers, 0.95)]
  figure({
    name: `p95 of ${queries.length} searches`,
    ratio: p95 / peer95,
    atMost: 2,
    detail: `${p95.toFixed(0)} ms, bare SQL ${peer95.toFixed(0)} ms; medians ${median(ours).toFixed(0)} and ${median(peers).toFixed(0)}`
  })

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

  const exported = async (as) => {
    const began = performance.now()
    await runtime.runPromise(Export.write("", { as, to: join(large, `out.${as}`), stateFolder: state, overwrite: true }))
    return (performance.now() - began) / 1000
  }
  const jsonl = await exported("jsonl")
  const rows = `SELECT media.*, (SELECT json_group_array(json_object('text', text, 'model', model)) FROM caption WHERE media_id = media.id) AS captions,
    (SELECT json_group_array(json_object('vocabulary', vocabulary, 'label', label)) FROM tag WHERE media_id = media.id) AS tags FROM media`
  const shell = await milliseconds(async () =>
    spawnSync("sqlite3", ["-json", join(state, "spool.db"), rows], { stdio: ["ignore", "ignore", "inherit"] })
  )
  figure({
    name: "export as JSONL, its speed against sqlite3 -json",
    ratio: shell / 1000 / jsonl,
    atLeast: 0.5,
    detail: `${jsonl.toFixed(1)} s, sqlite3 ${(shell / 1000).toFixed(1)} s`
  })
  const parquet = await exported("parquet")
  console.log(`       export as Parquet: ${parquet.toFixed(1)} s`)
  console.log(`       largest memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
  bare.close()
  await runtime.dispose()
} finally {
  for (const path of [large, small]) rmSync(path, { recursive: true, force: true })
}
