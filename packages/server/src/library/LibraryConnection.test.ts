import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { Effect, Schedule } from "effect"
import { renameSync } from "node:fs"
import { join } from "node:path"
import { ask, folder, library, serving, signed, signIn } from "../Serving.fixture.js"

const started = Effect.gen(function* () {
  const state = yield* folder
  yield* library(state, Effect.void)
  return { state, file: join(state, "spool.db") }
})

/** What the page is told of the library, and what of its rows. */
const served = (state: string) =>
  Effect.gen(function* () {
    const { link, port } = yield* serving(state)
    const window = signed(yield* signIn(port, yield* link))
    const told = Effect.gen(function* () {
      const { library, problem } = JSON.parse((yield* ask(port, "GET", "/api/overview", window)).body)
      return { library, message: problem?.message ?? "", rows: (yield* ask(port, "GET", "/api/rows", window)).status }
    })
    const until = (state: string) =>
      Effect.zipRight(
        Effect.repeat(told, { until: ({ library }) => library === state, schedule: Schedule.spaced("200 millis") }),
        told
      )
    return { told, until }
  })

const change = (file: string, sql: string) => {
  const other = new Sqlite(file)
  other.exec(sql)
  other.close()
}

describe("a library that can't be had", { timeout: 60_000 }, () => {
  it.scopedLive("is there once its first run has made it", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { told, until } = yield* served(state)
      expect(yield* told).toMatchObject({ library: "absent", rows: 503 })
      yield* library(state, Effect.void)
      expect(yield* until("ready")).toMatchObject({ rows: 200 })
    })
  )

  it.scopedLive("of a newer version is said to be so, and comes back by itself", () =>
    Effect.gen(function* () {
      const { file, state } = yield* started
      change(file, "INSERT INTO migration VALUES ('library', 9999, 0)")
      const { told, until } = yield* served(state)
      expect(yield* told).toMatchObject({ library: "away", rows: 503, message: expect.stringContaining("version 9999") })
      change(file, "DELETE FROM migration WHERE id = 9999")
      expect(yield* until("ready")).toMatchObject({ rows: 200 })
    })
  )

  it.scopedLive("that another program has locked is said to be so, and comes back by itself", () =>
    Effect.gen(function* () {
      const { file, state } = yield* started
      const other = new Sqlite(file)
      other.pragma("locking_mode = EXCLUSIVE")
      other.exec("BEGIN EXCLUSIVE")
      const { told, until } = yield* served(state)
      expect(yield* told).toMatchObject({ library: "away", rows: 503, message: expect.stringContaining("locked") })
      other.close()
      expect(yield* until("ready")).toMatchObject({ rows: 200 })
    })
  )

  it.scopedLive("that was moved away is said to be so, and is there again when it is back", () =>
    Effect.gen(function* () {
      const { file, state } = yield* started
      const { until } = yield* served(state)
      yield* until("ready")
      renameSync(file, `${file}.away`)
      expect(yield* until("away")).toMatchObject({ rows: 503, message: expect.stringContaining("moved or deleted") })
      renameSync(`${file}.away`, file)
      expect(yield* until("ready")).toMatchObject({ rows: 200 })
    })
  )
})
