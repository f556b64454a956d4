import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Schema } from "effect"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Artifacts } from "../stage/Artifacts.js"
import { Artifact } from "../stage/FileRef.js"
import * as Limiter from "../stage/Limiter.js"
import { Provenance } from "../stage/Provenance.js"
import * as Stage from "../stage/Stage.js"
import * as RunProgress from "../store/RunProgress.js"
import { Entry, files, folder, layer, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"

const trouble = (code: "Now" | "Later" | "Never" | "Config" | "Skip", retryAfterMillis?: number) =>
  new Trouble({ code, detail: `it is ${code}`, retryAfterMillis })

const retry = (times: number) => ({ times, delay: Duration.millis(1), factor: 2, maxDelay: Duration.millis(4) })

class Copy extends Schema.TaggedClass<Copy>("Copy")("Copy", { file: Artifact }) {}

/** Makes a file. */
const copies = (content: () => string, runs: Array<string> = []) =>
  Stage.make({
    name: "copy",
    version: 1,
    summary: "Copies",
    input: { file: Entry },
    output: Copy,
    config: Schema.Struct({}),
    error: Trouble,
    run: () =>
      Effect.gen(function* () {
        const artifacts = yield* Artifacts
        yield* (yield* Provenance).madeWith("pencil", "2.0")
        const { artifact } = yield* Effect.orDie(
          artifacts.write("copy", "txt", (path) =>
            Effect.sync(() => {
              runs.push(path)
              writeFileSync(path, content())
            })
          )
        )
        return new Copy({ file: artifact })
      })
  })

/** Reads it. */
const reads = (seen: Array<string> = []) =>
  Stage.make({
    name: "read",
    version: 1,
    summary: "Reads",
    input: { copy: Copy },
    output: Text,
    config: Schema.Struct({}),
    error: Trouble,
    run: ({ copy }) =>
      Effect.sync(() => {
        seen.push(copy.file.path)
        return new Text({ text: readFileSync(copy.file.path, "utf8") })
      })
  })

describe("Attempt", () => {
  it.scopedLive("tries again at once what may pass, as often as the node says", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      let left = 2
      const flaky = textStage("flaky", (text) =>
        Effect.suspend(() => (left-- > 0 ? Effect.fail(trouble("Now")) : Effect.succeed(text)))
      )
      const nodes = plan([{ name: "flaky", stage: flaky.stage, retry: retry(2) }])
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, arrivals)).items.done).toBe(1)
        expect(yield* rows("SELECT try, outcome, code FROM attempt WHERE node = 'flaky' ORDER BY id")).toEqual([
          { try: 1, outcome: "failed", code: "Now" },
          { try: 2, outcome: "failed", code: "Now" },
          { try: 3, outcome: "ran", code: null }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("tries again with the next run what failed often enough", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const flaky = textStage("flaky", (text) => (flaky.runs.length <= 2 ? Effect.fail(trouble("Now")) : Effect.succeed(text)))
      const nodes = plan([{ name: "flaky", stage: flaky.stage, retry: retry(1) }])
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ failed: 1 })
        expect(yield* rows("SELECT attempts, key FROM failure")).toEqual([{ attempts: 2, key: null }])
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ done: 1, failed: 0 })
        expect(yield* rows("SELECT * FROM failure")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("remembers what will always fail", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const broken = textStage("broken", () => Effect.fail(trouble("Never")))
      const nodes = plan([{ name: "broken", stage: broken.stage, retry: retry(5) }])
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, arrivals)).items).toMatchObject({ failed: 1 })
        const again = yield* run(nodes, arrivals)
        expect(again.items).toMatchObject({ failed: 1 })
        expect(again.stages["broken"]).toMatchObject({ failed: 1 })
        expect(broken.runs.length).toBe(1)
        const [failure] = yield* rows("SELECT key, message FROM failure")
        expect(failure).toMatchObject({ message: "it is Never", key: expect.any(String) })
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("leaves an item waiting when a service is away, remembers nothing, and asks it once for many items", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const contents = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.wav`, `${i}`]))
      const arrivals = [files(join(root, "in"), contents)]
      let away = true
      const service = textStage("service", (text) =>
        Effect.suspend(() => (away ? Effect.fail(trouble("Later")) : Effect.succeed(text)))
      )
      const nodes = plan([
        { name: "service", stage: service.stage, concurrency: 1 },
        { name: "plain", stage: textStage("plain").stage }
      ])
      yield* Effect.gen(function* () {
        const first = yield* run(nodes, arrivals, { patience: 0 })
        expect(first.items).toEqual({ total: 20, done: 0, failed: 0, waiting: 20 })
        expect(first.stages["plain"]).toMatchObject({ ran: 20 })
        expect(first.stages["service"]).toMatchObject({ waiting: 20 })
        expect(service.runs.length).toBeLessThanOrEqual(2)
        expect(yield* rows("SELECT DISTINCT code, retry FROM failure")).toEqual([{ code: "Later", retry: "later" }])
        expect(yield* rows("SELECT count(*) AS n FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'service'")).toEqual(
          [{ n: 0 }]
        )
        away = false
        expect((yield* run(nodes, arrivals)).items).toEqual({ total: 20, done: 20, failed: 0, waiting: 0 })
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("goes on by itself when a service comes back within the run's patience", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const contents = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}.wav`, `${i}`]))
      const service = textStage("service", (text) =>
        service.runs.length <= 3 ? Effect.fail(trouble("Later", 10)) : Effect.succeed(text)
      )
      const summary = yield* run(plan([{ name: "service", stage: service.stage }]), [files(join(root, "in"), contents)], {
        patience: "20 seconds"
      }).pipe(Effect.provide(layer(join(root, "state"))))
      expect(summary.items).toEqual({ total: 5, done: 5, failed: 0, waiting: 0 })
    })
  )

  it.scopedLive("posts which service it waits for, what it said, and when it is tried again", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const service = textStage("service", () => Effect.fail(trouble("Later", 30_000)))
      const nodes = plan([
        { name: "service", stage: service.stage },
        { name: "plain", stage: textStage("plain").stage }
      ])
      yield* Effect.gen(function* () {
        const running = yield* Effect.fork(
          run(nodes, [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })], { patience: "1 minute" })
        )
        const posted = Effect.map(rows("SELECT * FROM run"), ([row]) =>
          row === undefined ? [] : RunProgress.of(row, Date.now(), () => true).outages
        )
        const [outage] = yield* Effect.repeat(Effect.delay(posted, "50 millis"), { until: ([first]) => first?.waiting === 2 })
        expect(outage).toMatchObject({ resource: "stage:service", nodes: ["service"], code: "Later", message: "it is Later" })
        expect((outage?.probeAt ?? 0) - (outage?.since ?? 0)).toBeCloseTo(30_000, -1)
        yield* Fiber.interrupt(running)
        // What has ended waits for nothing.
        expect((yield* rows("SELECT * FROM run")).flatMap((row) => RunProgress.of(row, Date.now(), () => true).outages)).toEqual(
          []
        )
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("posts what waits for an account's limits as waiting, and why", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const limiter = Limiter.unsafeMake({ requestsPerMinute: 1, unitsPerMinute: undefined, concurrency: 2 })
      const asking = textStage("asking", (text) =>
        Effect.scoped(
          Effect.zipRight(limiter.place, Effect.zipRight(limiter.turn(1), Effect.as(Effect.sleep("10 seconds"), text)))
        )
      )
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b", "c.wav": "c" })]
      yield* Effect.gen(function* () {
        const running = yield* Effect.fork(run(plan([{ name: "asking", stage: asking.stage }]), arrivals))
        const posted = Effect.map(rows("SELECT * FROM run"), ([row]) =>
          row === undefined ? undefined : RunProgress.of(row, Date.now(), () => true)
        )
        const told = yield* Effect.repeat(Effect.delay(posted, "50 millis"), { until: (told) => (told?.limits.length ?? 0) > 0 })
        // One is asked; one has its place and waits for the next minute's turn; one waits for a place.
        expect(told?.stages["asking"]).toMatchObject({ running: 1, queued: 2 })
        expect([...(told?.limits ?? [])].sort((x, y) => x.reason.localeCompare(y.reason))).toEqual([
          { resource: "stage:asking", nodes: ["asking"], reason: "place", waiting: 1 },
          { resource: "stage:asking", nodes: ["asking"], reason: "turn", waiting: 1 }
        ])
        yield* Fiber.interrupt(running)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("stops the run when a person has to change a setting", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const contents = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.wav`, `${i}`]))
      const wrong = textStage("wrong", () => Effect.fail(trouble("Config")))
      yield* Effect.gen(function* () {
        const exit = yield* Effect.exit(
          run(plan([{ name: "wrong", stage: wrong.stage }]), [files(join(root, "in"), contents)], { inFlight: 2 })
        )
        const failure = Exit.isFailure(exit) ? exit.cause : undefined
        expect(failure).toMatchObject({ _tag: "Fail", error: { _tag: "RunStopped", node: "wrong", failure: { code: "Config" } } })
        expect(wrong.runs.length).toBeLessThanOrEqual(2)
        expect(yield* rows("SELECT outcome FROM run")).toEqual([{ outcome: "stopped" }])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("refuses a plan whose stage can't say what its output depends on", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const { runs, stage } = textStage("text")
      const exit = yield* run(plan([{ name: "text", stage: { ...stage, keyParts: () => Effect.fail(trouble("Config")) } }]), [
        files(join(root, "in"), { "a.wav": "a" })
      ]).pipe(Effect.provide(layer(join(root, "state"))), Effect.flip)
      expect(exit).toMatchObject({ _tag: "PlanFault", faults: [{ node: "text", failure: { code: "Config" } }] })
      expect(runs).toEqual([])
    })
  )

  it.scopedLive("gives a stage no longer than the node's timeout", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const nodes = plan([{ name: "slow", stage: textStage("slow", () => Effect.never).stage, timeout: Duration.millis(20) }])
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, [files(join(root, "in"), { "a.wav": "a" })])).items.failed).toBe(1)
        expect(yield* rows("SELECT code, retry FROM failure")).toEqual([{ code: "TimedOut", retry: "now" }])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("survives a stage that throws, dies or interrupts itself", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const { stage } = textStage("any")
      let version = 1
      const breaks = (run: Stage.AnyStage["run"]): Stage.AnyStage => ({ ...stage, version: version++, run })
      const nodes = plan([
        { name: "throws", stage: breaks(() => JSON.parse("{")) },
        { name: "dies", stage: breaks(() => Effect.die(new Error("oh no"))) },
        { name: "interrupts", stage: breaks(() => Effect.interrupt) },
        { name: "lies", stage: breaks(() => Effect.succeed({ _tag: "Text", text: 1 })) },
        { name: "explodes", stage: explodes },
        { name: "gives", stage: breaks(() => JSON.parse("{}")) },
        {
          name: "promises",
          stage: breaks(Object(async () => Promise.reject(new Error("heard by nobody"))))
        },
        { name: "surprises", stage: breaks(Object(() => Effect.fail(new Error("other")))) },
        { name: "well", stage: textStage("well").stage }
      ])
      yield* Effect.gen(function* () {
        const { items, stages } = yield* run(nodes, [files(join(root, "in"), { "a.wav": "a" })])
        expect(items.failed).toBe(1)
        expect(stages["well"]?.ran).toBe(1)
        expect(yield* rows("SELECT node, code FROM failure ORDER BY node")).toEqual([
          { node: "dies", code: "StageBroke" },
          { node: "explodes", code: "OutputNotValid" },
          { node: "gives", code: "StageBroke" },
          { node: "interrupts", code: "StageBroke" },
          { node: "lies", code: "OutputNotValid" },
          { node: "promises", code: "StageBroke" },
          { node: "surprises", code: "ErrorNotDeclared" },
          { node: "throws", code: "StageBroke" }
        ])
        const said = yield* rows("SELECT message FROM failure WHERE node IN ('gives', 'promises', 'surprises') ORDER BY node")
        expect(said).toEqual([
          {
            message:
              "the `run` of the stage 'any' gives something else in the place of an Effect: write Effect.succeed(…) or Effect.gen"
          },
          {
            message: "the `run` of the stage 'any' gives a promise in the place of an Effect: write Effect.promise(async () => …)"
          },
          { message: "the stage 'any' fails with an error that it does not declare: Error: other" }
        ])
        expect(yield* rows("SELECT message FROM failure WHERE node = 'dies'")).toEqual([
          { message: expect.stringContaining("oh no") }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("keeps large values beside the ledger", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const large = textStage("large", () => Effect.succeed("long ".repeat(40_000)))
      const nodes = (tail: string) =>
        plan([
          { name: "large", stage: large.stage },
          { name: "tail", stage: sizes, identity: tail }
        ])
      yield* Effect.gen(function* () {
        yield* run(nodes("one"), arrivals)
        const [row] = yield* rows("SELECT value, file FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'large'")
        expect(row).toMatchObject({ value: null, file: expect.stringMatching(/\.json$/) })
        // Another node takes it from there.
        expect((yield* run(nodes("two"), arrivals)).stages["tail"]?.ran).toBe(1)
        expect(large.runs.length).toBe(1)
        expect(yield* rows("SELECT value FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'sizes'")).toEqual(
          Array.from({ length: 2 }, () => ({ value: '{"_tag":"Text","text":"200000"}' }))
        )
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("gives dependents of an artifact its present place, and makes it anew when somebody removed it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      const [runs, seen]: [Array<string>, Array<string>] = [[], []]
      const nodes = (identity: string) =>
        plan([
          { name: "copy", stage: copies(() => "ink", runs) },
          { name: "read", stage: reads(seen), identity }
        ])
      const state = join(root, "state")
      yield* Effect.gen(function* () {
        yield* run(nodes("one"), arrivals)
        expect(yield* rows("SELECT made_with FROM ledger WHERE artifacts = 1")).toEqual([{ made_with: "pencil 2.0" }])
        const [row] = yield* rows("SELECT value FROM ledger WHERE artifacts = 1")
        expect(String(row?.["value"])).not.toContain(root)
        expect(runs.filter((path) => existsSync(path))).toEqual([])

        yield* run(nodes("two"), arrivals)
        expect(runs.length).toBe(1)
        expect(seen[1]).toBe(seen[0])
        expect(readdirSync(join(state, "artifacts")).length).toBe(1)

        rmSync(join(state, "artifacts"), { recursive: true })
        yield* run(nodes("three"), arrivals)
        expect(runs.length).toBe(2)
        expect(seen.length).toBe(3)
      }).pipe(Effect.provide(layer(state)))
    })
  )

  it.scopedLive("leaves no file of a stage that fails", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const state = join(root, "state")
      const { stage } = textStage("any")
      const halfDone: Stage.AnyStage = {
        ...stage,
        run: () =>
          Effect.flatMap(Artifacts, (artifacts) =>
            artifacts.write("half", "txt", (path) =>
              Effect.zipRight(
                Effect.sync(() => writeFileSync(path, "half")),
                Effect.fail(trouble("Never"))
              )
            )
          )
      }
      const left = yield* Effect.gen(function* () {
        yield* run(plan([{ name: "half", stage: halfDone }]), [files(join(root, "in"), { "a.wav": "a" })])
        return readdirSync(state, { recursive: true }).filter((name) => String(name).endsWith(".txt"))
      }).pipe(Effect.provide(layer(state)))
      expect(left).toEqual([])
    })
  )

  it.scopedLive("makes results anew when it is asked to, with other bytes under the same key", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "a" })]
      const runs: Array<string> = []
      let engine = 1
      const seen: Array<string> = []
      const nodes = plan([
        { name: "copy", stage: copies(() => `made by engine ${engine}`, runs) },
        { name: "read", stage: reads(seen) }
      ])
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        engine = 2
        const { stages } = yield* run(nodes, arrivals, { rerun: ["copy"] })
        // Once for both files; an artifact stands in keys as key and slot, so what depends on it keeps its result.
        expect(stages["copy"]).toMatchObject({ ran: 1, cached: 1 })
        expect(stages["read"]).toMatchObject({ ran: 0, cached: 2 })
        expect(seen.length).toBe(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})

/** Its kind throws where it should refuse. */
const explodes = (() => {
  const Bomb = Schema.transform(Schema.String, Schema.String, {
    decode: (text) => text,
    encode: () => JSON.parse("{")
  })
  class Explosive extends Schema.TaggedClass<Explosive>("Explosive")("Explosive", { text: Bomb }) {}
  return Stage.make({
    name: "explodes",
    version: 1,
    summary: "Explodes",
    input: { file: Entry },
    output: Explosive,
    config: Schema.Struct({}),
    error: Trouble,
    run: () => Effect.succeed(new Explosive({ text: "tick" }))
  })
})()

/** Says how long a text is. */
const sizes = Stage.make({
  name: "sizes",
  version: 1,
  summary: "Measures texts",
  input: { text: Text },
  output: Text,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ text }) => Effect.succeed(new Text({ text: String(text.text.length) }))
})
