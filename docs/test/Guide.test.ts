import { beforeAll, describe, expect, it } from "@effect/vitest"
import { RedisServer } from "@mediaspool/workers/testing"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Page from "./Page.js"
import * as Workshop from "./Workshop.js"

const folder = fileURLToPath(new URL("../guide/", import.meta.url))
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => Page.parse(name, readFileSync(join(folder, name), "utf8")))

/** This page's reader has Redis installed. */
const needsRedis = "workers"
if (RedisServer.program() === undefined) console.warn(`${RedisServer.MISSING}: the guide's page on many machines`)

const root = fileURLToPath(new URL("../../", import.meta.url))

describe("The guide", () => {
  beforeAll(Workshop.prepare)

  it("has no block that no test touches", () => {
    expect(pages.flatMap(({ strays }) => strays)).toEqual([])
  })

  // Side by side, each in a folder of its own: they wait for programs more than they work.
  const typed = pages.filter(({ name }) => name !== needsRedis || RedisServer.program() !== undefined)
  it.concurrent.for(typed)(
    "$name does what it says",
    { timeout: 900_000 },
    async ({ blocks, name }, { expect, onTestFinished }) => {
      const workshop = Workshop.open(name)
      onTestFinished(workshop.close)
      let printed = ""
      for (const block of blocks) {
        const place = `${name}.md:${block.line}`
        if (block._tag === "File" && block.path.endsWith(".sql")) {
          workshop.write(block.path, block.contents)
          const { code, printed } = await workshop.run(`sqlite3 .spool/spool.db "$(cat ${block.path})"`)
          expect(code, `${place} printed:\n${printed}`).toBe(0)
        } else if (block._tag === "File") workshop.write(block.path, block.contents)
        else if (block._tag === "Output") expect(Page.missing(block.text, printed), `${place} in:\n${printed}`).toBeUndefined()
        else {
          const done = await workshop.run(block.script)
          printed = done.printed
          const wanted = Number(/# exits (\d+)/.exec(block.script)?.[1] ?? 0)
          expect(done.code, `${place} printed:\n${printed}`).toBe(wanted)
        }
      }
    }
  )

  it("compiles", { timeout: 240_000 }, async () => {
    const examples = readdirSync(join(root, "docs/api")).map((name) => join(root, "docs/api", name))
    const files = [...typed.flatMap(({ name }) => Workshop.sources(name)), ...examples]
    // As the scaffold has it; Mediaspool's own types come from its sources, so nothing has to be built first.
    const asked = { config: join(root, "packages/cli/template/tsconfig.json"), options: { customConditions: ["source"] }, files }
    const diagnose = join(root, "scripts/diagnose.mjs")
    const { code, printed } = await Workshop.run(process.execPath, [diagnose], root, {}, JSON.stringify(asked))
    expect(code, printed).toBe(0)
    const said = Object.entries<ReadonlyArray<string>>(JSON.parse(printed))
    expect(said.filter(([, faults]) => faults.length > 0)).toEqual([])
    expect(files.length).toBeGreaterThan(0)
  })
})
