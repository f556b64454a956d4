import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Call } from "../stage/Calls.js"
import { CallLog } from "../store/CallLog.js"
import { Database } from "../store/Database.js"
import { ProcessLock } from "../store/ProcessLock.js"
import * as State from "../store/State.js"
import { StoreError } from "../store/StoreError.js"
import { Trouble, folder, rows } from "./Run.fixture.js"
import * as RecordedCalls from "./RecordedCalls.js"

const full = new StoreError({ code: "DatabaseNotWritten", detail: "database or disk is full (SQLITE_FULL)" })

/** A process's store. While its disk is full the database takes nothing; everything else is real. */
const store = (state: string, disk: { readonly full: boolean }) => {
  const database = Layer.effect(
    Database,
    Effect.map(Database, (real) => ({
      ...real,
      write: (statements: Parameters<typeof real.write>[0]) => (disk.full ? Effect.fail(full) : real.write(statements))
    }))
  ).pipe(Layer.provide(Database.layer(state)))
  return CallLog.layer.pipe(Layer.provideMerge(Layer.merge(database, State.layer(state))))
}

const calls = Effect.gen(function* () {
  const { of } = yield* RecordedCalls.make(yield* CallLog, yield* ProcessLock)
  return of(
    () => ({ run: 1, item: 1, node: "caption" }),
    () => () => {}
  )
})

const call = (prompt: string): Call => ({
  identity: { prompt },
  account: "nobody",
  model: "parrot",
  // Nothing is paid twice, not even by somebody who would pay twice.
  onAmbiguous: "retry"
})

/** Asks for two things, and the disk is full before they are answered. */
const askTwo = (disk: { full: boolean }) =>
  Effect.gen(function* () {
    const { call: recorded } = yield* calls
    const answers = yield* Deferred.make<void>()
    const sent = yield* Effect.forEach(["a", "b"], (prompt) =>
      Effect.gen(function* () {
        const isSent = yield* Deferred.make<void>()
        const request = Effect.as(Effect.zipRight(Deferred.succeed(isSent, undefined), Deferred.await(answers)), { body: prompt })
        const fiber = yield* Effect.fork(recorded(call(prompt), request))
        yield* Deferred.await(isSent)
        return fiber
      })
    )
    disk.full = true
    yield* Deferred.succeed(answers, undefined)
    expect((yield* Effect.forEach(sent, Fiber.join)).map(({ body }) => body)).toEqual(["a", "b"])
    return recorded
  })

const paidAgain = Effect.die("it was paid again")
const answered = rows("SELECT body FROM call WHERE state = 'answered' ORDER BY body")

describe("On a full disk", () => {
  it.scopedLive("replies wait for room, and nothing more is paid for until they have it", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const disk = { full: false }
      yield* Effect.gen(function* () {
        const recorded = yield* askTwo(disk)
        expect(yield* Effect.flip(recorded(call("c"), paidAgain))).toMatchObject({ code: "CallNotRecorded", retry: "later" })
        expect((yield* recorded(call("a"), paidAgain)).body).toBe("a")
        expect(yield* answered).toEqual([])
        disk.full = false
        expect((yield* recorded(call("c"), Effect.succeed({ body: "c" }))).body).toBe("c")
        expect(yield* answered).toEqual([{ body: "a" }, { body: "b" }, { body: "c" }])
      }).pipe(Effect.provide(store(state, disk)))
      expect(readdirSync(join(state, "replies"))).toEqual([])
    })
  )

  it.scopedLive("replies are kept for the next process, also when this one ends there", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const disk = { full: false }
      yield* Effect.provide(askTwo(disk), store(state, disk))
      const [left = ""] = readdirSync(join(state, "replies"))
      // The process died while it wrote a third: of that one nobody was told.
      const file = join(state, "replies", left)
      const bytes = readFileSync(file)
      bytes.write('[1,"half', bytes.indexOf(0))
      writeFileSync(file, bytes)
      yield* Effect.gen(function* () {
        const { call: recorded } = yield* calls
        expect((yield* recorded(call("a"), paidAgain)).body).toBe("a")
        expect(yield* answered).toEqual([{ body: "a" }, { body: "b" }])
      }).pipe(Effect.provide(store(state, { full: false })))
      expect(readdirSync(join(state, "replies"))).toEqual([])
    })
  )

  it.scopedLive("a request that came to nothing is made again, though its intent could not be taken back", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const disk = { full: false }
      yield* Effect.gen(function* () {
        const { call: recorded } = yield* calls
        const held: Call = { ...call("a"), onAmbiguous: "hold" }
        const refused = Effect.suspend(() => {
          disk.full = true
          return new Trouble({ code: "Refused", detail: "no" })
        })
        expect(yield* Effect.flip(recorded(held, refused))).toMatchObject({ code: "Refused" })
        disk.full = false
        expect((yield* recorded(held, Effect.succeed({ body: "a" }))).body).toBe("a")
      }).pipe(Effect.provide(store(state, disk)))
    })
  )
})
