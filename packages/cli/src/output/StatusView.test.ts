import { describe, expect, it } from "@effect/vitest"
import type { RunStatus } from "@mediaspool/core"
import { stripVTControlCharacters } from "node:util"
import { statusText } from "./StatusView.js"

const stage = { queued: 1, running: 2, ran: 120, cached: 9, skipped: 0, failed: 3, waiting: 4, cost: { USD: "0.25" } }
const run: RunStatus.RunStatus = {
  id: 1,
  pipeline: "sounds",
  phase: "running",
  startedAt: 0,
  endedAt: undefined,
  owner: "",
  toldAt: 0,
  expected: undefined,
  seconds: 60,
  items: { total: 140, done: 129, failed: 3, waiting: 4 },
  inFlight: 4,
  perMinute: 129,
  stages: { caption: { ...stage, perMinute: 1240, p50Seconds: 0.061, p95Seconds: 1.2 } },
  cost: { USD: "0.25" },
  slowest: [],
  failing: [],
  causes: [],
  longest: [],
  outages: [],
  limits: [],
  workers: [],
  waitingFor: [],
  canaries: []
}
const rows = (columns: number): ReadonlyArray<string> =>
  stripVTControlCharacters(statusText([run], { watcher: undefined, paused: [] }, 60_000, columns))
    .split("\n")
    .slice(1, 3)

describe("How a run stands, for a person", () => {
  it("goes without the least important columns on a narrow terminal, and wraps none", () => {
    expect(rows(Infinity)[0]).toMatch(/^step +queued +running +done +failed +waiting +rate +p50 +p95 +cost$/)
    expect(rows(60)[0]).toMatch(/^step +queued +running +done +failed +waiting +cost$/)
    expect(rows(40)[0]).toMatch(/^step +done +failed +waiting +cost$/)
    expect(rows(32)).toEqual([
      expect.stringMatching(/^step +done +failed +waiting$/),
      expect.stringMatching(/^caption +129 +3 +4$/)
    ])
    for (const columns of [32, 40, 50, 60, 70, 80])
      for (const row of rows(columns)) expect(row.length).toBeLessThanOrEqual(columns)
  })
})
