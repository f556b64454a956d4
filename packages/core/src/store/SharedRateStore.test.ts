import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SharedRates } from "../stage/SharedRates.js"
import { Database } from "./Database.js"
import * as Store from "./Store.js"

/** A state folder of its own for one test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-rates-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const rate = (account: string) => Effect.map(SharedRates, (rates) => rates.of(account))

/** Seconds until the next turn; two turns of a hundred seconds can't be taken for one however slow the machine is. */
const turn = (account: string, share: { readonly requests: number; readonly units: number }) =>
  Effect.flatMap(rate(account), ({ reserve }) => Effect.map(reserve(share), (seconds) => Math.ceil(seconds / 100)))

const request = { requests: 100, units: 0 }

describe("SharedRateStore", () => {
  it.scoped("gives turns one after the other to two that have the library open at once, and to one after them", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const other = (account: string) => turn(account, request).pipe(Effect.provide(Store.layer(path)))
      const turns = yield* Effect.gen(function* () {
        const mine = turn("a", request)
        return [yield* mine, yield* other("a"), yield* mine, yield* other("another"), yield* other("a")]
      }).pipe(Effect.provide(Store.layer(path)))
      expect(turns).toEqual([0, 1, 2, 0, 3])
      expect(yield* other("a")).toBe(4)
    })
  )

  it.scoped("counts units beside requests, and takes back what was not used", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        expect(yield* turn("a", { requests: 100, units: 900 })).toBe(0)
        const { correct } = yield* rate("a")
        yield* correct(-600)
        expect(yield* turn("a", request)).toBe(3)
        yield* correct(-5000)
        expect(yield* turn("a", request)).toBe(4)
      }).pipe(Effect.provide(Store.layer(path)))
    })
  )

  it.scoped("begins anew when the machine has", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        yield* turn("a", request)
        const { write } = yield* Database
        yield* write([
          { sql: "UPDATE fact SET value = json_set(value, '$.seen', (value ->> 'seen') + 1e6) WHERE name = 'rate:a'", values: [] }
        ])
        expect(yield* turn("a", request)).toBe(0)
      }).pipe(Effect.provide(Store.layer(path)))
    })
  )
})
