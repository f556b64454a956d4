import { describe, expect, it } from "@effect/vitest"
import { BigDecimal, Deferred, Effect, Fiber, Layer, Schema } from "effect"
import { join } from "node:path"
import { type Call, Calls } from "../stage/Calls.js"
import { format, Money, Usage } from "../stage/Cost.js"
import * as Stage from "../stage/Stage.js"
import { CallLog } from "../store/CallLog.js"
import { ProcessLock } from "../store/ProcessLock.js"
import * as Store from "../store/Store.js"
import { Entry, files, folder, layer, plan, rows, run, Text, Trouble } from "./Run.fixture.js"
import * as RecordedCalls from "./RecordedCalls.js"

const yuan = (amount: string) => new Money({ currency: "CNY", amount: BigDecimal.unsafeFromString(amount) })

const call = (prompt: string, onAmbiguous: "retry" | "hold" = "retry"): Call => ({
  identity: { authority: "nobody", model: "parrot", prompt },
  account: "nobody",
  model: "parrot",
  onAmbiguous
})

const reply = (body: string) => ({
  body,
  requestId: "r-1",
  usage: new Usage({ inputTokens: 10, outputTokens: 2 }),
  price: yuan("0.015")
})

/** The calls of one process over a state folder. */
const process = (state: string) => {
  const paid: Array<string> = []
  const make = Effect.gen(function* () {
    const calls = yield* RecordedCalls.make(yield* CallLog, yield* ProcessLock)
    return calls.of(
      () => ({ run: 1, item: 1, node: "caption" }),
      () => (_, price) => void (price === undefined ? undefined : paid.push(BigDecimal.format(price.amount)))
    )
  })
  return { paid, make, layer: Store.layer(state) }
}

/** What the process of a kill leaves behind: an intent, and no owner. */
const dieInFlight = (state: string, asked: Call) =>
  Effect.gen(function* () {
    const { layer, make } = process(state)
    yield* Effect.gen(function* () {
      const calls = yield* make
      const sent = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(calls.call(asked, Effect.zipRight(Deferred.succeed(sent, undefined), Effect.never)))
      yield* Deferred.await(sent)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(layer))
  })

describe("RecordedCalls", () => {
  it.scopedLive("asks once, and replays for every process after that", () =>
    Effect.gen(function* () {
      const state = yield* folder
      let asked = 0
      const request = Effect.sync(() => reply(`answer ${++asked}`))
      const ask = () => {
        const { layer, make, paid } = process(state)
        return Effect.flatMap(make, (calls) =>
          Effect.map(Effect.zip(calls.call(call("a"), request), calls.call(call("a"), request)), (both) => ({
            both,
            paid
          }))
        ).pipe(Effect.provide(layer))
      }
      const first = yield* ask()
      expect(first.both.map(({ body }) => body)).toEqual(["answer 1", "answer 1"])
      expect(first.paid).toEqual(["0.015"])
      const second = yield* ask()
      expect(second.both[0]).toEqual(reply("answer 1"))
      expect(second.paid).toEqual([])
    })
  )

  it.scopedLive("lets one of many askers go, and gives all of them its answer", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      let asked = 0
      const answers = yield* Effect.gen(function* () {
        const calls = yield* make
        const request = Effect.zipRight(
          Effect.sleep("5 millis"),
          Effect.sync(() => reply(`answer ${++asked}`))
        )
        return yield* Effect.all(
          Array.from({ length: 5 }, () => calls.call(call("a"), request)),
          { concurrency: "unbounded" }
        )
      }).pipe(Effect.provide(layer))
      expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 5 }, () => "answer 1"))
    })
  )

  it.scopedLive("waits before the intent, and only when the call wasn't answered", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const waits: Array<number> = []
        const wait = Effect.flatMap(rows("SELECT count(*) AS n FROM call"), ([row]) =>
          Effect.sync(() => waits.push(Number(row?.["n"])))
        ).pipe(Effect.orDie)
        yield* calls.call(call("a"), Effect.succeed(reply("x")), wait)
        yield* calls.call(call("a"), Effect.succeed(reply("y")), wait)
        expect(waits).toEqual([0])
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("forgets a request whose failure says that nothing was billed", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const refused = new Trouble({ code: "Refused", detail: "too many requests" })
        expect(yield* Effect.flip(calls.call(call("a", "hold"), refused))).toBe(refused)
        expect(yield* rows("SELECT * FROM call")).toEqual([])
        expect((yield* calls.call(call("a", "hold"), Effect.succeed(reply("x")))).body).toBe("x")
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("keeps a request on record that failed in any other way: it may have been billed", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const broke = new Trouble({ code: "Now", detail: "the connection broke" })
        expect(yield* Effect.flip(calls.call(call("a", "retry"), broke))).toBe(broke)
        expect((yield* calls.call(call("a", "retry"), Effect.succeed(reply("x")))).body).toBe("x")
        for (const failure of [broke, Effect.die("a mistake")]) {
          const held = yield* Effect.flip(calls.call(call("b", "hold"), failure))
          expect(held).toMatchObject({ code: "CallUnanswered", retry: "never" })
          expect((yield* Effect.flip(calls.call(call("b", "hold"), Effect.succeed(reply("x"))))).retry).toBe("never")
          yield* (yield* CallLog).release(
            (yield* rows("SELECT key FROM call WHERE state = 'sent'")).map(({ key }) => String(key))
          )
        }
        expect(yield* rows("SELECT state, sent FROM call")).toEqual([{ state: "answered", sent: 2 }])
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("lets a request go on whose caller leaves, and has its reply for the next", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make, paid } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const sent = yield* Deferred.make<void>()
        const answer = yield* Deferred.make<void>()
        const slow = Effect.as(Effect.zipRight(Deferred.succeed(sent, undefined), Deferred.await(answer)), reply("slow"))
        const caller = yield* Effect.fork(calls.call(call("a"), slow))
        yield* Deferred.await(sent)
        yield* Fiber.interrupt(caller)
        const again = yield* Effect.fork(calls.call(call("a"), Effect.dieMessage("asked twice")))
        yield* Deferred.succeed(answer, undefined)
        expect((yield* Fiber.join(again)).body).toBe("slow")
        expect(paid).toEqual(["0.015"])
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("pays every window once, though another's failure interrupts them", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const billed: Array<string> = []
        let failures = 0
        // As everybody writes it: two at a time, and every third request is refused while its neighbour is under way.
        const ask = (window: string) =>
          calls.call(
            call(window, "hold"),
            Effect.suspend(() => {
              if (++failures % 3 === 0) return new Trouble({ code: "Refused", detail: "503" })
              billed.push(window)
              return Effect.as(Effect.sleep("5 millis"), reply(window))
            })
          )
        const windows = Array.from({ length: 9 }, (_, n) => String(n))
        const answers = yield* Effect.forEach(windows, ask, { concurrency: 2 }).pipe(Effect.retry({ times: 20 }))
        expect(answers.map(({ body }) => body)).toEqual(windows)
        expect(billed.toSorted()).toEqual(windows)
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("waits no longer for an answer than the call says", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        const late = (onAmbiguous: "retry" | "hold") =>
          Effect.flip(calls.call({ ...call(onAmbiguous, onAmbiguous), deadline: "20 millis" }, Effect.never))
        expect(yield* late("retry")).toMatchObject({ code: "CallTimedOut", retry: "now" })
        expect(yield* late("hold")).toMatchObject({ code: "CallUnanswered", retry: "never" })
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("makes a call that was in flight at a crash again, or holds it, as the provider says", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* dieInFlight(state, call("a", "retry"))
      yield* dieInFlight(state, call("b", "hold"))
      const { layer, make } = process(state)
      yield* Effect.gen(function* () {
        const calls = yield* make
        expect((yield* calls.call(call("a", "retry"), Effect.succeed(reply("x")))).body).toBe("x")
        expect(yield* rows("SELECT sent FROM call WHERE state = 'answered'")).toEqual([{ sent: 2 }])
        const held = yield* Effect.flip(calls.call(call("b", "hold"), Effect.succeed(reply("x"))))
        expect(held).toMatchObject({ code: "CallInFlightAtCrash", retry: "never" })
        const log = yield* CallLog
        const [row] = yield* rows("SELECT key FROM call WHERE state = 'sent'")
        yield* log.release([String(row?.["key"])])
        expect((yield* calls.call(call("b", "hold"), Effect.succeed(reply("y")))).body).toBe("y")
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("waits for another process's call instead of paying too", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const [one, other] = [process(state), process(state)]
      const [first, second] = [yield* Layer.build(one.layer), yield* Layer.build(other.layer)]
      const sent = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<void>()
      const calls = yield* Effect.provide(one.make, first)
      const slow = yield* Effect.fork(
        calls.call(
          call("a"),
          Effect.zipRight(Deferred.succeed(sent, undefined), Effect.as(Deferred.await(answer), reply("from the first")))
        )
      )
      yield* Deferred.await(sent)
      const others = yield* Effect.provide(other.make, second)
      const waiting = yield* Effect.fork(others.call(call("a"), Effect.succeed(reply("from the second"))))
      yield* Effect.sleep("20 millis")
      yield* Deferred.succeed(answer, undefined)
      expect((yield* Fiber.join(slow)).body).toBe("from the first")
      expect((yield* Fiber.join(waiting)).body).toBe("from the first")
      expect(other.paid).toEqual([])
    })
  )

  it.scopedLive("decides once, before the first call that rests on it", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const decide = (value: string) => {
        const { layer, make } = process(state)
        return Effect.gen(function* () {
          const calls = yield* make
          const decided = yield* calls.decide({ windows: "of a" }, Effect.succeed(value))
          return { decided, rows: yield* rows("SELECT value FROM decision") }
        }).pipe(Effect.provide(layer))
      }
      expect(yield* decide("0-30")).toEqual({ decided: "0-30", rows: [{ value: "0-30" }] })
      expect(yield* decide("0-20")).toEqual({ decided: "0-30", rows: [{ value: "0-30" }] })
    })
  )
})

/** Captions with one paid call; the kind can be changed under its stored results. */
const captions = (kind: typeof Text | typeof Longer, asked: Array<string>): Stage.AnyStage =>
  Stage.make({
    name: "caption",
    version: 1,
    summary: "Captions",
    input: { file: Entry },
    output: kind,
    config: Schema.Struct({}),
    error: Trouble,
    keyParts: () => Effect.succeed({ model: "parrot" }),
    run: ({ file }) =>
      Effect.gen(function* () {
        const calls = yield* Calls
        const { body } = yield* Effect.orDie(
          calls.call(
            { ...call("say"), identity: { file: file.file.hash } },
            Effect.sync(() => {
              asked.push(file.file.hash)
              return reply("a parrot")
            })
          )
        )
        return new kind({ text: body, language: "en" })
      })
  })

class Longer extends Schema.TaggedClass<Longer>("Text")("Text", { text: Schema.String, language: Schema.String }) {}

const reads = Stage.make({
  name: "read",
  version: 1,
  summary: "Reads",
  input: { text: Text },
  output: Entry,
  config: Schema.Struct({}),
  error: Trouble,
  run: () => Effect.fail(new Trouble({ code: "Skip", detail: "read" }))
})

describe("A stage with paid calls", () => {
  it.scopedLive("pays once over copies, renames, reruns and a second pipeline, and the run says what it cost", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const asked: Array<string> = []
      const nodes = (pipeline: string) => plan([{ name: "caption", stage: captions(Longer, asked) }], pipeline)
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "copy of a.wav": "a", "b.wav": "b" })]
      yield* Effect.gen(function* () {
        const first = yield* run(nodes("one"), arrivals)
        expect(first.cost.map(format)).toEqual(["0.03 CNY"])
        expect(asked.length).toBe(2)
        expect(yield* rows("SELECT sum(input_tokens) AS tokens, group_concat(amount) AS amounts FROM attempt")).toEqual([
          { tokens: 20, amounts: "0.015,0.015" }
        ])
        const rerun = yield* run(nodes("one"), arrivals, { rerun: ["caption"] })
        expect(rerun.stages["caption"]).toMatchObject({ ran: 2, cached: 1 })
        expect(rerun.cost).toEqual([])
        const second = yield* run(nodes("two"), arrivals)
        expect(second.stages["caption"]).toMatchObject({ ran: 0, cached: 3 })
        expect(asked.length).toBe(2)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("takes a stored result that no longer decodes for a miss, and pays nothing to make it again", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const asked: Array<string> = []
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      yield* Effect.gen(function* () {
        yield* run(plan([{ name: "caption", stage: captions(Text, asked) }]), arrivals)
        // A new version of the plugin wants another field, and nobody raised the stage's version.
        const after = plan([
          { name: "caption", stage: captions(Longer, asked) },
          { name: "read", stage: reads }
        ])
        const { items, stages } = yield* run(after, arrivals)
        expect(items.done).toBe(1)
        expect(stages["caption"]).toMatchObject({ ran: 1, cached: 0 })
        expect(stages["read"]).toMatchObject({ skipped: 1 })
        expect(asked.length).toBe(1)
        expect(yield* rows("SELECT value FROM ledger WHERE value LIKE '%language%'")).toHaveLength(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
