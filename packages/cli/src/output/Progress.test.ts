import { describe, expect, it } from "@effect/vitest"
import { type Event, Money } from "@mediaspool/core"
import { BigDecimal, FastCheck as fc } from "effect"
import { stripVTControlCharacters } from "node:util"
import * as Progress from "./Progress.js"
import { RunProgress } from "./RunProgress.js"

/** What one file's run tells. */
const file = (item: number, seconds: number, state: "done" | "failed" | "waiting" = "done"): ReadonlyArray<Event> => [
  { _tag: "ItemStarted", pipeline: "sounds", item, path: `/in/${item}.wav` },
  {
    _tag: "Progress",
    pipeline: "sounds",
    item,
    path: `/in/${item}.wav`,
    node: "probe",
    doneSeconds: seconds,
    totalSeconds: seconds
  },
  finished(item, "probe", "ran"),
  finished(item, "copy", state === "done" ? "cached" : state),
  { _tag: "ItemFinished", pipeline: "sounds", item, path: `/in/${item}.wav`, state, obstacles: [] }
]

const finished = (item: number, node: string, outcome: "ran" | "cached" | "failed" | "waiting", price?: Money): Event => ({
  _tag: "NodeFinished",
  pipeline: "sounds",
  item,
  path: `/in/${item}.wav`,
  node,
  outcome,
  failure: undefined,
  milliseconds: 1,
  price
})

const tallied = (events: ReadonlyArray<Event>, expected?: { files: number; bytes: number }): RunProgress => {
  const tally = new RunProgress("sounds", ["probe", "copy"], 0)
  tally.expected = expected
  for (const event of events) {
    if (event._tag === "ItemStarted") tally.arrive(event.path, 1000)
    tally.apply(event)
  }
  return tally
}

const shown = (tally: RunProgress, now: number) => Progress.lines(tally, now, 80).map(stripVTControlCharacters)

describe("progress", () => {
  it("says files and media hours done, rate, and the time left by media time", () => {
    // 2 of 8 equally large files, an hour each, took 10 s.
    const tally = tallied([...file(1, 3600), ...file(2, 3600)], { files: 8, bytes: 8000 })
    expect(shown(tally, 10_000)).toEqual([
      "sounds 2 of 8 files · 2.0 h of about 8.0 h of media · 720× real time · about 30 s left",
      "  probe 2 → copy 2"
    ])
  })

  it("counts the part of a long file that is done", () => {
    const halfway: ReadonlyArray<Event> = [
      { _tag: "ItemStarted", pipeline: "sounds", item: 9, path: "/in/long.wav" },
      finished(9, "probe", "ran"),
      { _tag: "Progress", pipeline: "sounds", item: 9, path: "/in/long.wav", node: "copy", doneSeconds: 1800, totalSeconds: 3600 }
    ]
    const tally = tallied([...halfway])
    expect(tally.secondsDone).toBe(2700)
    expect(shown(tally, 10_000).at(-1)).toBe("   50 % copy  /in/long.wav")
  })

  it("says what failed, what waits, for whom, and what was paid", () => {
    const price = new Money({ currency: "CNY", amount: BigDecimal.unsafeFromString("0.10") })
    const tally = tallied([
      ...file(1, 60, "failed"),
      ...file(2, 60, "waiting"),
      finished(3, "copy", "ran", price),
      finished(4, "copy", "ran", new Money({ currency: "CNY", amount: BigDecimal.unsafeFromString("0.2") })),
      {
        _tag: "ResourceClosed",
        resource: "provider:local",
        failure: { _tag: "E", code: "Away", retry: "later", message: "no answer\u001b[2J from it", help: "" },
        probeInMillis: 1000
      }
    ])
    const [headline, nodes, away] = shown(tally, 1000)
    expect(headline).toContain("1 failed · 1 waiting · 0.3 CNY")
    expect(nodes).toBe("  probe 2 → copy 2 ✗1 …1")
    expect(away).toBe("  provider:local is unavailable, its work waits: no answer\\u{1b}[2J from it")
  })

  it("never says that more is done than there is, whatever comes in whatever order", () => {
    const any = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9000 }),
        fc.constantFrom("done" as const, "failed" as const)
      )
    )
    fc.assert(
      fc.property(any, (files) => {
        const events = files.flatMap(([item, seconds, state]) => file(item, seconds, state))
        const tally = tallied([...events], { files: files.length, bytes: files.length * 1000 })
        expect(tally.inFlight.size).toBe(0)
        expect(tally.items.done + tally.items.failed).toBe(files.length)
        expect(tally.secondsLeft(1e6) ?? 0).toBeGreaterThanOrEqual(0)
        expect(tally.secondsDone).toBeCloseTo(files.reduce((sum, [, seconds]) => sum + seconds, 0))
      })
    )
  })
})
