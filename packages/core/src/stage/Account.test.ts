import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Fiber, TestClock } from "effect"
import * as Account from "./Account.js"
import * as Failure from "./Failure.js"
import { Settings } from "./Settings.js"

class Busy extends Failure.Class<Busy>()("Busy", {
  Busy: { retry: "later", billed: "no", help: "Wait." }
}) {}

const config = (accounts: Readonly<Record<string, object>>) =>
  Effect.provideService(Settings, {
    section: (name) =>
      name === "accounts"
        ? Object.fromEntries(Object.entries(accounts).map(([key, one]) => [key, { concurrency: 4, ...one }]))
        : {}
  })

/** When each of so many requests went out, in seconds, asked for all at once by stages that know nothing of each other. */
const times = (name: string, count: number, units?: number) =>
  Effect.gen(function* () {
    const sent: Array<number> = []
    const began = yield* Clock.currentTimeMillis
    const ask = Effect.gen(function* () {
      const account = yield* Account.named(name)
      yield* account.request(
        Effect.map(Clock.currentTimeMillis, (now) => void sent.push((now - began) / 1000)),
        units
      )
    })
    const asking = yield* Effect.fork(
      Effect.all(
        Array.from({ length: count }, () => ask),
        { concurrency: "unbounded" }
      )
    )
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(asking)
    return sent
  })

const gaps = (sent: ReadonlyArray<number>) => sent.slice(1).map((at, n) => at - (sent[n] ?? 0))

describe("Account", () => {
  it("gives its budget to the plans, under its name", () => {
    const accounts = { asr: { concurrency: 4, budget: { usd: 5, per: "day" } }, free: { concurrency: 4 } }
    expect(Account.budgetsOf(accounts)).toEqual([{ name: "budget:asr", account: "asr", currency: "USD", amount: 5, per: "day" }])
    for (const section of [undefined, {}, { asr: { budget: 5 } }]) expect(Account.budgetsOf(section)).toEqual([])
  })

  it.effect("keeps everybody who asks by its name within its rate, its units and its spacing", () =>
    Effect.gen(function* () {
      for (const gap of gaps(yield* times("a", 5))) expect(gap).toBeGreaterThanOrEqual(2)
      for (const gap of gaps(yield* times("b", 3, 10))) expect(gap).toBeGreaterThanOrEqual(10)
      for (const gap of gaps(yield* times("c", 4))) expect(gap).toBeGreaterThanOrEqual(0.5)
    }).pipe(config({ a: { rpm: 30 }, b: { units: 60 }, c: { spacing: 0.5 } }))
  )

  it.effect("lets so many go at the same time", () =>
    Effect.gen(function* () {
      let atOnce = 0
      let most = 0
      const account = yield* Account.named("narrow")
      const one = account.request(
        Effect.suspend(() => {
          most = Math.max(most, ++atOnce)
          return Effect.ensuring(
            Effect.sleep("1 seconds"),
            Effect.sync(() => atOnce--)
          )
        })
      )
      const all = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 6 }, () => one),
          { concurrency: "unbounded" }
        )
      )
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(all)
      expect(most).toBe(2)
    }).pipe(config({ narrow: { concurrency: 2 } }))
  )

  it.effect("makes everybody wait as long as a refusal says", () =>
    Effect.gen(function* () {
      const account = yield* Account.named("busy")
      yield* Effect.flip(account.request(new Busy({ code: "Busy", detail: "429", retryAfterMillis: 5000 })))
      const [first] = yield* times("busy", 1)
      expect(first).toBeGreaterThanOrEqual(5)
    }).pipe(config({ busy: {} }))
  )

  it.effect("names the account that nobody configured, and those that there are", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Account.named("asr"))
      expect(error).toMatchObject({ code: "AccountUnknown", message: "there is no account 'asr' under accounts; there are tts" })
      expect(error.help).toContain("`accounts`")
    }).pipe(config({ tts: {} }))
  )
})
