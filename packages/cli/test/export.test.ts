import { DuckDBInstance } from "@duckdb/node-api"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { chromium } from "playwright-core"
import { captioned, emulator } from "./Emulator.fixture.js"
import { bin, type Said, start, values } from "./Spool.js"

const browserPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"
const hasBrowser = existsSync(browserPath)
if (!hasBrowser) console.warn(`SKIPPED: no browser reads subtitles, there is no Chromium at ${browserPath}.`)
const hasPython = spawnSync("python3", ["--version"]).status === 0
if (!hasPython) console.warn("SKIPPED: nobody reads CSV back, python3 is not installed.")

const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex")

/** What a spreadsheet would run, what turns the line round, and what ends it. */
const names = ["plain.wav", "=1+1.wav", "\u202eabc\u202c שלום.wav", 'two\nlines, "quoted".wav', "deep/雨 夜.wav"]

/** The cues of a text, as a page in the browser reads them. */
const READ_CUES = `async (text) => {
  const track = document.createElement("track")
  track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }))
  const loaded = new Promise((resolve, reject) => {
    track.onload = resolve
    track.onerror = () => reject(new Error("no WebVTT"))
  })
  document.body.appendChild(document.createElement("video")).append(track)
  track.track.mode = "hidden"
  await loaded
  return Array.from(track.track.cues, (cue) => ({ start: cue.startTime, end: cue.endTime, text: cue.getCueAsHTML().textContent }))
}`
const Cues = Schema.Array(Schema.Struct({ start: Schema.Number, end: Schema.Number, text: Schema.String }))

/** One library for all. */
describe("spool export", { timeout: 240_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))
  const at = (...path: ReadonlyArray<string>) => join(home, ...path)
  const spool = (...args: ReadonlyArray<string>) => start(home, args, { DASHSCOPE_API_KEY: "sk-emulator" }).said
  let stop: () => Promise<void> = async () => {}

  /** Exports everything. */
  const exported = async (as: string, to: string, ...more: ReadonlyArray<string>): Promise<Record<string, unknown>> => {
    const said = await spool("export", "", "--as", as, "--to", to, "--json", ...more)
    expect(said.code, said.stderr).toBe(0)
    return values(said).at(-1) ?? {}
  }
  const verified = async (path: string) => {
    const { code, stderr, stdout } = await spool("export", "--verify", path)
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining("is what was exported")])
  }
  const sql = async (query: string) => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect()
    return (await connection.runAndReadAll(query)).getRowObjectsJson()
  }

  beforeAll(async () => {
    const baseUrl = await emulator((end) => (stop = end))
    mkdirSync(at("in", "deep"), { recursive: true })
    for (const [i, name] of names.entries())
      writeFileSync(at("in", name), SampleMedia.wav("noise", { seconds: 1 + i, seed: i, sampleRate: 16_000 }))
    writeFileSync(at("spool.yaml"), captioned(baseUrl))
    const run = await spool("run")
    expect(run.code, run.stderr).toBe(0)
  }, 120_000)
  afterAll(async () => {
    await stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  it("gives DuckDB and Python the same rows as JSONL, Parquet and CSV", async () => {
    const told = await exported("jsonl", "all.jsonl")
    expect(told).toMatchObject({ type: "exported", counts: { media: names.length, leftOut: 0 } })
    await exported("parquet", "all.parquet")
    await verified("all.parquet")
    await exported("csv", "all.csv")
    const lines: ReadonlyArray<Record<string, unknown>> = readFileSync(at("all.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(lines.map(({ path }) => path).sort()).toEqual(names.map((name) => at("in", name)).sort())
    const parquet = await sql(`SELECT * FROM read_parquet('${at("all.parquet")}') ORDER BY id`)
    const columns = Object.keys(lines[0] ?? {})
    expect(Object.keys(parquet[0] ?? {})).toEqual(columns)
    for (const [i, line] of lines.entries())
      for (const name of columns) {
        const read = parquet[i]?.[name]
        const value = line[name]
        if (name === "captions" || name === "tags") expect(JSON.parse(String(read)), name).toEqual(value)
        // DuckDB gives whole numbers of 64 bits as text.
        else expect(typeof value === "number" ? Number(read) : read, name).toEqual(value)
      }
    // DuckDB reads the lines themselves as well.
    const counted = await sql(
      `SELECT count(*)::INT AS rows, sum(len(captions))::INT AS captions, sum(len(tags))::INT AS tags FROM read_json('${at("all.jsonl")}')`
    )
    expect(counted).toEqual([{ rows: names.length, ...captionsAndTags(told) }])
    if (!hasPython) return
    const script = "import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')))))"
    const rows: ReadonlyArray<Record<string, string>> = JSON.parse(
      execFileSync("python3", ["-c", script, at("all.csv")]).toString()
    )
    expect(rows.map(({ path }) => path)).toEqual(lines.map(({ path }) => path))
    for (const [i, row] of rows.entries()) {
      expect(JSON.parse(row["captions"] ?? "")).toEqual(lines[i]?.["captions"])
      for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+@\t\r]/)
    }
  })

  it.runIf(hasBrowser)("writes subtitles that a browser's parser reads as they were meant", async () => {
    await exported("vtt", "subtitles")
    await verified("subtitles")
    await exported("srt", "srt")
    const files = readdirSync(at("subtitles")).filter((name) => name.endsWith(".vtt"))
    expect(files.length).toBe(names.length)
    const library = readFileSync(at("all.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line): { readonly captions: ReadonlyArray<{ readonly text: string }> } => JSON.parse(line))
    const texts = new Set(library.flatMap(({ captions }) => captions.map(({ text }) => text.replace(/\s+/g, " ").trim())))
    const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] })
    try {
      const page = await browser.newPage()
      for (const name of files) {
        const text = readFileSync(at("subtitles", name), "utf8")
        const cues = Schema.decodeUnknownSync(Cues)(await page.evaluate(`(${READ_CUES})(${JSON.stringify(text)})`))
        expect(cues.length, name).toBeGreaterThan(0)
        for (const { end, start, text } of cues) {
          expect(end).toBeGreaterThan(start)
          expect(texts).toContain(text.replace(/\s+/g, " ").trim())
        }
      }
    } finally {
      await browser.close()
    }
  })

  it("copies media for training, each on its side of the split, as GNU tar and sha256sum find them", async () => {
    const split = ["--split", "train=0.5,test=0.5"]
    const told = await exported("audiofolder", "training", ...split)
    await verified("training")
    const sides = Object.values(Object(Object(told["counts"])["splits"])).map(Number)
    expect(sides.reduce((sum, each) => sum + each, 0)).toBe(names.length)
    execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: at("training") })
    const copies = new Map<string, string>()
    for (const side of ["train", "test"]) {
      const folder = at("training", side)
      if (!existsSync(folder)) continue
      for (const line of readFileSync(join(folder, "metadata.jsonl"), "utf8").trim().split("\n")) {
        const row: { readonly file_name: string; readonly content_hash: string } = JSON.parse(line)
        copies.set(row.content_hash, side)
        expect(sha256(join(folder, row.file_name))).toBe(row.content_hash)
      }
    }
    expect(copies.size).toBe(names.length)
    // A file keeps its side, whatever else is exported, and in whichever form.
    await exported("jsonl", "split.jsonl", ...split)
    for (const line of readFileSync(at("split.jsonl"), "utf8").trim().split("\n")) {
      const row: { readonly split: string; readonly content_hash: string } = JSON.parse(line)
      expect(row.split).toBe(copies.get(row.content_hash))
    }
    await exported("webdataset", "shards", "--files", "copy")
    await verified("shards")
    const shards = readdirSync(at("shards")).filter((name) => name.endsWith(".tar"))
    const members = shards.flatMap((shard) =>
      execFileSync("tar", ["-tf", at("shards", shard)])
        .toString()
        .trim()
        .split("\n")
    )
    expect(members.filter((name) => name.endsWith(".mp3")).length).toBe(names.length)
    await exported("m3u8", "all.m3u8")
    const list = readFileSync(at("all.m3u8"), "utf8")
    expect(list.startsWith("#EXTM3U\n")).toBe(true)
    expect(list).toContain(basename("=1+1.wav"))
  })

  it("says the place in a query that can't be understood, and what was meant", async () => {
    for (const [query, meant] of [
      ["emotoin:sad", "character 1: there is no field or vocabulary 'emotoin'; did you mean emotion:?"],
      ["「雨 夜", 'character 1: this quote is never closed; did you mean "雨 夜"?'],
      ["duration:9..2", "character 10: '9..2' ends before it begins; did you mean duration:2..9?"],
      ["added:2026-03..2026-01", "did you mean added:2026-01..2026-03?"],
      ["cost:much", "'much' is no range that cost could have; write >0.05 or >0.05usd"]
    ] as const) {
      const { code, stderr } = await spool("export", query, "--as", "jsonl", "--to", "none.jsonl")
      expect([code, stderr], query).toEqual([2, expect.stringContaining(meant)])
      expect(stderr, query).not.toContain("1m30s")
    }
    expect(existsSync(at("none.jsonl"))).toBe(false)
    // A word that must not be found comes before options as well as behind them.
    for (const args of [
      ["-plain", "--json"],
      ["--json", "-plain"],
      ["-雨", "--json", "--limit", "9"]
    ])
      expect(values(await spool("search", ...args)).at(-1)).toMatchObject({ type: "summary", total: names.length - 1 })
  })

  it("replaces an export whole or not at all, and never what is no export", async () => {
    const again = (...args: ReadonlyArray<string>): Promise<Said> => spool("export", "", "--as", "jsonl", "--to", ...args)
    writeFileSync(at("one.jsonl"), "mine")
    const exists = await again("one.jsonl")
    expect([exists.code, readFileSync(at("one.jsonl"), "utf8")]).toEqual([2, "mine"])
    expect(exists.stderr).toContain("--overwrite")
    expect((await again("one.jsonl", "--overwrite")).code).toBe(0)
    const bytes = readFileSync(at("one.jsonl"))
    expect((await again("one.jsonl", "--overwrite")).code).toBe(0)
    expect(readFileSync(at("one.jsonl")).equals(bytes)).toBe(true)
    writeFileSync(at("one.jsonl"), Buffer.concat([bytes, Buffer.from("{}\n")]))
    const changed = await spool("export", "--verify", "one.jsonl")
    expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining("one.jsonl was changed")])

    const original = at("in", "plain.wav")
    const before = readFileSync(original)
    execFileSync("mkfifo", [at("pipe")])
    for (const target of [original, "/dev/null", at("pipe"), at(".spool", "out.jsonl"), home]) {
      const refused = await again(target, "--overwrite")
      expect(refused.code, target).toBe(2)
      expect(refused.stderr, target).toContain("ExportTargetRefused")
    }
    expect(readFileSync(original).equals(before)).toBe(true)
    expect(existsSync(at(".spool", "out.jsonl"))).toBe(false)
  })

  it("writes text that everybody can read, also of a name that is none", async () => {
    const name = Buffer.concat([Buffer.from(at("in/")), Buffer.from([0xff, 0xe9]), Buffer.from(".wav")])
    writeFileSync(name, SampleMedia.wav("noise", { seconds: 1, seed: 99, sampleRate: 16_000 }))
    expect((await spool("run")).code).toBe(0)
    const counted: Array<unknown> = []
    for (const [as, reader] of [
      ["jsonl", "read_json"],
      ["parquet", "read_parquet"],
      ["csv", "read_csv"]
    ] as const) {
      await exported(as, `raw.${as}`)
      counted.push(
        await sql(`SELECT count(*)::INT AS rows FROM ${reader}('${at(`raw.${as}`)}') WHERE path LIKE '%\ufffd\ufffd.wav'`)
      )
    }
    expect(counted).toEqual([[{ rows: 1 }], [{ rows: 1 }], [{ rows: 1 }]])
    rmSync(name)
  })

  it("leaves nothing under its final name when the disk is full in the middle", () => {
    mkdirSync(at("full"))
    // A process that may write no more than 64 KiB to a file meets what a full disk is met by; SQLite needs 32 of them.
    const command = `trap '' XFSZ; ulimit -f 64; exec "$0" "$1" export '' --as webdataset --to full/shards`
    const { status, stderr } = spawnSync("bash", ["-c", command, process.execPath, bin], { cwd: home, encoding: "utf8" })
    expect(status, stderr).toBe(1)
    expect(stderr).toContain("ExportNotWritten")
    expect(readdirSync(at("full"))).toEqual([])
  })
})

const captionsAndTags = (told: Record<string, unknown>) => {
  const { captions, tags } = Object(told["counts"])
  return { captions, tags }
}
