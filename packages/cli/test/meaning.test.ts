import { expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { emulator } from "./Emulator.fixture.js"
import { folder, type Said, start, values } from "./Spool.js"

const config = (baseUrl: string, embed = "") => `
providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none,
  models: { text-embedding-v4: { price: { currency: USD, audioIn: 0.07, textOut: 0 } } } } }
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
      return Schema.decodeUnknownSync(Schema.Struct({ paid: Schema.Number }))(await bill.json())
    }
    const unset = await spool("search", "percussion", "--meaning")
    expect(unset).toMatchObject({ code: 2 })
    expect(unset.stderr).toContain("No pipeline of the config makes vectors of what is said.")

    writeFileSync(join(home, "spool.yaml"), config(baseUrl, embed(", dimensions: 128")))
    expect(await spool("run", "--json")).toMatchObject({ code: 0 })
    // Four texts, packed.
    expect((await billed()).paid).toBeLessThan(4)

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
    // Words count too.
    expect(found(await spool("search", "silent", "--meaning", "--json"))[0]).toMatchObject({ reason: { words: 1 } })
    expect(await spool("search", "duration:<10", "--meaning")).toMatchObject({ code: 2 })
    expect(await spool("search", "x", "--meaning", "--like", "in/drums.wav")).toMatchObject({ code: 2 })

    // Vectors of another size have nothing in common with the question's.
    writeFileSync(join(home, "spool.yaml"), config(baseUrl, embed(", dimensions: 256")))
    const other = await spool("search", "percussion rhythm", "--meaning")
    expect(other).toMatchObject({ code: 2 })
    expect(other.stderr).toContain("run a pipeline with the stage `embed`")
  }
)
