import { describe, expect, it } from "@effect/vitest"
import { Money } from "@mediaspool/core"
import { BigDecimal } from "effect"
import { stripVTControlCharacters } from "node:util"
import { forecastText } from "./ForecastView.js"
import type { ModelForecast, RunForecast } from "./RunForecast.js"

const plan = (toRun: number, blocked: number, models: ReadonlyArray<ModelForecast> = []): RunForecast => ({
  pipeline: "sounds",
  items: 3,
  stages: { caption: { cached: 3 - toRun - blocked, toRun, blocked } },
  blocked:
    blocked === 0 ? [] : [{ node: "probe", code: "NotMedia", files: blocked, message: "it is no media", help: "Remove it." }],
  mediaSeconds: 9,
  estimatedLengths: 0,
  unknownLengths: 0,
  models,
  seconds: undefined,
  canaries: []
})
const model = (name: string, cost: string | undefined): ModelForecast => ({
  node: "caption",
  account: "own",
  model: name,
  requests: 1,
  inputTokens: 10,
  outputTokens: 5,
  cost: cost === undefined ? undefined : new Money({ currency: "USD", amount: BigDecimal.unsafeFromString(cost) }),
  requestsPerMinute: undefined
})

const said = (forecast: RunForecast): string => stripVTControlCharacters(forecastText(forecast))

describe("A plan, as a person reads it", () => {
  it("is up to date only where nothing is blocked", () => {
    expect(said(plan(0, 0))).toBe("sounds: nothing to do, 3 files up to date.")
    const blocked = said(plan(0, 2))
    expect(blocked).toMatch(/^sounds: 3 files, nothing can run\.\n! 2 files blocked at probe: it is no media \(NotMedia\)/)
    expect(blocked).not.toContain("up to date")
  })

  it("says that models without a price are not in the sum", () => {
    expect(said(plan(3, 0, [model("a", "0.25"), model("b", "0.5")]))).toMatch(/about 0\.75\d* USD,/)
    expect(said(plan(3, 0, [model("a", "0.25"), model("b", undefined)]))).toMatch(/about 0\.25\d* USD and what has no price,/)
    expect(said(plan(3, 0, [model("b", undefined)]))).toContain("no price known")
  })
})
