import { describe, expect, it } from "@effect/vitest"
import type { Summary } from "@mediaspool/core"
import { stripVTControlCharacters } from "node:util"
import { RunProgress } from "./RunProgress.js"
import { summaryText } from "./SummaryView.js"

const said = (outcome: Summary["outcome"], unchanged: number, expected?: number): string => {
  const tally = new RunProgress("sounds", ["probe"], 0)
  tally.expected = expected === undefined ? undefined : { files: expected, bytes: 1 }
  tally.items.unchanged = unchanged
  const items = { total: unchanged, done: unchanged, failed: 0, waiting: 0 }
  const summary: Summary = { pipeline: "sounds", items, ignored: {}, stages: {}, cost: [], seconds: 2, outcome }
  return stripVTControlCharacters(summaryText(summary, tally, { library: "spool.db" }))
}

describe("summaryText", () => {
  it("tells a folder without files from a run that was stopped before one was done", () => {
    expect(said("finished", 0)).toBe("sounds: no files.")
    expect(said("drained", 0)).toBe("sounds: stopped before a file was done (in 2.0 s): the next run continues.")
  })

  it("says that there was nothing to do only when a run came to its end", () => {
    expect(said("finished", 3)).toContain("nothing to do, 3 files up to date")
    expect(said("drained", 3)).toContain("Stopped early: the next run continues.")
    expect(said("drained", 3)).not.toContain("nothing to do")
    expect(said("drained", 3, 120)).toContain("3 of 120 files done")
  })
})
