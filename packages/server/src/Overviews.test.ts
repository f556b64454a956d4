import { describe, expect, it } from "@effect/vitest"
import { Database } from "@mediaspool/core"
import { Effect } from "effect"
import { readdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { ask, folder, library, serving, signed, signIn } from "./Serving.fixture.js"

describe("the overview", () => {
  it.scopedLive("tells a config that is missing from one that can't be used", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { link, port } = yield* serving(state)
      const window = signed(yield* signIn(port, yield* link))
      const told = Effect.map(ask(port, "GET", "/api/overview", window), ({ body }) => JSON.parse(body))
      expect(yield* told).toMatchObject({ library: "absent", hasConfig: false })
      writeFileSync(join(state, "spool.yaml"), "plugins: [not found]")
      expect(yield* told).toMatchObject({ hasConfig: true, config: expect.stringContaining("no config") })
    })
  )

  it.scopedLive("counts the runs of processes that live, and none that died", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const run = (pipeline: string, owner: string) => ({
        sql: "INSERT INTO run (pipeline, plan, owner, started_at, summary) SELECT ?, id, ?, 1, '{}' FROM plan LIMIT 1",
        values: [pipeline, owner]
      })
      const counts = Effect.scoped(
        Effect.gen(function* () {
          const { link, port } = yield* serving(state)
          const window = signed(yield* signIn(port, yield* link))
          return JSON.parse((yield* ask(port, "GET", "/api/overview", window)).body).counts
        })
      )
      yield* library(
        state,
        Effect.gen(function* () {
          const database = yield* Database
          yield* database.write([
            {
              sql: "INSERT INTO plan (pipeline, fingerprint, description, reads_location, made_at) VALUES ('p', 'x', '', 0, 1)",
              values: []
            },
            run("sounds", "died"),
            // This process, by the lock that it holds.
            ...readdirSync(join(state, "owners")).map((file) => run("speech", basename(file, ".lock")))
          ])
          expect(yield* counts).toMatchObject({ running: 1 })
        })
      )
      expect(yield* counts).toMatchObject({ running: 0 })
    })
  )
})
