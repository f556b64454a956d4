import { DuckDBInstance } from "@duckdb/node-api"
import { describe, expect, it } from "@effect/vitest"
import { Database, Library, Original, SourceFile, Store } from "@mediaspool/core"
import { Effect, FastCheck as fc, Layer } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Caption, CaptionSegment, Probe, Tag, Tags } from "../../kinds.js"
import { migrations } from "../LibrarySchema.js"
import * as MediaRecord from "../MediaRecord.js"
import * as Export from "./Export.js"
import * as ExportManifest from "./ExportManifest.js"
import * as ExportSplit from "./ExportSplit.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-export-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const nasty = '=HYPERLINK("x"), "quoted"\nnext --> line <b>&amp;</b> 雨'
const media = [
  { name: "storm.wav", seconds: 61.5, caption: "A storm.", windows: ["Rain falls.", nasty], tags: ["sad", "calm"] },
  { name: "雨 夜.wav", seconds: 3, caption: "城市夜雨。", windows: [], tags: [] },
  { name: "big.wav", seconds: 4_000_000_000.5, caption: nasty, windows: [], tags: ["sad"] }
]

/** A library of three media beside their files. */
const library = Effect.gen(function* () {
  const path = yield* folder
  const inbox = join(path, "in")
  yield* Effect.sync(() => mkdirSync(inbox))
  const fill = Effect.forEach(media, ({ caption, name, seconds, tags, windows }, i) =>
    Effect.flatMap(Library, ({ write }) => {
      const file = join(inbox, name)
      writeFileSync(file, `sound ${i}`)
      const hash = String(i).repeat(64)
      const rows = write([
        ...MediaRecord.statements({
          source: new SourceFile({ file: new Original({ hash, size: 2 ** 40 + i, path: file }), mediaType: "audio/wav" }),
          settled: [
            {
              node: "probe",
              value: new Probe({ container: "wav", durationSeconds: seconds, streams: [], tags: { title: name } })
            },
            {
              node: "caption",
              value: new Caption({
                text: caption,
                segments: windows.map((text, n) => new CaptionSegment({ startSeconds: n * 30, endSeconds: n * 30 + 30, text })),
                model: "m",
                provider: "x",
                omitted: []
              })
            },
            {
              node: "mood",
              value: new Tags({
                vocabulary: "emotion@2",
                tags: tags.map((label) => new Tag({ label, raw: label, confidence: 0.5 })),
                model: "m",
                provider: "x"
              })
            }
          ],
          pipeline: "sounds",
          stale: [],
          writtenAt: "2026-01-01T00:00:00Z",
          stateFolder: undefined
        })
      ])
      // What a scan writes.
      const scanned = Effect.flatMap(Database, (database) =>
        database.write([
          {
            sql: `INSERT INTO item (path, dev, ino, size, mtime_ns, ctime_ns, content_hash, found_at) VALUES (?, 1, ?, 1, 1, 1, ?, 1)`,
            values: [Buffer.from(file), i, hash]
          }
        ])
      )
      return Effect.zipRight(rows, scanned)
    })
  )
  const store = Layer.effectDiscard(fill).pipe(
    Layer.provideMerge(Store.layer(join(path, "state"), [{ plugin: "library", migrations }]))
  )
  const write = (as: Export.FormatName, to: string, more: Partial<Export.Options> & { readonly query?: string } = {}) =>
    Export.write(more.query ?? "", { as, to: join(path, to), stateFolder: join(path, "state"), ...more })
  return { path, inbox, store, write, at: (name: string) => join(path, name) }
})

const sql = (query: string) =>
  Effect.promise(async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect()
    return (await connection.runAndReadAll(query)).getRowObjectsJson()
  })

/** What Python's csv module reads. */
const python = (file: string): ReadonlyArray<Record<string, string>> =>
  JSON.parse(
    execFileSync("python3", [
      "-c",
      "import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')))))",
      file
    ]).toString()
  )

const hasPython = (() => {
  try {
    execFileSync("python3", ["--version"])
    return true
  } catch {
    console.warn("python3 is not installed: the test that reads CSV back is skipped")
    return false
  }
})()

describe("Export", () => {
  it.scoped("gives the same rows to whoever reads JSONL and Parquet", () =>
    Effect.gen(function* () {
      const { at, store, write } = yield* library
      yield* Effect.gen(function* () {
        yield* write("jsonl", "a.jsonl", { query: "sort:duration" })
        yield* write("parquet", "a.parquet", { query: "sort:duration" })
      }).pipe(Effect.provide(store))
      const lines = readFileSync(at("a.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
      expect(lines.map(({ title }) => title)).toEqual(["雨 夜.wav", "storm.wav", "big.wav"])
      expect(lines[1]).toMatchObject({
        size_bytes: 2 ** 40,
        captions: [
          { text: "A storm.", start_seconds: null },
          { text: "Rain falls.", start_seconds: 0 },
          { text: nasty, end_seconds: 60 }
        ],
        tags: [{ label: "sad", vocabulary: "emotion", vocabulary_version: "2", confidence: 0.5 }, { label: "calm" }]
      })
      const rows = yield* sql(`SELECT * FROM read_parquet('${at("a.parquet")}')`)
      expect(rows.map((row) => row["title"])).toEqual(["雨 夜.wav", "storm.wav", "big.wav"])
      expect(rows[1]).toMatchObject({ size_bytes: String(2 ** 40), duration_seconds: 61.5, artist: null })
      expect(JSON.parse(String(rows[1]?.["captions"]))).toEqual(lines[1].captions)
      const types = yield* sql(`DESCRIBE SELECT * FROM read_parquet('${at("a.parquet")}')`)
      expect(Object.fromEntries(types.map((row) => [row["column_name"], row["column_type"]]))).toMatchObject({
        id: "BIGINT",
        title: "VARCHAR",
        duration_seconds: "DOUBLE",
        captions: "JSON"
      })
    })
  )

  it.scoped.skipIf(!hasPython)("writes CSV that Python reads, and no formula that a spreadsheet would run", () =>
    Effect.gen(function* () {
      const { at, store, write } = yield* library
      yield* write("csv", "a.csv", { split: { parts: [["all", 1]], by: "content" } }).pipe(Effect.provide(store))
      const rows = python(at("a.csv"))
      expect(rows.map(({ split, title }) => [title, split])).toEqual(media.map(({ name }) => [name, "all"]))
      expect(JSON.parse(rows[2]?.["captions"] ?? "")[0].text).toBe(nasty)
      expect(rows[0]).toMatchObject({ duration_seconds: "61.5", artist: "", size_bytes: String(2 ** 40) })
      for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+@\t\r]/)
    })
  )

  it.scoped("writes the same rows as Parquet and JSONL where columns fill up, change and empty again", () =>
    Effect.gen(function* () {
      const { at, store, write } = yield* library
      yield* Effect.gen(function* () {
        // More than two pages of columns; what the first page has in every row, later ones have not.
        yield* Effect.flatMap(Database, (database) =>
          database.write([
            {
              sql: `INSERT INTO media (id, content_hash, path, size_bytes, media_type, title, sample_rate, added_at, changed_at)
                WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n LIMIT 8000)
                SELECT i, printf('%064x', i), '/' || i, i, 'audio/wav', iif(i IN (4000, 4001), 'title ' || i, NULL),
                  iif(i > 6000 AND i < 6010, NULL, 48000), 'then', iif(i = 7000, 'now', 'then') FROM n`,
              values: []
            }
          ])
        )
        yield* write("parquet", "rows.parquet")
        yield* write("jsonl", "rows.jsonl")
        const columns = "id, content_hash, path, size_bytes, media_type, title, sample_rate, missing, added_at, changed_at"
        const [table, lines] = yield* Effect.all([
          sql(`SELECT ${columns} FROM read_parquet('${at("rows.parquet")}')`),
          sql(`SELECT ${columns} FROM read_json('${at("rows.jsonl")}', format = 'newline_delimited', sample_size = -1)`)
        ])
        expect(table).toHaveLength(8003)
        expect(table).toEqual(lines)
        expect(table.filter(({ title }) => String(title).startsWith("title 4"))).toHaveLength(2)
      }).pipe(Effect.provide(store))
    })
  )

  it.scoped("writes subtitles in which no text is a cue, a time or a tag", () =>
    Effect.gen(function* () {
      const { at, store, write } = yield* library
      const { counts } = yield* Effect.zipRight(write("srt", "srt"), write("vtt", "vtt")).pipe(Effect.provide(store))
      expect(counts).toMatchObject({ media: 3, leftOut: 0 })
      const read = (format: string) => readFileSync(at(`${format}/storm-000000000000.${format}`), "utf8")
      expect(read("vtt")).toBe(
        `WEBVTT\n\n00:00:00.000 --> 00:00:30.000\nRain falls.\n\n00:00:30.000 --> 00:01:00.000\n=HYPERLINK("x"), "quoted" next --&gt; line &lt;b&gt;&amp;amp;&lt;/b&gt; 雨\n`
      )
      expect(read("srt")).toBe(
        `1\n00:00:00,000 --> 00:00:30,000\nRain falls.\n\n2\n00:00:30,000 --> 00:01:00,000\n=HYPERLINK("x"), "quoted" next → line ‹b›&amp;‹/b› 雨\n`
      )
    })
  )

  it.scoped("copies files for training, as a folder and as shards that GNU tar reads", () =>
    Effect.gen(function* () {
      const { at, inbox, store, write } = yield* library
      const split: ExportSplit.ExportSplit = {
        parts: [
          ["train", 0.5],
          ["test", 0.5]
        ],
        by: "content"
      }
      yield* Effect.gen(function* () {
        yield* Effect.sync(() => unlinkSync(join(inbox, "big.wav")))
        expect((yield* write("audiofolder", "folder", { split })).counts).toMatchObject({ media: 3, leftOut: 1 })
        expect((yield* write("webdataset", "shards", { shardBytes: 10 })).counts).toMatchObject({ leftOut: 1 })
      }).pipe(Effect.provide(store))
      const listed = ["train", "test"].flatMap((part) => {
        try {
          const lines = readFileSync(at(`folder/${part}/metadata.jsonl`), "utf8").trim()
          return lines === "" ? [] : lines.split("\n").map((line) => ({ part, ...JSON.parse(line) }))
        } catch {
          return []
        }
      })
      expect(listed.length).toBe(2)
      for (const { content_hash: hash, file_name: name, part, split } of listed) {
        expect(split).toBe(part)
        expect(readFileSync(at(`folder/${part}/${name}`), "utf8")).toBe(`sound ${hash[0]}`)
      }
      const shards = readdirSync(at("shards")).filter((name) => name.endsWith(".tar"))
      expect(shards).toEqual(["shard-000000.tar", "shard-000001.tar"])
      const names = shards.map((shard) =>
        execFileSync("tar", ["tf", at(`shards/${shard}`)])
          .toString()
          .trim()
          .split("\n")
      )
      expect(names[0]).toEqual(["wav", "json", "txt"].map((ending) => `storm-000000000000.${ending}`))
      const text = execFileSync("tar", ["xOf", at("shards/shard-000001.tar"), "--wildcards", "*.txt"]).toString()
      expect(text).toBe("城市夜雨。")
    })
  )

  it.scoped("writes the same bytes again, and verifies them", () =>
    Effect.gen(function* () {
      const { at, store, write } = yield* library
      yield* Effect.gen(function* () {
        for (const as of ["jsonl", "csv", "parquet", "m3u8"] as const) {
          yield* write(as, "one")
          const bytes = [readFileSync(at("one")), readFileSync(at("one.manifest.json"))]
          yield* write(as, "one", { overwrite: true })
          expect([readFileSync(at("one")), readFileSync(at("one.manifest.json"))], as).toEqual(bytes)
          expect((yield* ExportManifest.verify(at("one"))).faults).toEqual([])
          yield* Effect.sync(() => {
            rmSync(at("one"))
            rmSync(at("one.manifest.json"))
          })
        }
        for (const as of ["vtt", "audiofolder", "webdataset"] as const) {
          yield* write(as, "many")
          const sums = readFileSync(at("many/SHA256SUMS"))
          yield* write(as, "many", { overwrite: true })
          expect(readFileSync(at("many/SHA256SUMS")), as).toEqual(sums)
          expect((yield* ExportManifest.verify(at("many"))).faults).toEqual([])
          // The tools of the system agree.
          execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: at("many") })
          yield* Effect.sync(() => rmSync(at("many"), { recursive: true }))
        }
        const { counts, models, vocabularies } = yield* write("vtt", "subtitles", { query: "emotion:sad" })
        expect(counts).toMatchObject({ media: 2, tags: 3 })
        expect({ models, vocabularies }).toEqual({
          models: [{ model: "m", provider: "x" }],
          vocabularies: [{ name: "emotion", version: "2" }]
        })
        yield* Effect.sync(() => {
          writeFileSync(at("subtitles/storm-000000000000.vtt"), "changed")
          writeFileSync(at("subtitles/rain.vtt"), "added")
          writeFileSync(at("subtitles/.DS_Store"), "")
        })
        expect((yield* ExportManifest.verify(at("subtitles"))).faults).toEqual([
          "storm-000000000000.vtt was changed",
          "rain.vtt was added"
        ])
      }).pipe(Effect.provide(store))
    })
  )

  it.scoped("writes over nothing that it did not write itself", () =>
    Effect.gen(function* () {
      const { at, inbox, store, write } = yield* library
      yield* Effect.sync(() => {
        writeFileSync(at("old.jsonl"), "mine")
        mkdirSync(at("mine"))
        writeFileSync(at("mine/precious"), "x")
        symlinkSync(at("old.jsonl"), at("link.jsonl"))
      })
      yield* Effect.gen(function* () {
        const code = (as: Export.FormatName, to: string, more: Partial<Export.Options> = {}) =>
          Effect.map(Effect.flip(write(as, to, more)), (error) => error.code)
        expect(yield* code("jsonl", "old.jsonl")).toBe("ExportTargetExists")
        expect(yield* code("vtt", "mine", { overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "mine", { overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "link.jsonl", { overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "in/storm.wav", { overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "state/spool.db", { overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("audiofolder", "in/export", { guarded: [inbox] })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "../../dev/null", { to: "/dev/null", overwrite: true })).toBe("ExportTargetRefused")
        expect(yield* code("jsonl", "old.jsonl/below")).toBe("ExportNotWritten")
        expect(yield* code("jsonl", "new.jsonl", { files: "copy" })).toBe("ExportOptionUnfit")
      }).pipe(Effect.provide(store))
      expect(readFileSync(at("old.jsonl"), "utf8")).toBe("mine")
      expect(readdirSync(at("mine"))).toEqual(["precious"])
      // Nothing half written is left.
      expect(readdirSync(at(".")).filter((name) => name.includes(".part"))).toEqual([])
    })
  )

  const hash = fc.hexaString({ minLength: 64, maxLength: 64 })
  it.prop(
    "keeps a file on its side, in about the share that was asked for",
    [fc.array(hash, { minLength: 400, maxLength: 400 })],
    ([hashes]) => {
      const split = ExportSplit.parse("train=0.75, test=.25")
      if (split === undefined) return expect(split).toBeDefined()
      const sides = hashes.map((each) => ExportSplit.partOf(split, each, "/a/b.wav"))
      expect(hashes.map((each) => ExportSplit.partOf(split, each, "/c/d.wav"))).toEqual(sides)
      const share = new Set(hashes).size < 300 ? 0.75 : sides.filter((side) => side === "train").length / sides.length
      expect(Math.abs(share - 0.75)).toBeLessThan(0.15)
    },
    { fastCheck: { numRuns: 20 } }
  )

  it("refuses shares that don't add up", () => {
    for (const text of ["train=0.9", "a=0.5,a=0.5", "a=1.5,b=-0.5", "a", ""]) expect(ExportSplit.parse(text)).toBeUndefined()
    expect(ExportSplit.parse("train=0.8,dev=0.1,test=0.1", "folder")?.by).toBe("folder")
  })
})
