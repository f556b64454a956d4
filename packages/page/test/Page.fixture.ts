import { SampleMedia } from "@mediaspool/plugins/testing"
import Sqlite from "better-sqlite3"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const spool = join(root, "packages/cli/bin/spool.js")
/** Debian's, or another one. */
export const browserPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"
export const hasBrowser = existsSync(browserPath)
if (!hasBrowser)
  console.warn(`The page's stories are SKIPPED: there is no Chromium at ${browserPath} (Debian: apt install chromium).`)

/** Where the pictures of the views go. */
export const screenshots = process.env["MEDIASPOOL_SCREENSHOTS"] ?? join(root, "node_modules/.cache/page-screenshots")

const env = { ...process.env, DASHSCOPE_API_KEY: "sk-emulator", NO_COLOR: "1" }

/** The first line of a process that says JSON, and the process. */
const started = (
  args: ReadonlyArray<string>,
  cwd: string
): Promise<{ readonly line: Record<string, unknown>; readonly child: ChildProcess }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [spool, ...args, "--json"], { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    let errors = ""
    child.stdout.on("data", (part: Buffer) => {
      said += part.toString()
      const end = said.indexOf("\n")
      if (end >= 0) resolve({ line: JSON.parse(said.slice(0, end)), child })
    })
    child.stderr.on("data", (part: Buffer) => (errors += part.toString()))
    child.on("exit", (code) => reject(new Error(`spool ${args.join(" ")} ended with ${code}: ${errors}`)))
  })

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
  })

const PRICE = "{ price: { currency: USD, audioIn: 4, textIn: 1, textOut: 3 } }"

const config = (baseUrl: string) => `providers:
  emulator: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none, budget: { usd: 5, per: day },
    models: { qwen3-omni-30b-a3b-captioner: ${PRICE}, qwen3-omni-flash: ${PRICE} } }
defaults: { provider: emulator }
queries: { chinese: 雨声 }
pipelines:
  sounds:
    source: { folder: ./sounds }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      caption: {}
      emotion: { use: omni-tags, with: { vocabulary: emotion } }
      instruments: { use: omni-tags, with: { vocabulary: instruments } }
      acoustic: {}
      timbre: {}
      fingerprint: {}
      persist: {}
`

/** A doubt that another capability brings, by a row: the page has no words of its own for it. */
const doubt = (file: string) => {
  const database = new Sqlite(file)
  database
    .prepare(
      `INSERT INTO doubt (content_hash, pipeline, node, reason, detail, start_seconds, end_seconds, weight, found_at)
       SELECT content_hash, 'sounds', 'caption', 'two-speakers', 'says one voice; two were heard', 1, 2.5, 1, '2026-01-01T00:00:00Z'
       FROM media WHERE path LIKE '%/speech.wav' OR path LIKE '%/tone.wav'`
    )
    .run()
  database.close()
}

/** A file with a name from right to left, and a caption that nobody can break. */
export const strange = (folder: string): void => {
  const database = new Sqlite(join(folder, ".spool", "spool.db"))
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO media (content_hash, path, size_bytes, media_type, duration_seconds, container, audio_codec, added_at, changed_at)
       VALUES (?, ?, 1000, 'audio/wav', 3, 'wav', 'pcm_s16le', '2099-01-01T00:00:00Z', '2099-01-01T00:00:00Z')`
    )
    .run("e".repeat(64), join(folder, "sounds", "שלום עולם (1).wav"))
  database
    .prepare(
      "INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider) VALUES (?, 'sounds', 'caption', 'Caption', ?, 'm', 'p')"
    )
    .run(lastInsertRowid, "ש".repeat(5_000) + "x".repeat(5_000))
  database.close()
}

export const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0

/** Three seconds of sound whose container begins to count at eight; gives what takes it out again. */
export const late = (folder: string): (() => void) => {
  const [from, to] = [join(folder, "sounds", "tone.wav"), join(folder, "sounds", "late.mka")]
  spawnSync("ffmpeg", ["-v", "error", "-y", "-i", from, "-c:a", "libvorbis", "-output_ts_offset", "8", to])
  const database = new Sqlite(join(folder, ".spool", "spool.db"))
  database
    .prepare(
      `INSERT INTO media (content_hash, path, size_bytes, media_type, duration_seconds, container, audio_codec, added_at, changed_at)
       VALUES (?, ?, ?, 'audio/x-matroska', 3, 'matroska', 'vorbis', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`
    )
    .run("f".repeat(64), to, statSync(to).size)
  database.close()
  return () => {
    const database = new Sqlite(join(folder, ".spool", "spool.db"))
    database.prepare("DELETE FROM media WHERE path = ?").run(to)
    database.close()
    rmSync(to)
  }
}

/** The number of the file of this name in the library. */
export const mediaId = (folder: string, name: string): number => {
  const database = new Sqlite(join(folder, ".spool", "spool.db"), { readonly: true })
  const row = database.prepare<[string], { id: number }>("SELECT id FROM media WHERE path LIKE '%/' || ?").get(name)
  database.close()
  return row?.id ?? 0
}

/** How often a node was tried for the file of this name. */
export const attempts = (folder: string, name: string, node: string): number => {
  const database = new Sqlite(join(folder, ".spool", "spool.db"), { readonly: true })
  const row = database
    .prepare<[string, string], { n: number }>(
      "SELECT count(*) AS n FROM attempt JOIN item ON item.id = attempt.item WHERE CAST(path AS TEXT) LIKE '%/' || ? AND node = ?"
    )
    .get(name, node)
  database.close()
  return row?.n ?? 0
}

/** Waits until what is on its way, waveforms too, has come and been drawn. */
export const painted = async (page: Page): Promise<void> => {
  await page.waitForLoadState("load")
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())), 250))
  )
}

export interface Served {
  readonly folder: string
  readonly url: string
  readonly link: () => string
  readonly close: () => Promise<void>
}

/** A folder of sounds with a config; with a library of them, made by a run with the emulator, unless it is to be the first one. */
export const serve = async ({ isFirst = false } = {}): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-page-"))
  const sounds = join(folder, "sounds")
  mkdirSync(sounds)
  const run = (...args: ReadonlyArray<string>) =>
    spawnSync(process.execPath, [spool, ...args], { cwd: folder, env, encoding: "utf8" })
  run("samples", "--into", "sounds", ...(isFirst ? ["tone", "drums"] : []))
  const emulator = await started(["emulator", "--port", "0"], folder)
  writeFileSync(join(folder, "spool.yaml"), config(String(emulator.line["baseUrl"])))
  if (!isFirst) {
    writeFileSync(join(sounds, "lake.aiff"), SampleMedia.aiff("tone", { seconds: 4, sampleRate: 8000 }))
    const speech = readFileSync(join(sounds, "speech.wav"))
    // Another content under a Chinese name.
    writeFileSync(join(sounds, "雨声-城市-窗边.wav"), Buffer.concat([speech, Buffer.from("\0\0")]))
    copyFileSync(join(sounds, "drums.wav"), join(sounds, "drums copy.wav"))
    writeFileSync(join(sounds, "truncated.wav"), speech.subarray(0, 3_000))
    writeFileSync(join(sounds, "broken.mp3"), Buffer.from("not a sound ".repeat(200)))
    const { status, stderr } = run("run")
    if (status !== 1) throw new Error(`spool run ended with ${status}: ${stderr}`)
    run("duplicates")
    doubt(join(folder, ".spool", "spool.db"))
  }
  const server = await started(["serve", "--port", "0"], folder)
  const url = new URL(String(server.line["url"]))
  let first: string | undefined = String(server.line["url"])
  return {
    folder,
    url: url.origin,
    link: () => {
      const link = first ?? JSON.parse(run("serve", "--link", "--json").stdout).url
      first = undefined
      return link
    },
    close: async () => {
      await ended(server.child)
      await ended(emulator.child)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--autoplay-policy=no-user-gesture-required"
    ]
  })

/** What the page did wrong while it was used. */
export interface Watched {
  readonly page: Page
  readonly problems: ReadonlyArray<string>
}

export const open = async (context: BrowserContext, url: string): Promise<Watched> => {
  const page = await context.newPage()
  const problems: Array<string> = []
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
  await page.goto(url)
  return { page, problems }
}
