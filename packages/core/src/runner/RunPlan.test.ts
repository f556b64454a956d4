import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import * as fc from "fast-check"
import { join } from "node:path"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"
import { Items } from "../store/Items.js"
import { Entry, files, folder, found, layer, Other, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"
import { Runner } from "./Runner.js"
import type { Arrival, PlanOptions } from "./RunOptions.js"

const contents = { "a.wav": "a", "b.wav": "b", "broken.wav": "broken", "silent.wav": "silent" }

/** Makes a text of another text; refuses nothing. */
const upper = Stage.make({
  name: "upper",
  version: 1,
  summary: "Makes a text loud",
  input: { text: Text },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ text }) => Effect.succeed(new Other({ text: text.text.toUpperCase() }))
})

const texts = () =>
  textStage("text", (content) =>
    content === "broken"
      ? new Trouble({ code: "Never", detail: content })
      : content === "silent"
        ? new Trouble({ code: "Skip", detail: content })
        : Effect.succeed(content)
  )

/** The files as a scan finds them again: unfinished under the plan of now. */
const again = (root: string): Effect.Effect<Arrival, never, Items> =>
  Effect.map(Items, (items) => ({
    _tag: "Found",
    files: Object.keys(contents).map((name) => {
      const file = found(root, name)
      return { ...file, status: "unfinished", item: items.at(file.path)?.id }
    })
  }))

const steps = (asked: Parameters<typeof plan>[0], arrivals: ReadonlyArray<Arrival>, options: Partial<PlanOptions> = {}) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const ready = yield* runner.prepare(plan(asked))
    const told: Record<string, ReadonlyArray<string>> = {}
    const lengths: Record<string, string | undefined> = {}
    yield* runner.plan(ready, Stream.fromIterable(arrivals), {
      runs: new Set(),
      unchanged: () => {},
      planned: ({ failure, path, steps, value }) => {
        const name = path.slice(path.lastIndexOf("/") + 1)
        told[name] = steps.map((step, i) => (step === "blocked" ? `blocked ${failure(i)?.code ?? ""}` : step))
        lengths[name] = value(1)
      },
      ...options
    })
    return { told, lengths }
  })

describe("A plan", () => {
  it.scopedLive("says what an edited node takes for each file, without running, writing or locking anything", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const text = texts()
      const nodes = [
        { name: "text", stage: text.stage },
        { name: "upper", stage: upper }
      ]
      const edited = [nodes[0], { name: "upper", stage: upper, identity: { edited: true } }].flatMap((node) => node ?? [])
      yield* Effect.gen(function* () {
        yield* run(plan(nodes), [files(join(root, "in"), contents)])
        const before = yield* rows("SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM attempt) AS attempts")
        const arrivals = [yield* again(join(root, "in"))]
        const { lengths, told } = yield* steps(edited, arrivals)
        expect(told).toEqual({
          "a.wav": ["cached", "cached", "toRun"],
          "b.wav": ["cached", "cached", "toRun"],
          "broken.wav": ["cached", "blocked Never", "blocked "],
          "silent.wav": ["cached", "skipped", "skipped"]
        })
        expect(lengths["b.wav"]).toContain('"text":"b"')
        expect((yield* steps(nodes, arrivals)).told["a.wav"]).toEqual(["cached", "cached", "cached"])
        expect((yield* steps(nodes, arrivals, { rerun: ["text"] })).told).toMatchObject({
          "a.wav": ["cached", "toRun", "toRun"],
          "silent.wav": ["cached", "toRun", "toRun"]
        })
        expect(yield* rows("SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM attempt) AS attempts")).toEqual(
          before
        )

        // The run does what was planned, and no more.
        expect((yield* run(plan(edited), arrivals)).stages).toMatchObject({
          text: { ran: 0, cached: 2, failed: 1, skipped: 1 },
          upper: { ran: 2, cached: 0, skipped: 1 }
        })
        // An edit that is taken back costs nothing, and isn't said to.
        expect((yield* steps(nodes, [yield* again(join(root, "in"))])).told["a.wav"]).toEqual(["cached", "cached", "cached"])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("knows what edits have given already, whichever were run for which files, and taken back", () =>
    Effect.gen(function* () {
      const root = yield* folder
      /** Says its config, of which 0 and 1 come to the same; what has run is noted. */
      const known = new Set<string>()
      const link = (name: string) =>
        Stage.make({
          name,
          version: 1,
          summary: "Adds to a text",
          input: { text: Text },
          output: Text,
          config: Schema.Struct({ edit: Schema.Int }),
          error: Trouble,
          run: ({ text }, { edit }) =>
            Effect.sync(() => {
              known.add(`${name} ${edit} ${text.text}`)
              return new Text({ text: said(text.text, name, edit) })
            })
        })
      const said = (text: string, name: string, edit: number) => `${text} ${name}${edit === 2 ? "!" : ""}`
      const [first, second] = [link("first"), link("second")]
      const nodes = (edits: ReadonlyArray<number>) => [
        { name: "text", stage: textStage("text").stage },
        ...[first, second].map((stage, i) => ({
          name: stage.name,
          stage,
          config: { edit: edits[i] ?? 0 },
          identity: { edit: edits[i] ?? 0 },
          from: { text: i === 0 ? "text" : "first" }
        }))
      ]
      const names = ["a.wav", "b.wav", "c.wav", "copy of a.wav"]
      const edit = fc.integer({ min: 0, max: 2 })
      const edits = fc.tuple(edit, edit)
      const runs = fc.array(fc.tuple(edits, fc.subarray(names, { minLength: 1 })), { minLength: 1, maxLength: 4 })
      const services = yield* Layer.build(layer(join(root, "state")))
      let rounds = 0
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(runs, edits, (runs, asked) => {
            known.clear()
            const home = join(root, String(rounds++))
            const content = (name: string) => `${home} ${name.replace("copy of ", "")}`
            const look = (names: ReadonlyArray<string>): Effect.Effect<Arrival, never, Items> =>
              Effect.map(Items, (items) => ({
                _tag: "Found",
                files: names.map((name) => {
                  const file = found(home, name)
                  return { ...file, status: "unfinished", item: items.at(file.path)?.id }
                })
              }))
            const expected = (name: string) => {
              const text = `text ${content(name)}`
              if (!known.has(`first ${asked[0]} ${text}`)) return ["cached", "cached", "toRun", "toRun"]
              const isKnown = known.has(`second ${asked[1]} ${said(text, "first", asked[0])}`)
              return ["cached", "cached", "cached", isKnown ? "cached" : "toRun"]
            }
            return Effect.gen(function* () {
              yield* run(plan(nodes([0, 0])), [files(home, Object.fromEntries(names.map((name) => [name, content(name)])))])
              for (const [edits, some] of runs) yield* run(plan(nodes(edits)), [yield* look(some)])
              const { told } = yield* steps(nodes(asked), [yield* look(names)])
              expect(told).toEqual(Object.fromEntries(names.map((name) => [name, expected(name)])))
            }).pipe(Effect.provide(services), Effect.runPromise)
          }),
          { numRuns: 20 }
        )
      )
    })
  )

  it.scopedLive("hashes new files, and runs only what has to run first", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const text = texts()
      const nodes = [{ name: "text", stage: text.stage }]
      const more = [...nodes, { name: "upper", stage: upper }]
      yield* Effect.gen(function* () {
        yield* run(plan(nodes), [files(join(root, "in"), contents)])
        yield* Effect.map(Runner, () => text.runs.splice(0))
        const arrivals = [yield* again(join(root, "in")), files(join(root, "in"), { "new.wav": "new" })]
        const all = yield* steps(more, arrivals, { runs: new Set(["ingest", "text"]) })
        expect(all.told).toMatchObject({ "a.wav": ["cached", "cached", "toRun"], "new.wav": ["cached", "cached", "toRun"] })
        expect(text.runs.map((path) => path.slice(path.lastIndexOf("/")))).toEqual(["/new.wav"])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("asks a sink about many files at once, and keeps from what it refuses", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const asked: Array<number> = []
      const shelf = Sink.make({
        name: "shelf",
        version: 1,
        summary: "Keeps texts",
        input: { file: Entry, text: Text },
        output: Other,
        config: Schema.Struct({}),
        error: Trouble,
        isWritten: () => Effect.succeed(true),
        batch: {
          written: (_, keys) => Effect.succeed(new Set(keys.slice(0, 1))),
          excluded: (contentHashes) => {
            asked.push(contentHashes.length)
            return Effect.succeed(new Set(contentHashes.slice(-1)))
          },
          notes: () => Effect.succeed(new Map())
        },
        run: () => Effect.succeed(new Other({ text: "" }))
      })
      const nodes = [
        { name: "text", stage: textStage("text").stage },
        { name: "shelf", stage: shelf }
      ]
      yield* Effect.gen(function* () {
        yield* run(plan(nodes.slice(0, 1)), [files(join(root, "in"), contents)])
        const { told } = yield* steps(nodes, [yield* again(join(root, "in"))])
        expect(asked).toEqual([4])
        expect(Object.values(told)).toEqual([
          ["cached", "cached", "toRun"],
          ["cached", "cached", "toRun"],
          ["cached", "cached", "toRun"],
          ["skipped", "skipped", "skipped"]
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
