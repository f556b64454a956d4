import { expect, it, vi } from "@effect/vitest"
import { type Library, Store } from "@mediaspool/core"
import { Corrections, libraryMigrations } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import Database from "better-sqlite3"
import { Effect, Schema } from "effect"
import { writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { emulator } from "./Emulator.fixture.js"
import { folder, type Said, start, values } from "./Spool.js"

const PRICE = "price: { currency: USD, audioIn: 0.07, textOut: 0 }"
const config = (baseUrl: string, embed = "", { budget = "", price = PRICE } = {}) => `
providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none, ${budget}
  models: { text-embedding-v4: { ${price} } } } }
pipelines:
  sounds:
    source: { folder: in }
    stages:
      probe: {}
      acoustic: {}
      describe: {}
${embed}
      persist: {}
`
const embed = (with_: string) => `      embed: { with: { provider: own${with_} }, concurrency: 16 }`
const Bill = Schema.Struct({
  paid: Schema.Number,
  entries: Schema.Array(Schema.Struct({ key: Schema.String, inputTokens: Schema.Number }))
})
/** Tokens of the emulator, which knows no better. */
const tokens = (text: string) => Math.ceil(text.length / 4)
/** The content of a file of the library. */
const hashOf = (home: string, name: string): string => {
  const database = new Database(join(home, ".spool/spool.db"), { readonly: true })
  const hash = database.prepare<[string], string>("SELECT content_hash FROM media WHERE path LIKE ?").pluck().get(`%${name}`)
  database.close()
  return hash ?? ""
}
/** Does something in the library, as the page does. */
const inLibrary =
  <A, B, E>(home: string, use: (argument: A) => Effect.Effect<B, E, Library>) =>
  (argument: A): Promise<B> =>
    Effect.runPromise(
      use(argument).pipe(
        Effect.provide(Store.layer(join(home, ".spool"), [{ plugin: "library", migrations: libraryMigrations }]))
      )
    )
const found = (said: Said) => values(said).filter(({ type }) => type === "found")
const names = (said: Said) => found(said).map(({ path }) => basename(String(path)))

it(
  "finds by meaning what has none of the words, asks each question once, and never mixes models",
  { timeout: 300_000 },
  async () => {
    const baseUrl = await emulator()
    const home = folder({
      "spool.yaml": config(baseUrl),
      ...Object.fromEntries(
        (["drums", "noise", "silence", "tone"] as const).map((sound) => [
          `in/${sound}.wav`,
          SampleMedia.wav(sound, { seconds: 3 })
        ])
      )
    })
    const spool = (...args: ReadonlyArray<string>) => start(home, args, { DASHSCOPE_API_KEY: "sk-emulator" }).said
    const billed = async () => {
      const bill = await fetch(new URL("/emulator/bill", baseUrl))
      return Schema.decodeUnknownSync(Bill)(await bill.json())
    }
    const unset = await spool("search", "percussion", "--meaning")
    expect(unset).toMatchObject({ code: 2 })
    expect(unset.stderr).toContain("No pipeline of the config makes vectors of what is said.")

    writeFileSync(join(home, "spool.yaml"), config(baseUrl, embed(", dimensions: 128")))
    // Killed while the service works: what was paid is lost, and nothing else is paid a second time.
    const script = new URL("/emulator/script", baseUrl)
    await fetch(script, { method: "POST", body: JSON.stringify([{ kind: "slow", millis: 60_000, times: 9 }]) })
    const { child, said } = start(home, ["run", "--json"], { DASHSCOPE_API_KEY: "sk-emulator" })
    await vi.waitUntil(async () => (await billed()).paid > 0, { timeout: 60_000, interval: 50 })
    child.kill("SIGKILL")
    await said
    await fetch(script, { method: "DELETE" })
    const lost = (await billed()).paid
    writeFileSync(join(home, "in/chords.wav"), SampleMedia.wav("chords", { seconds: 3 }))
    expect(await spool("run", "--json")).toMatchObject({ code: 0 })
    const { entries, paid: all } = await billed()
    const distinct = new Map(entries.map(({ inputTokens, key }) => [key, inputTokens]))
    expect(all - distinct.size).toBe(lost)
    // Five texts, packed, and each in one request.
    expect(distinct.size).toBeLessThan(5)
    const database = new Database(join(home, ".spool/spool.db"), { readonly: true })
    const texts = database.prepare<[], string>("SELECT text FROM caption WHERE start_seconds IS NULL").pluck().all()
    database.close()
    expect([...distinct.values()].reduce((a, b) => a + b, 0)).toBe(texts.map(tokens).reduce((a, b) => a + b, 0))

    // Nothing that was said has the word.
    expect(found(await spool("search", "percussion", "--json"))).toEqual([])
    const first = await spool("search", "percussion rhythm", "--meaning", "--json")
    expect(names(first)[0]).toBe("drums.wav")
    expect(found(first)[0]?.["reason"]).toEqual({ meaning: 1 })
    expect(first.stderr).toMatch(/The question's vector cost 0\.\d+ USD/)
    const paid = (await billed()).paid
    const again = await spool("search", "percussion rhythm", "duration:<10", "--meaning", "--limit", "1")
    expect(again.stdout).toMatch(/drums\.wav.* meaning 1/)
    expect((await billed()).paid).toBe(paid)

    // A person's word replaces the model's, for that file alone.
    const place = { pipeline: "sounds", node: "describe", contentHash: hashOf(home, "noise.wav") }
    const judged = inLibrary(home, Corrections.judge)
    const { id } = await judged({ ...place, verdict: "corrected", basis: undefined, word: { text: "church bells ring" } })
    const plan = values(await spool("plan", "sounds", "--json")).at(-1)
    expect(plan).toMatchObject({ requests: 0.1, stages: { describe: { toRun: 0 }, embed: { toRun: 1 } } })
    const embeds = async () => values(await spool("run", "--json")).at(-1)?.["stages"]
    expect(await embeds()).toMatchObject({ describe: { ran: 0 }, embed: { ran: 1 }, persist: { ran: 1 } })
    expect((await billed()).paid).toBe(paid + 1)
    const [bells] = found(await spool("search", "church bells", "--meaning", "--json"))
    expect([basename(String(bells?.["path"])), bells?.["reason"]]).toEqual(["noise.wav", { meaning: 1, words: 1 }])
    // Taken back, what the model's own word gave is there still; accepted, it is the same word.
    await inLibrary(home, Corrections.undo)(id)
    expect(await embeds()).toMatchObject({ embed: { ran: 0 }, persist: { ran: 1 } })
    await judged({ ...place, verdict: "accepted", basis: undefined })
    expect(await embeds()).toMatchObject({ embed: { ran: 0 }, persist: { ran: 0 } })

    // Words count too.
    expect(found(await spool("search", "silent", "--meaning", "--json"))[0]).toMatchObject({ reason: { words: 1 } })
    const before = (await billed()).paid
    // A question is a paid call like any: recorded, and within the budget.
    writeFileSync(
      join(home, "spool.yaml"),
      config(baseUrl, embed(", dimensions: 128"), { budget: "budget: { usd: 0.000001, per: day }," })
    )
    const held = await spool("search", "a bird far away", "--meaning")
    expect(held).toMatchObject({ code: 75 })
    expect(held.stderr).toContain("budget:own")
    writeFileSync(
      join(home, "spool.yaml"),
      config(baseUrl, embed(", dimensions: 128"), { budget: "budget: { usd: 1, per: day },", price: "" })
    )
    const priceless = await spool("search", "a bird far away", "--meaning")
    expect(priceless).toMatchObject({ code: 78 })
    expect(priceless.stderr).toContain("the price of 'text-embedding-v4' at 'own' is unknown, and the provider has a budget")
    expect((await billed()).paid).toBe(before)
    expect(await spool("search", "duration:<10", "--meaning")).toMatchObject({ code: 2 })
    expect(await spool("search", "x", "--meaning", "--like", "in/drums.wav")).toMatchObject({ code: 2 })

    // Vectors of another size have nothing in common with the question's.
    writeFileSync(join(home, "spool.yaml"), config(baseUrl, embed(", dimensions: 256")))
    const unasked = (await billed()).paid
    const other = await spool("search", "percussion rhythm", "--meaning")
    expect((await billed()).paid).toBe(unasked)
    expect(other).toMatchObject({ code: 2 })
    expect(other.stderr).toContain(
      "have 128 numbers, not 256: set `dimensions` to that, or run a pipeline with the stage `embed` again"
    )
  }
)
