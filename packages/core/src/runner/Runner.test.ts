import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Either, Exit, Fiber, Ref, Schema, Stream } from "effect"
import { join } from "node:path"
import * as Canonical from "../pipeline/Canonical.js"
import { sha256 } from "../pipeline/Digest.js"
import { all, maybe } from "../stage/Port.js"
import * as Stage from "../stage/Stage.js"
import { Database } from "../store/Database.js"
import { Ledger } from "../store/Ledger.js"
import { Entry, files, folder, layer, Other, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"
import { Runner } from "./Runner.js"

const collect = Stage.make({
  name: "collect",
  version: 1,
  summary: "Collects texts",
  input: { texts: all(Text), entry: Entry },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ texts }) => Effect.succeed(new Other({ text: texts.map(({ node, value }) => `${node}=${value.text}`).join(" ") }))
})

const perhaps = Stage.make({
  name: "perhaps",
  version: 1,
  summary: "Takes a text when there is one",
  input: { text: maybe(Text), entry: Entry },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ text }) => Effect.succeed(new Other({ text: text?.text ?? "none" }))
})

const needs = Stage.make({
  name: "needs",
  version: 1,
  summary: "Needs a text",
  input: { text: Text },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ text }) => Effect.succeed(new Other({ text: text.text }))
})

const trouble = (code: "Now" | "Later" | "Never" | "Config" | "Skip") => new Trouble({ code, detail: `it is ${code}` })

describe("Runner", () => {
  it.scopedLive("runs every node once for every file, and nothing the second time", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      const upper = textStage("upper")
      const lower = textStage("lower")
      const nodes = plan([
        { name: "upper", stage: upper.stage },
        { name: "lower", stage: lower.stage },
        { name: "collect", stage: collect }
      ])
      yield* Effect.gen(function* () {
        const first = yield* run(nodes, arrivals)
        expect(first.items).toEqual({ total: 2, done: 2, failed: 0, waiting: 0 })
        expect(first.stages["collect"]).toEqual({ ran: 2, cached: 0, skipped: 0, failed: 0, waiting: 0 })
        const values = yield* rows(
          "SELECT value FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'collect' ORDER BY value"
        )
        expect(values.map(({ value }) => JSON.parse(String(value)).text)).toEqual([
          "upper=upper a lower=lower a",
          "upper=upper b lower=lower b"
        ])
        const second = yield* run(nodes, arrivals)
        expect(second.stages["collect"]).toEqual({ ran: 0, cached: 2, skipped: 0, failed: 0, waiting: 0 })
        expect(upper.runs.length).toBe(2)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("reruns exactly what depends on an edited config", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const [upper, lower] = [textStage("upper"), textStage("lower")]
      const nodes = (prompt: string) =>
        plan([
          { name: "upper", stage: upper.stage, identity: { prompt } },
          { name: "lower", stage: lower.stage },
          { name: "needs", stage: needs, from: { text: "lower" } },
          { name: "collect", stage: collect }
        ])
      yield* Effect.gen(function* () {
        yield* run(nodes("one"), arrivals)
        const { stages } = yield* run(nodes("two"), arrivals)
        const ran = Object.entries(stages).filter(([, { ran }]) => ran === 1)
        // The edited node gives the same text as before: what depends on it has its result already.
        expect(ran.map(([node]) => node)).toEqual(["upper"])
        expect(upper.runs.length).toBe(2)
        expect(lower.runs.length).toBe(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("stores what every key was made of", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const nodes = plan([
        { name: "upper", stage: textStage("upper").stage, identity: { prompt: "p", nested: { a: 1 } } },
        { name: "collect", stage: collect }
      ])
      yield* Effect.gen(function* () {
        yield* run(nodes, [files(join(root, "in"), { "a.wav": "a" })])
        const ledger = yield* Ledger
        for (const { key } of yield* rows("SELECT key FROM ledger")) {
          const record = yield* ledger.record(String(key))
          const parts = JSON.parse(record?.recipe ?? "{}")
          const preimage = { ...parts, inputs: JSON.parse(`{${record?.inputs}}`) }
          expect(sha256(Either.getOrThrow(Canonical.stringify(preimage)))).toBe(key)
        }
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("runs nodes that don't need each other at the same time", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const both = yield* Deferred.make<void>()
      const started = yield* Ref.make(0)
      // Each goes on only when the other has started too.
      const meet = Effect.flatMap(
        Ref.updateAndGet(started, (n) => n + 1),
        (n) => (n === 2 ? Deferred.succeed(both, undefined) : Deferred.await(both))
      )
      const nodes = plan([
        { name: "left", stage: textStage("left", () => Effect.as(meet, "l")).stage },
        { name: "right", stage: textStage("right", () => Effect.as(meet, "r")).stage },
        { name: "collect", stage: collect }
      ])
      const summary = yield* run(nodes, [files(join(root, "in"), { "a.wav": "a" })]).pipe(
        Effect.provide(layer(join(root, "state")))
      )
      expect(summary.items.done).toBe(1)
    })
  )

  it.scopedLive("skips what depends on a skipped node, and the item is done", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const silent = textStage("silent", () => Effect.fail(trouble("Skip")))
      const nodes = plan([
        { name: "silent", stage: silent.stage },
        { name: "needs", stage: needs },
        { name: "perhaps", stage: perhaps },
        { name: "collect", stage: collect }
      ])
      yield* Effect.gen(function* () {
        const { items, stages } = yield* run(nodes, arrivals)
        expect(items).toEqual({ total: 1, done: 1, failed: 0, waiting: 0 })
        expect(stages["silent"]?.skipped).toBe(1)
        expect(stages["needs"]?.skipped).toBe(1)
        expect(stages["perhaps"]?.ran).toBe(1)
        expect(stages["collect"]?.ran).toBe(1)
        // The ledger knows: it isn't asked again.
        expect((yield* run(nodes, arrivals, { rerun: ["collect"] })).stages["silent"]?.skipped).toBe(1)
        expect(silent.runs.length).toBe(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("keeps a failure from nothing but what depends on it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const nodes = plan([
        {
          name: "picky",
          stage: textStage("picky", (text) => (text === "bad" ? Effect.fail(trouble("Never")) : Effect.succeed(text))).stage
        },
        { name: "plain", stage: textStage("plain").stage },
        { name: "needs", stage: needs, from: { text: "picky" } },
        { name: "collect", stage: collect }
      ])
      yield* Effect.gen(function* () {
        const { items, stages } = yield* run(nodes, [files(join(root, "in"), { "a.wav": "good", "b.wav": "bad" })])
        expect(items).toEqual({ total: 2, done: 1, failed: 1, waiting: 0 })
        expect(stages["picky"]).toMatchObject({ ran: 1, failed: 1 })
        expect(stages["needs"]).toMatchObject({ ran: 1, failed: 0 })
        expect(stages["collect"]).toMatchObject({ ran: 2 })
        expect(yield* rows("SELECT node, code, retry, message, help FROM failure")).toEqual([
          { node: "picky", code: "Never", retry: "never", message: "it is Never", help: "Give up." }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("holds no more items than it was told, however many files there are", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inside = { now: 0, most: 0 }
      const stage = textStage("count", (text) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            inside.now++
            inside.most = Math.max(inside.most, inside.now)
          }),
          () => Effect.as(Effect.sleep("2 millis"), text),
          () => Effect.sync(() => inside.now--)
        )
      )
      const contents = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.wav`, `${i}`]))
      const summary = yield* run(plan([{ name: "count", stage: stage.stage }]), [files(join(root, "in"), contents)], {
        inFlight: 3
      }).pipe(Effect.provide(layer(join(root, "state"))))
      expect(summary.items.done).toBe(40)
      expect(inside.most).toBe(3)
    })
  )

  it.scopedLive("holds to a node's own limit", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inside = { now: 0, most: 0 }
      const stage = textStage("count", (text) =>
        Effect.gen(function* () {
          inside.most = Math.max(inside.most, ++inside.now)
          yield* Effect.sleep("2 millis")
          inside.now--
          return text
        })
      )
      const contents = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.wav`, `${i}`]))
      yield* run(plan([{ name: "count", stage: stage.stage, concurrency: 2 }]), [files(join(root, "in"), contents)]).pipe(
        Effect.provide(layer(join(root, "state")))
      )
      expect(inside.most).toBe(2)
    })
  )

  it.scopedLive("stops at once when it is interrupted, and gives back what it held", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const started = yield* Deferred.make<void>()
      const cleaned = yield* Deferred.make<void>()
      const endless = textStage("endless", () =>
        Effect.onInterrupt(Effect.zipRight(Deferred.succeed(started, undefined), Effect.never), () =>
          Deferred.succeed(cleaned, undefined)
        )
      )
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "a" })]
      yield* Effect.gen(function* () {
        const nodes = plan([{ name: "endless", stage: endless.stage }])
        const fiber = yield* Effect.fork(run(nodes, arrivals))
        yield* Deferred.await(started)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
        yield* Deferred.await(cleaned)
        expect(yield* rows("SELECT outcome FROM run")).toEqual([{ outcome: "interrupted" }])
        expect(yield* rows("SELECT * FROM item_state")).toEqual([])
        // The same process can do the work now: nobody waits for the one that was interrupted.
        const quick = plan([{ name: "endless", stage: textStage("endless").stage }])
        expect((yield* run(quick, arrivals)).items.done).toBe(2)
        expect(yield* rows("SELECT * FROM lease")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("tells what it does", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const told = yield* Effect.gen(function* () {
        const runner = yield* Runner
        const listening = yield* Effect.fork(
          Stream.runCollect(Stream.takeUntil(runner.events, (event) => event._tag === "RunFinished"))
        )
        yield* Effect.sleep("5 millis")
        yield* run(plan([{ name: "text", stage: textStage("text").stage }]), [files(join(root, "in"), { "a.wav": "a" })])
        return yield* Fiber.join(listening)
      }).pipe(Effect.provide(layer(join(root, "state"))))
      expect(Chunk.toReadonlyArray(told).map((event) => ("node" in event ? `${event._tag} ${event.node}` : event._tag))).toEqual([
        "RunStarted",
        "ItemStarted",
        "NodeStarted ingest",
        "NodeFinished ingest",
        "NodeStarted text",
        "NodeFinished text",
        "ItemFinished",
        "RunFinished"
      ])
    })
  )

  it.scopedLive("lets the event loop turn while it runs stages that never wait", () =>
    Effect.gen(function* () {
      const root = yield* folder
      let turns = 0
      const busy = textStage("busy", (text) =>
        Effect.sync(() => {
          const until = performance.now() + 5
          while (performance.now() < until);
          return text
        })
      )
      const contents = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.wav`, `${i}`]))
      const timer = setInterval(() => turns++, 1)
      yield* run(plan([{ name: "busy", stage: busy.stage }]), [files(join(root, "in"), contents)]).pipe(
        Effect.provide(layer(join(root, "state"))),
        Effect.ensuring(Effect.sync(() => clearInterval(timer)))
      )
      // 150 ms of work in turns of 8 ms and a bit.
      expect(turns).toBeGreaterThan(10)
    })
  )

  it.scopedLive("leaves no failure at a file that is done, also where another run met one in the meantime", () =>
    Effect.gen(function* () {
      const root = yield* folder
      yield* Effect.gen(function* () {
        const database = yield* Database
        const meanwhile = Effect.orDie(
          database.write([
            {
              sql: `INSERT INTO failure (item, pipeline, node, stage, code, retry, message, help, attempts, failed_at)
                SELECT id, 'test', 'source', 'source', 'FileChanged', 'later', 'changed', 'again', 1, 0 FROM item`,
              values: []
            }
          ])
        )
        const { stage } = textStage("slow", () => Effect.as(meanwhile, "text"))
        yield* run(plan([{ name: "slow", stage }]), [files(join(root, "in"), { "a.wav": "a" })])
        expect(yield* rows("SELECT state FROM item_state")).toEqual([{ state: "done" }])
        expect(yield* rows("SELECT code FROM failure")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
