// What the page costs: a library of a million files against one of a hundred, search against the bare index, scrolling against an
// empty page, and a run that is watched against one that isn't. Ratios of the same run of this file.
//   node benchmarks/page.mjs [files] [pairs]
// A million files take minutes to write: with LIBRARY=FOLDER they are written there once, and used again; `pairs` 0 only writes them.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { figure, median } from "./Figure.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
/** The driver is the store's own. */
const Sqlite = createRequire(join(root, "packages/core/package.json"))("better-sqlite3")
const spool = join(root, "packages/cli/bin/spool.js")
const browserPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"
const FILES = Number(process.argv[2] ?? 1_000_000)
const PAIRS = Number(process.argv[3] ?? 20)

/** The large library, where it is kept. */
const kept = process.env.LIBRARY
const large = () => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), "mediaspool-page-large-"))
  if (existsSync(join(folder, ".spool", "filled"))) return folder
  folderOf("large", folder)
  fill(folder, FILES)
  writeFileSync(join(folder, ".spool", "filled"), "")
  return folder
}

if (!existsSync(browserPath)) {
  console.log(`SKIPPED: there is no Chromium at ${browserPath} (Debian: apt install chromium).`)
  process.exit(0)
}
const { chromium } = createRequire(join(root, "packages/page/package.json"))("playwright-core")

const words =
  "rain thunder kettle lake forest bird voice piano guitar drum wind water street night engine crowd bell door step song".split(
    " "
  )
const labels = ["calm", "neutral", "tense", "sad", "happy"]
const hash = (i) => createHash("sha256").update(String(i)).digest("hex")

const folderOf = (name, folder = mkdtempSync(join(tmpdir(), `mediaspool-page-${name}-`))) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, "spool.yaml"),
    "pipelines:\n  sounds:\n    source: { folder: ./sounds }\n    stages: { probe: {}, acoustic: {}, describe: {}, persist: {} }\n"
  )
  spawnSync(process.execPath, [spool, "samples", "tone", "--into", "sounds"], { cwd: folder })
  const { status, stderr } = spawnSync(process.execPath, [spool, "run"], { cwd: folder, encoding: "utf8" })
  if (status !== 0) throw new Error(`spool run ended with ${status}: ${stderr}`)
  return folder
}

/** Rows as 'persist' leaves them, written in one go. */
const fill = (folder, count) => {
  const database = new Sqlite(join(folder, ".spool", "spool.db"))
  database.pragma("journal_mode = WAL")
  const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
  const media = database.prepare(
    `INSERT INTO media (content_hash, path, size_bytes, media_type, duration_seconds, sample_rate, channels, container, audio_codec, added_at, changed_at)
     VALUES (?, ?, 1000, 'audio/wav', ?, 48000, 2, 'wav', 'pcm_s16le', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`
  )
  const caption = database.prepare(
    "INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (?, 'sounds', 'describe', 'Caption', ?, 'm', 'p')"
  )
  const tag = database.prepare(
    "INSERT INTO tag (media_id, pipeline, node, vocabulary, label, raw, confidence, model, provider) VALUES (?, 'sounds', 'mood', 'mood', ?, ?, 0.9, 'm', 'p')"
  )
  const search = database.prepare("INSERT INTO search (rowid, name, caption, tag) VALUES (?, ?, ?, ?)")
  const wave = Buffer.from(Array.from({ length: 200 }, (_, i) => 60 + ((i * 37) % 190)))
  database.exec(
    "CREATE TABLE IF NOT EXISTS waveform_peaks (content_hash TEXT PRIMARY KEY, peaks BLOB) STRICT, WITHOUT ROWID; INSERT OR IGNORE INTO migration VALUES ('page', 1, 0)"
  )
  const peaks = database.prepare("INSERT OR REPLACE INTO waveform_peaks (content_hash, peaks) VALUES (?, ?)")
  database.exec("BEGIN")
  for (let i = 1; i <= count; i++) {
    const said = Array.from({ length: 12 }, (_, k) => words[(i * (k + 3) + k * k + (i >> 5)) % words.length]).join(" ")
    const label = labels[i % labels.length]
    const content = hash(i)
    const { lastInsertRowid } = media.run(content, `/library/box ${i % 500}/clip ${i}.wav`, (i % 900) + 1)
    caption.run(lastInsertRowid, said)
    tag.run(lastInsertRowid, label, label)
    search.run(lastInsertRowid, `clip ${i}`, said, label)
    if (i > count - 2_000) peaks.run(content, wave)
  }
  database.exec(
    "DELETE FROM facet; INSERT INTO facet SELECT vocabulary, label, count(DISTINCT media_id) FROM tag GROUP BY vocabulary, label"
  )
  database.exec("COMMIT")
  for (const { sql } of triggers) database.exec(sql)
  database.exec("ANALYZE")
  database.close()
}

const serve = (folder) =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(process.execPath, [spool, "serve", "--port", "0", "--json"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"]
    })
    let said = ""
    child.stdout.on("data", (part) => {
      said += part
      if (said.includes("\n")) resolve({ child, link: JSON.parse(said.split("\n")[0]).url, millis: performance.now() - began })
    })
    child.on("exit", (code) => reject(new Error(`spool serve ended with ${code}`)))
  })
const stop = (child) =>
  new Promise((resolve) => {
    child.once("exit", resolve)
    child.kill("SIGTERM")
  })

const signIn = async (link) => {
  const { origin, searchParams } = new URL(link)
  const answer = await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ code: searchParams.get("code") })
  })
  return { origin, cookie: answer.headers.get("set-cookie").split(";")[0] }
}

/** Milliseconds of processor time that a process has used. */
const cpu = (pid) => {
  const parts = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")
  return (Number(parts[11]) + Number(parts[12])) * 10
}
const memory = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024

if (PAIRS === 0) {
  large()
  process.exit(0)
}
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-background-networking"] })
const met = []
const folders = []
try {
  const small = folderOf("small")
  const library = large()
  folders.push(small, ...(kept === undefined ? [library] : []))
  fill(small, 100)

  // From navigation to painted rows.
  const painted = async ({ cookie, origin }) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const [name, value] = cookie.split("=")
    await context.addCookies([{ name, value, url: origin }])
    const page = await context.newPage()
    const times = []
    for (let round = 0; round < 9; round++) {
      await page.goto("about:blank")
      const began = performance.now()
      await page.goto(`${origin}/`, { waitUntil: "commit" })
      await page.locator(".row .name").first().waitFor()
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
      if (round > 0) times.push(performance.now() - began)
    }
    return { context, page, millis: median(times) }
  }
  const few = await serve(small)
  const many = await serve(library)
  const fewSession = await signIn(few.link)
  const manySession = await signIn(many.link)
  const a = await painted(fewSession)
  const b = await painted(manySession)
  met.push(
    figure({
      name: `navigation to painted rows, ${FILES.toLocaleString("en")} files against 100`,
      ratio: b.millis / a.millis,
      atMost: 1.5,
      detail: `${b.millis.toFixed(0)} ms, ${a.millis.toFixed(0)} ms`
    })
  )

  // Search as one types, against the index alone in the same process of this benchmark.
  const bare = new Sqlite(join(library, ".spool", "spool.db"), { readonly: true })
  const bareQuery = bare.prepare("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT 60")
  const ask = async (path) => {
    const answer = await fetch(manySession.origin + path, { headers: { cookie: manySession.cookie } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  await ask("/api/facets?q=")
  const typed = words.flatMap((word, i) => [word.slice(0, 3), word, `${word} ${words[(i + 7) % words.length]}`])
  const times = { bare: [], page: [] }
  for (const query of typed) {
    const match = query
      .split(" ")
      .map((word, i, all) => (i === all.length - 1 && word.length === 3 ? `"${word}"*` : `"${word}"`))
      .join(" ")
    let began = performance.now()
    bareQuery.all(match)
    times.bare.push(performance.now() - began)
    const text = query.length === 3 ? `${query}*` : query
    began = performance.now()
    await Promise.all([ask(`/api/rows?limit=60&q=${encodeURIComponent(text)}`), ask(`/api/facets?q=${encodeURIComponent(text)}`)])
    times.page.push(performance.now() - began)
  }
  bare.close()
  const p95 = (numbers) => [...numbers].sort((x, y) => x - y)[Math.floor(numbers.length * 0.95)]
  met.push(
    figure({
      name: `search as one types, p95 over ${typed.length} queries, against the bare index`,
      ratio: p95(times.page) / p95(times.bare),
      atMost: 2,
      detail: `${p95(times.page).toFixed(0)} ms, ${p95(times.bare).toFixed(0)} ms`
    })
  )

  // Scrolling, against an empty page that is scrolled as fast.
  const onTime = (page, selector) =>
    page.evaluate(
      async ({ selector }) => {
        const element = document.querySelector(selector)
        const gaps = []
        let last = await new Promise(requestAnimationFrame)
        const began = last
        while (last - began < 4_000) {
          element.scrollTop += 400
          const now = await new Promise(requestAnimationFrame)
          gaps.push(now - last)
          last = now
        }
        return gaps.filter((gap) => gap <= 1.5 * (1000 / 60)).length / gaps.length
      },
      { selector }
    )
  const blank = await a.context.newPage()
  await blank.setContent(`<div class="list" style="height:700px;overflow:auto"><div style="height:12000000px"></div></div>`)
  const empty = await onTime(blank, ".list")
  const rows = await onTime(b.page, ".list")
  met.push(
    figure({
      name: "frames on time, scrolling 400 px a frame, against an empty page",
      ratio: rows / empty,
      atLeast: 0.95,
      detail: `${(rows * 100).toFixed(1)} %, ${(empty * 100).toFixed(1)} %`
    })
  )
  await stop(few.child)

  // Ten windows that listen and read, for the memory.
  const windows = Array.from({ length: 10 }, () => {
    const abort = new AbortController()
    fetch(`${manySession.origin}/api/events`, { headers: { cookie: manySession.cookie }, signal: abort.signal })
      .then(async (answer) => {
        for await (const _ of answer.body);
      })
      .catch(() => undefined)
    return abort
  })
  for (let i = 0; i < 200; i++) await ask(`/api/rows?limit=60&offset=${(i * 5) % 400}`)
  const peak = memory(many.child.pid)
  console.log(
    `${peak <= 200 ? "met   " : "MISSED"} memory of the server with ten windows: ${peak.toFixed(0)} MB (target ≤ 200 MB)`
  )
  met.push(peak <= 200)
  for (const abort of windows) abort.abort()
  await stop(many.child)

  // A run in its own process, watched by ten windows of another, and not.
  const watched = folderOf("watched")
  folders.push(watched)
  const server = await serve(watched)
  const session = await signIn(server.link)
  const runs = { alone: [], watched: [] }
  for (let pair = 0; pair < PAIRS; pair++)
    for (const kind of pair % 2 === 0 ? ["alone", "watched"] : ["watched", "alone"]) {
      const listeners =
        kind === "alone"
          ? []
          : Array.from({ length: 10 }, () => {
              const abort = new AbortController()
              fetch(`${session.origin}/api/events`, { headers: { cookie: session.cookie }, signal: abort.signal })
                .then(async (answer) => {
                  for await (const _ of answer.body);
                })
                .catch(() => undefined)
              return abort
            })
      const child = spawn(process.execPath, [join(root, "benchmarks/NoopRun.mjs"), join(watched, ".spool"), "4000"], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      let said = ""
      child.stdout.on("data", (part) => (said += part))
      await new Promise((resolve) => child.once("exit", resolve))
      runs[kind].push(Number(said))
      for (const abort of listeners) abort.abort()
    }
  met.push(
    figure({
      name: `a run's own processor time, watched by ten windows against alone (${PAIRS} pairs)`,
      ratio: median(runs.watched.map((millis, i) => millis / runs.alone[i])),
      atMost: 1.03
    })
  )
  await stop(server.child)

  // The start, against the command that starts quickest of those that read.
  const starts = { serve: [], ls: [] }
  for (let round = 0; round < 10; round++) {
    const began = performance.now()
    spawnSync(process.execPath, [spool, "ls"], { cwd: small, stdio: "ignore" })
    starts.ls.push(performance.now() - began)
    const { child, millis } = await serve(small)
    starts.serve.push(millis)
    await stop(child)
  }
  met.push(
    figure({
      name: "start of `spool serve` to its first line, against `spool ls`",
      ratio: median(starts.serve) / median(starts.ls),
      atMost: 3,
      detail: `${median(starts.serve).toFixed(0)} ms, ${median(starts.ls).toFixed(0)} ms`
    })
  )

  const assets = join(root, "packages/server/dist/page/assets")
  const bytes = readdirSync(assets).reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0)
  console.log(`${bytes <= 150_000 ? "met   " : "MISSED"} the page: ${(bytes / 1000).toFixed(1)} kB gzipped (target ≤ 150 kB)`)
  met.push(bytes <= 150_000)
} finally {
  await browser.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
process.exitCode = met.every(Boolean) ? 0 : 1
