import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import Sqlite from "better-sqlite3"
import { Schema } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { emulator } from "./Emulator.fixture.js"
import { bin, start, values } from "./Spool.js"
import { canRecord, record } from "./Terminal.fixture.js"

const key = { DASHSCOPE_API_KEY: "sk-emulator" }
const config = (baseUrl: string, vocabulary: string) => `
providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none,
  models: { qwen3-omni-flash: { price: { currency: USD, audioIn: 4, textIn: 1, textOut: 3 } } } } }
pipelines:
  sounds:
    source: { folder: in }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      mood: { use: omni-tags, with: { provider: own, vocabulary: ${vocabulary} } }
      persist: {}
`

const Stage = Schema.Struct({
  queued: Schema.Number,
  running: Schema.Number,
  ran: Schema.Number,
  cached: Schema.Number,
  failed: Schema.Number,
  p50Seconds: Schema.NullOr(Schema.Number),
  cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString })
})
const Run = Schema.Struct({
  type: Schema.Literal("run"),
  id: Schema.Number,
  state: Schema.String,
  items: Schema.Struct({ done: Schema.Number, failed: Schema.Number }),
  stages: Schema.Record({ key: Schema.String, value: Stage }),
  cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString }),
  slowest: Schema.Array(Schema.Struct({ path: Schema.String, node: Schema.String, seconds: Schema.Number })),
  failing: Schema.Array(Schema.Struct({ path: Schema.String, code: Schema.String }))
})
const Canary = Schema.Struct({
  type: Schema.Literal("canary"),
  state: Schema.String,
  sample: Schema.Number,
  compared: Schema.Number,
  corrections: Schema.NullOr(Schema.Struct({ files: Schema.Number, before: Schema.Number, after: Schema.Number })),
  labels: Schema.Array(Schema.Struct({ label: Schema.String, before: Schema.Number, after: Schema.Number })),
  cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString }),
  goingOn: Schema.Struct({ requests: Schema.Number, cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString }) })
})

const FILES = 6

/** One library for all: what a person does around a run, in the order in which they would. */
describe("Around a run", { timeout: 240_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))
  const spool = (...args: ReadonlyArray<string>) => start(home, args, key).said
  let baseUrl = ""
  let stop: () => Promise<void> = async () => {}
  const edit = (vocabulary: string) => writeFileSync(join(home, "spool.yaml"), config(baseUrl, vocabulary))

  beforeAll(async () => {
    baseUrl = await emulator((end) => (stop = end))
    mkdirSync(join(home, "in"))
    for (let i = 0; i < FILES; i++)
      writeFileSync(join(home, "in", `${i}.wav`), SampleMedia.wav("noise", { seconds: 2 + i, seed: i, sampleRate: 16_000 }))
    writeFileSync(join(home, "in", "broken.wav"), "RIFF but nothing else")
    edit("emotion")
  }, 120_000)
  afterAll(async () => {
    await stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  it("status says how the last run went: its steps with their times and money, slow and failing files", async () => {
    expect((await spool("status")).stderr).toContain("Nothing has been run here yet.")
    const run = await spool("run", "--json")
    expect(run.code).toBe(1)
    const paid = values(run).at(-1)
    const told = await spool("status", "--json")
    const last = Schema.decodeUnknownSync(Run)(values(told)[0])
    expect(last).toMatchObject({ state: "finished", items: { done: FILES, failed: 1 } })
    expect(last.stages["mood"]).toMatchObject({ queued: 0, running: 0, ran: FILES })
    expect(last.stages["mood"]?.p50Seconds).toBeGreaterThan(0)
    // All that was paid was paid by this step.
    expect(last.stages["mood"]?.cost["USD"]).toBeCloseTo(last.cost["USD"] ?? 0, 10)
    expect(paid).toMatchObject({ cost: { USD: String(last.cost["USD"]) } })
    expect(last.slowest.length).toBeGreaterThan(0)
    expect(last.failing.map(({ path }) => path)).toEqual([join(home, "in", "broken.wav")])
    expect(values(told).at(-1)).toEqual({ type: "watcher", watcher: null, paused: [] })
    // A plan is no run.
    await spool("plan")
    const { stdout } = await spool("status")
    expect(stdout).toMatch(/^sounds finished \(.*\) · 6 of 7 files done · 1 failed/)
    expect(stdout).toMatch(/\nmood +· +· +6 +· +· .*USD\n/)
  })

  it("canary tries an edit on a few files, and nothing else is touched until it is accepted", async () => {
    // A person has accepted what was said of all of them: the edit, with other labels, agrees less than what was there.
    const database = new Sqlite(join(home, ".spool/spool.db"))
    database.exec(`INSERT INTO correction (content_hash, pipeline, node, kind, verdict, word, model_word, edit, made_at)
      SELECT content_hash, pipeline, node, 'tags', 'accepted', word, word, content_hash, '2026-01-01T00:00:00Z' FROM (
        SELECT content_hash, pipeline, node, json_object('captions', json_array(), 'tags',
          json_group_array(json_object('vocabulary', vocabulary, 'label', label, 'raw', raw, 'model', model, 'provider', provider))) AS word
        FROM tag JOIN media ON media.id = media_id WHERE node = 'mood' GROUP BY content_hash, pipeline, node)`)
    database.close()
    edit("mood")
    const trial = await spool("canary", "mood", "--size", "3", "--json")
    expect(trial.code, trial.stderr).toBe(0)
    const lines = values(trial)
    expect(lines.filter(({ type }) => type === "sample").length).toBe(3)
    const told = Schema.decodeUnknownSync(Canary)(lines.at(-1))
    expect(told).toMatchObject({ state: "open", sample: 3 })
    expect(told.compared).toBeGreaterThan(0)
    expect(told.labels.some(({ after, before }) => before > 0 && after === 0)).toBe(true)
    expect(told.corrections).toMatchObject({ before: 1 })
    expect(told.corrections?.files).toBeGreaterThan(0)
    expect(told.corrections?.after).toBeLessThan(1)
    expect(lines).toContainEqual(
      expect.objectContaining({
        type: "sample",
        correction: { word: { tags: expect.any(Array) }, before: 1, after: expect.any(Number) }
      })
    )
    expect(told.cost["USD"]).toBeGreaterThan(0)
    // What the trial has made isn't paid again.
    expect(told.goingOn.requests).toBe(FILES - told.compared)
    expect(told.goingOn.cost["USD"]).toBeGreaterThan(0)

    const held = await spool("run", "--json")
    expect(values(held).at(-1)).toMatchObject({ canaries: ["mood"], cost: {}, stages: { mood: { ran: 0 } } })
    expect(held.stderr).toContain("sounds: the edit of mood is on trial")
    expect((await spool("canary")).stdout).toMatch(/sounds +mood +3 files/)

    // Its sample stays. An edit that was taken back is neither tried nor accepted: the trial is only to be dropped.
    expect((await spool("canary", "mood", "--size", "4")).stderr).toContain("keeps its sample of 3 files")
    edit("emotion")
    for (const args of [[], ["--accept"]])
      expect(await spool("canary", "mood", ...args)).toMatchObject({
        code: 78,
        stderr: expect.stringMatching(/EditTakenBack[^]*--drop/)
      })
    edit("mood")

    expect((await spool("canary", "mood", "--accept")).stdout).toMatch(
      /^The edit of mood is accepted\. The next run: 6 files, \d requests?, about .* USD\.\n$/
    )
    const after = await spool("run", "--json")
    expect(values(after).at(-1)).toMatchObject({ stages: { mood: { ran: FILES - told.compared, cached: told.compared } } })
    const again = await spool("canary", "mood")
    expect(again.code).toBe(78)
    expect(again.stderr).toContain("NothingEdited")
  })

  it("report writes the last run as one page that loads nothing, and never writes over another file", async () => {
    const to = join(home, "run.html")
    expect((await spool("report", "--to", to)).stdout).toMatch(/^Report of run \d+ written to .*run\.html\.\n$/)
    const page = readFileSync(to, "utf8")
    expect(page.startsWith("<!doctype html>")).toBe(true)
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<script|https?:\/\/|@import|url\(/)
    expect(page).toContain("prefers-color-scheme: dark")
    // The graph, a failure with its cause, samples with what was heard and their waveforms.
    expect(page).toMatch(/class="graph"[\s\S]*mood \(omni-tags\)/)
    expect(page).toMatch(/NotMedia[\s\S]*broken\.wav/)
    expect(page.match(/class="wave"/g)?.length).toBe(FILES)
    expect((await spool("report", "--to", to)).code).toBe(0)
    const original = join(home, "in", "0.wav")
    const before = readFileSync(original)
    for (const target of [original, "/dev/null", home]) {
      const refused = await spool("report", "--to", target)
      expect(refused.code).toBe(2)
      expect(refused.stderr).toContain("a report replaces nothing but an earlier report")
    }
    expect(readFileSync(original).equals(before)).toBe(true)
  })

  it.runIf(canRecord)("top draws how it stands until q is pressed", async () => {
    const { code, screens } = await record(home, [process.execPath, bin, "top"], { keys: "q", after: "q quits" })
    expect(code).toBe(0)
    expect(screens.join("\n")).toMatch(/sounds finished/)
  })

  it("watch goes on as before while an edit is on trial, also for files that are new, and follows when it is accepted", async () => {
    edit("instruments")
    expect((await spool("canary", "mood", "--size", "2")).code).toBe(0)
    const watcher = start(home, ["watch", "--json"], key)
    let printed = ""
    watcher.child.stdout?.on("data", (text: string) => (printed += text))
    const until = async (pattern: RegExp) => {
      while (!pattern.test(printed) && watcher.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(printed).toMatch(pattern)
    }
    const vocabularies = async () => {
      const shown = await spool("export", "name:new", "--as", "jsonl", "--to", join(home, "new.jsonl"), "--overwrite")
      expect(shown.code, shown.stderr).toBe(0)
      const { tags } = JSON.parse(readFileSync(join(home, "new.jsonl"), "utf8"))
      return [...new Set(Array.from(tags, (tag) => Object(tag)["vocabulary"]))]
    }
    try {
      await until(/"type":"canary-served"/)
      writeFileSync(join(home, "in", "new.wav"), SampleMedia.wav("noise", { seconds: 2, seed: 77, sampleRate: 16_000 }))
      await until(/"type":"item".*new\.wav.*"state":"done"/)
      expect(await vocabularies()).toEqual(["mood"])
      printed = ""
      expect((await spool("canary", "mood", "--accept")).code).toBe(0)
      await until(/"type":"item".*new\.wav.*"state":"done"/)
      expect(await vocabularies()).toEqual(["instruments"])
    } finally {
      await spool("drain")
      rmSync(join(home, "in", "new.wav"), { force: true })
      await watcher.said
    }
  })
})
