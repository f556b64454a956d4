import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emulator } from "./Emulator.fixture.js"
import { folder, type Said, start, values } from "./Spool.js"

const Counts = Schema.Struct({ cached: Schema.Number, toRun: Schema.Number, blocked: Schema.Number })
const Plan = Schema.Struct({
  type: Schema.Literal("plan"),
  items: Schema.Number,
  stages: Schema.Record({ key: Schema.String, value: Counts }),
  mediaSeconds: Schema.Number,
  unknownLengths: Schema.Number,
  requests: Schema.Number,
  tokens: Schema.Struct({ input: Schema.Number, output: Schema.Number }),
  cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString }),
  seconds: Schema.NullOr(Schema.Number)
})
const Summary = Schema.Struct({
  items: Schema.Struct({ done: Schema.Number, failed: Schema.Number, waiting: Schema.Number }),
  cost: Schema.Record({ key: Schema.String, value: Schema.NumberFromString }),
  waitingFor: Schema.optional(Schema.Array(Schema.String))
})
const planOf = (said: Said) => Schema.decodeUnknownSync(Plan)(values(said).at(-1))
const summaryOf = (said: Said) => Schema.decodeUnknownSync(Summary)(values(said).at(-1))

const config = (baseUrl: string, provider = "", pipeline = "") => `
providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none,
  models: { qwen3-omni-30b-a3b-captioner: { price: { currency: USD, audioIn: 4, textIn: 1, textOut: 3 } } }${provider} } }
pipelines:
  sounds:
    source: { folder: in }
    ${pipeline}
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      caption: { with: { provider: own } }
      persist: {}
`
const key = { DASHSCOPE_API_KEY: "sk-emulator" }
const noise = (seconds: number, seed: number) => SampleMedia.wav("noise", { seconds, seed, sampleRate: 16_000 })
const sounds = (from: number, to: number) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`in/${from + i}.wav`, noise(4 + ((from + i) % 5), from + i)]))

describe("spool plan", { timeout: 180_000 }, () => {
  it("says what a run would do and cost, pays nothing, and is right within 5 %", async () => {
    const home = folder({ "spool.yaml": config(await emulator()), ...sounds(0, 4) })
    const spool = (...args: ReadonlyArray<string>) => start(home, args, key).said
    const first = planOf(await spool("plan", "--json"))
    expect(first).toMatchObject({ items: 4, requests: 4, unknownLengths: 0, seconds: null })
    expect(first.stages["probe"]).toEqual({ cached: 4, toRun: 0, blocked: 0 })
    expect(first.stages["caption"]).toEqual({ cached: 0, toRun: 4, blocked: 0 })
    expect(first.mediaSeconds).toBeCloseTo(4 + 5 + 6 + 7, 0)
    expect(existsSync(join(home, ".spool", "spool.db"))).toBe(true)
    // Nothing has a status yet: a plan is no run.
    expect(values(await spool("ls", "--json")).map(({ standings }) => standings)).toEqual([[], [], [], []])

    const paid = summaryOf(await spool("run", "--json"))
    expect(paid.items).toMatchObject({ done: 4, failed: 0 })
    expect((await spool("plan")).stdout).toContain("sounds: nothing to do, 4 files up to date.")

    for (const [name, bytes] of Object.entries(sounds(4, 12))) writeFileSync(join(home, name), bytes)
    const second = planOf(await spool("run", "--dry-run", "--json"))
    expect(second.stages["caption"]).toEqual({ cached: 4, toRun: 8, blocked: 0 })
    expect(second.seconds).not.toBeNull()
    const run = await spool("run", "--json")
    const actual = summaryOf(run).cost["USD"] ?? 0
    expect(Math.abs((second.cost["USD"] ?? 0) - actual) / actual).toBeLessThan(0.05)
    // What is computed again out of recorded requests costs nothing.
    const again = planOf(await spool("run", "--dry-run", "--rerun", "caption", "--json"))
    expect(again).toMatchObject({ stages: { caption: { cached: 0, toRun: 12 } }, requests: 0, cost: {} })
    // Plan and actual side by side.
    expect(run.stderr).toMatch(/planned +actual\n *requests +8 +8\n/)
    expect(run.stderr).toMatch(/\n *cost +\S+ USD +\S+ USD\n/)
  })

  it("counts files of unknown length apart, when it may not open them", async () => {
    const home = folder({ "spool.yaml": config("http://127.0.0.1:1/v1"), ...sounds(0, 2) })
    const planned = planOf(await start(home, ["plan", "--no-probe", "--json"], key).said)
    expect(planned).toMatchObject({ items: 2, unknownLengths: 2, requests: 0, cost: {} })
    expect(planned.stages["ingest"]).toEqual({ cached: 0, toRun: 2, blocked: 0 })
  })
})

describe("a budget", { timeout: 180_000 }, () => {
  it("holds work back when it is reached, says so, and lets it go on when it is raised", async () => {
    const baseUrl = await emulator()
    const home = folder({ "spool.yaml": config(baseUrl, ", budget: { usd: 0.004, per: day }"), ...sounds(0, 8) })
    const spool = (...args: ReadonlyArray<string>) => start(home, args, key).said
    const planned = await spool("run", "--dry-run", "--max-cost", "1cny", "--json")
    expect(values(planned).at(-1)).toMatchObject({
      budgets: [
        { name: "budget:own", limit: "0.004", currency: "USD", per: "day", left: "0.004", enough: false },
        { name: "budget:run", limit: "1", currency: "CNY", per: "run", cost: "0", enough: false }
      ]
    })
    const advice = (await spool("plan")).stdout
    expect(advice).toMatch(/! The budget of own has 0.004 USD left of 0.004 USD per day: the run will stop paying there/)
    const run = await spool("run", "--json")
    expect(run.code).toBe(75)
    const held = summaryOf(run)
    // Said once, however many files it holds back, and each of them is told of.
    expect(run.stderr.match(/^Budget reached: .* USD per day .*Raise `budget`/gm)?.length).toBe(1)
    expect(values(run).filter(({ type }) => type === "item").length).toBe(8)
    expect((await spool("status")).stdout).toMatch(/waiting\n +BudgetReached at caption, /)
    expect(held).toMatchObject({ items: { failed: 0 }, waitingFor: ["budget:own"] })
    expect(held.items.done).toBeGreaterThan(0)
    expect(held.items.waiting).toBeGreaterThan(0)
    expect(held.cost["USD"]).toBeLessThanOrEqual(0.004)
    expect((await spool("errors")).stdout).toContain("BudgetReached")

    writeFileSync(join(home, "spool.yaml"), config(baseUrl))
    const limited = await spool("run", "--max-cost", "0.000001usd", "--json")
    expect(limited.code).toBe(75)
    expect(summaryOf(limited)).toMatchObject({ cost: {}, waitingFor: ["budget:run"] })
    expect(limited.stderr).toContain("more than the 0.000001 USD per run")
    expect((await spool("run", "--max-cost", "5usd")).code).toBe(0)
    expect((await spool("run", "--max-cost", "lots")).code).toBe(2)
  })

  it("of a pipeline counts all its calls; one that names two amounts is refused with its place", async () => {
    const baseUrl = await emulator()
    const home = folder({ "spool.yaml": config(baseUrl, "", "budget: { usd: 0.003, per: month }"), ...sounds(0, 6) })
    const run = await start(home, ["run", "--json"], key).said
    expect(summaryOf(run)).toMatchObject({ waitingFor: ["budget:pipeline:sounds"] })
    writeFileSync(join(home, "spool.yaml"), config(baseUrl, "", "budget: { usd: 1, cny: 1, per: month }"))
    const refused = await start(home, ["check"], key).said
    expect(refused.code).toBe(78)
    expect(refused.stderr).toContain("expected one amount, `usd` or `cny`")
  })
})
