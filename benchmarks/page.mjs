// What the page costs: a library of a million files against one of a hundred, search against the bare index, scrolling against an
// empty page, and a run that is watched against one that isn't. Ratios of the same run of this file.
//   node benchmarks/page.mjs [files] [pairs] [part …]
// A million files take minutes to write: with LIBRARY=FOLDER they are written there once, and used again; `pairs` 0 only writes them.
// Parts: paint search scroll memory watched start size; all of them by default. MINUTES (10): how long the memory is watched.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { figure, median } from "./Figure.mjs"
import { fill, folderOf, largeIn, spool, Sqlite, words } from "./PageLibrary.mjs"
import { listeners, memory, serve, signIn, stop } from "./PageServer.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const browserPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"
const FILES = Number(process.argv[2] ?? 1_000_000)
const PAIRS = Number(process.argv[3] ?? 20)
const MINUTES = Number(process.env.MINUTES ?? 10)
const WINDOWS = 10

if (!existsSync(browserPath)) {
  console.log(`SKIPPED: there is no Chromium at ${browserPath} (Debian: apt install chromium).`)
  process.exit(0)
}
if (PAIRS === 0) {
  largeIn(process.env.LIBRARY, FILES)
  process.exit(0)
}

const endings = []
const own = (folder) => {
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
/** Made once, and only for the parts that need it. */
const once = (make) => {
  let made
  return () => (made ??= make())
}
const small = once(() => {
  const folder = own(folderOf("small"))
  fill(folder, 100)
  return folder
})
const large = once(() =>
  process.env.LIBRARY === undefined ? own(largeIn(undefined, FILES)) : largeIn(process.env.LIBRARY, FILES)
)
const browser = once(async () => {
  const { chromium } = createRequire(join(root, "packages/page/package.json"))("playwright-core")
  const launched = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-background-networking"]
  })
  endings.push(() => launched.close())
  return launched
})

/** A window of the browser that is signed in to the server of a folder. */
const windowOf = async (folder) => {
  const { child, link } = await serve(folder)
  const { cookie, origin } = await signIn(link)
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 } })
  const [name, value] = cookie.split("=")
  await context.addCookies([{ name, value, url: origin }])
  const page = await context.newPage()
  const close = async () => {
    await context.close()
    await stop(child)
  }
  return { context, page, origin, close }
}

const navigate = async ({ origin, page }) => {
  await page.goto("about:blank")
  const began = performance.now()
  await page.goto(`${origin}/`, { waitUntil: "commit" })
  await page.locator(".row .name").first().waitFor()
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  return performance.now() - began
}

/** From navigation to painted rows. */
const paint = async () => {
  const few = await windowOf(small())
  const many = await windowOf(large())
  const times = { few: [], many: [] }
  // The first of each warms up.
  for (let round = 0; round < 13; round++)
    for (const [name, window] of Object.entries({ few, many })) {
      const millis = await navigate(window)
      if (round > 0) times[name].push(millis)
    }
  await few.close()
  await many.close()
  return figure({
    name: `navigation to painted rows, ${FILES.toLocaleString("en")} files against 100`,
    ratio: median(times.many) / median(times.few),
    atMost: 1.5,
    detail: `${median(times.many).toFixed(0)} ms, ${median(times.few).toFixed(0)} ms`
  })
}

const p95 = (numbers) => [...numbers].sort((x, y) => x - y)[Math.floor(numbers.length * 0.95)]

/** Search as one types, against the index alone in the process of this benchmark. */
const search = async () => {
  const { child, link } = await serve(large())
  const { ask } = await signIn(link)
  const bare = new Sqlite(join(large(), ".spool", "spool.db"), { readonly: true })
  const bareQuery = bare.prepare("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT 60")
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
    const text = encodeURIComponent(query.length === 3 ? `${query}*` : query)
    began = performance.now()
    await Promise.all([ask(`/api/rows?limit=60&q=${text}`), ask(`/api/facets?q=${text}`)])
    times.page.push(performance.now() - began)
  }
  bare.close()
  await stop(child)
  return figure({
    name: `search as one types, p95 over ${typed.length} queries, against the bare index`,
    ratio: p95(times.page) / p95(times.bare),
    atMost: 2,
    detail: `${p95(times.page).toFixed(0)} ms, ${p95(times.bare).toFixed(0)} ms`
  })
}

/** Scrolls for three seconds; the share of frames that came in time. */
const onTime = (page, selector) =>
  page.evaluate(
    async ({ selector }) => {
      const element = document.querySelector(selector)
      element.scrollTop = 0
      const gaps = []
      let last = await new Promise(requestAnimationFrame)
      const began = last
      while (last - began < 3_000) {
        element.scrollTop += 400
        const now = await new Promise(requestAnimationFrame)
        gaps.push(now - last)
        last = now
      }
      return gaps.filter((gap) => gap <= 1.5 * (1000 / 60)).length / gaps.length
    },
    { selector }
  )

/** Scrolling, against an empty page of the same size that is scrolled as fast; one after the other, five times. */
const scroll = async () => {
  const many = await windowOf(large())
  await navigate(many)
  const blank = await many.context.newPage()
  await blank.setContent(`<div class="list" style="height:700px;overflow:auto"><div style="height:12000000px"></div></div>`)
  const shares = { rows: [], empty: [] }
  for (let round = 0; round < 5; round++)
    for (const [name, page] of Object.entries({ rows: many.page, empty: blank })) {
      await page.bringToFront()
      shares[name].push(await onTime(page, ".list"))
    }
  await many.close()
  return figure({
    name: "frames on time, scrolling 400 px a frame, against an empty page",
    ratio: median(shares.rows) / median(shares.empty),
    atLeast: 0.95,
    detail: `${(median(shares.rows) * 100).toFixed(1)} %, ${(median(shares.empty) * 100).toFixed(1)} %`
  })
}

/** Memory of the server, while windows listen, search and scroll. */
const memoryOf = async () => {
  const { child, link } = await serve(large())
  const session = await signIn(link)
  const close = listeners(session, WINDOWS)
  const until = performance.now() + MINUTES * 60_000
  for (let i = 0; performance.now() < until; i++) {
    const word = words[i % words.length]
    await Promise.all([
      session.ask(`/api/rows?limit=60&offset=${(i * 5) % 400}`),
      session.ask(`/api/rows?limit=60&q=${word}`),
      session.ask(`/api/facets?q=${word}`),
      ...(i % 20 === 0 ? [session.ask(`/api/rows?limit=60&offset=${(i * 997) % FILES}`)] : [])
    ])
    await new Promise((done) => setTimeout(done, 500))
  }
  const peak = memory(child.pid)
  close()
  await stop(child)
  const name = `memory of the server with ${WINDOWS} windows for ${MINUTES} min`
  console.log(`${peak <= 200 ? "met   " : "MISSED"} ${name}: ${peak.toFixed(0)} MB (target ≤ 200 MB)`)
  return peak <= 200
}

/** A run in its own process, watched by windows of another, and not. */
const watched = async () => {
  const folder = own(folderOf("watched"))
  const server = await serve(folder)
  const session = await signIn(server.link)
  const runs = { alone: [], watched: [] }
  for (let pair = 0; pair < PAIRS; pair++)
    for (const kind of pair % 2 === 0 ? ["alone", "watched"] : ["watched", "alone"]) {
      const close = kind === "alone" ? () => undefined : listeners(session, WINDOWS)
      const child = spawn(process.execPath, [join(root, "benchmarks/NoopRun.mjs"), join(folder, ".spool"), "4000"], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      let said = ""
      child.stdout.on("data", (part) => (said += part))
      await new Promise((resolve) => child.once("exit", resolve))
      runs[kind].push(Number(said))
      close()
    }
  await stop(server.child)
  return figure({
    name: `a run's own processor time, watched by ${WINDOWS} windows against alone (${PAIRS} pairs)`,
    ratio: median(runs.watched.map((millis, i) => millis / runs.alone[i])),
    atMost: 1.03
  })
}

/** The start, against the command that starts quickest of those that read. */
const start = async () => {
  const starts = { serve: [], ls: [] }
  for (let round = 0; round < 10; round++) {
    const began = performance.now()
    spawnSync(process.execPath, [spool, "ls"], { cwd: small(), stdio: "ignore" })
    starts.ls.push(performance.now() - began)
    const { child, millis } = await serve(small())
    starts.serve.push(millis)
    await stop(child)
  }
  return figure({
    name: "start of `spool serve` to its first line, against `spool ls`",
    ratio: median(starts.serve) / median(starts.ls),
    atMost: 3,
    detail: `${median(starts.serve).toFixed(0)} ms, ${median(starts.ls).toFixed(0)} ms`
  })
}

/** What a browser loads. */
const size = async () => {
  const assets = join(root, "packages/server/dist/page/assets")
  const bytes = readdirSync(assets).reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0)
  console.log(`${bytes <= 150_000 ? "met   " : "MISSED"} the page: ${(bytes / 1000).toFixed(1)} kB gzipped (target ≤ 150 kB)`)
  return bytes <= 150_000
}

const parts = { paint, search, scroll, memory: memoryOf, watched, start, size }
const wanted = process.argv.slice(4)
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; these are there: ${Object.keys(parts).join(", ")}`)
  process.exit(2)
}
let isMet = true
try {
  for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) isMet = (await parts[name]()) && isMet
} finally {
  for (const end of endings.reverse()) await end()
}
process.exitCode = isMet ? 0 : 1
