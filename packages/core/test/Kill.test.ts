import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { make } from "./kill/Harness.tst.js"

/** Every point, or as many of them as a test run can spare: `KILL_POINTS=all npx vitest run packages/core/test/Kill.test.ts`. */
const wanted = process.env["KILL_POINTS"] ?? "6"

describe("A process that is killed", { timeout: 3_600_000 }, () => {
  let harness: Awaited<ReturnType<typeof make>>
  beforeAll(async () => {
    harness = await make()
  })
  afterAll(() => harness.close())

  it("loses nothing, pays once and leaves nothing behind, wherever it was", async () => {
    const points = await harness.count()
    const step = wanted === "all" ? 1 : points / Number(wanted)
    const broken: Array<string> = []
    let tried = 0
    for (let at = 1; at <= points; at += step) {
      tried++
      for (const what of await harness.killAt(Math.floor(at))) broken.push(`at ${Math.floor(at)} of ${points}: ${what}`)
    }
    console.log(`killed at ${tried} of ${points} points, ${broken.length} invariants broken`)
    expect(broken).toEqual([])
  })
})
