import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Schema, Stream } from "effect"
import { join } from "node:path"
import * as Identity from "../pipeline/Identity.js"
import * as Field from "../stage/Field.js"
import * as Stage from "../stage/Stage.js"
import { Entry, files, folder, layer, plan, rows, run, Text, Trouble } from "../runner/Run.fixture.js"
import { Runner } from "../runner/Runner.js"
import * as CanaryDecision from "./CanaryDecision.js"

/** Stands for a vocabulary: what the result depends on beside the config. */
const words = { version: 1 }
const config = Schema.Struct({ prompt: Field.withDefault(Schema.String, "Describe it.", "What is asked") })
const runs: Array<string> = []
const caption = Stage.make({
  name: "caption",
  version: 1,
  summary: "Says the prompt",
  input: { file: Entry },
  output: Text,
  config,
  error: Trouble,
  keyParts: () => Effect.succeed({ words: words.version }),
  run: (_, { prompt }) =>
    Effect.sync(() => {
      runs.push(prompt)
      return new Text({ text: prompt })
    })
})
const written = (prompt?: string) => {
  const decoded = Schema.decodeUnknownSync(config)(prompt === undefined ? {} : { prompt })
  return plan([{ name: "caption", stage: caption, config: decoded, identity: Either.getOrThrow(Identity.of(config, decoded)) }])
}
const trial = { pipeline: "test", node: "caption" }
const captions = rows(
  "SELECT value FROM ledger JOIN recipe ON recipe.id = ledger.recipe WHERE stage = 'caption' ORDER BY ledger.id"
)

const setUp = Effect.gen(function* () {
  runs.length = 0
  words.version = 1
  const root = yield* folder
  const start = (prompt: string, sample: ReadonlyArray<number> = []) =>
    Effect.gen(function* () {
      const runner = yield* Runner
      const compiled = yield* runner.prepare(written(prompt), "caption")
      yield* CanaryDecision.start(compiled, "caption", Effect.succeed(sample))
      return compiled
    })
  return {
    start,
    of: (contents: Readonly<Record<string, string>>) => [files(join(root, "in"), contents)],
    state: join(root, "state")
  }
})

describe("A canary", () => {
  it.scopedLive("keeps the results from before until it is accepted, and gives new files the same", () =>
    Effect.gen(function* () {
      const { of, start, state } = yield* setUp
      yield* Effect.gen(function* () {
        yield* run(written(), of({ "a.wav": "a" }))
        const compiled = yield* start("Be brief.", [1])
        const held = yield* run(written("Be brief."), of({ "a.wav": "a", "b.wav": "b" }))
        expect(held).toMatchObject({ items: { done: 2 }, canaries: ["caption"] })
        expect(runs).toEqual(["Describe it.", "Describe it."])

        const tried: Array<string | undefined> = []
        const runner = yield* Runner
        yield* runner.run(compiled, Stream.fromIterable(of({ "a.wav": "a" })), {
          dryRun: { runs: new Set(["ingest", "caption"]), purpose: "canary", planned: ({ value }) => tried.push(value(1)) }
        })
        expect(tried).toEqual(['{"_tag":"Text","text":"Be brief."}'])
        // Nothing has been applied by that.
        expect((yield* run(written("Be brief."), of({ "a.wav": "a" }))).stages["caption"]).toMatchObject({ ran: 0 })

        yield* CanaryDecision.accept(trial, CanaryDecision.templateOf(compiled, "caption"))
        const after = yield* run(written("Be brief."), of({ "a.wav": "a", "b.wav": "b" }))
        // What was tried is not run again.
        expect(after.stages["caption"]).toMatchObject({ ran: 1, cached: 1 })
        expect(after.canaries).toEqual([])
      }).pipe(Effect.provide(layer(state)))
    })
  )

  it.scopedLive("lets a new file wait where what was before can't be run any more", () =>
    Effect.gen(function* () {
      const { of, start, state } = yield* setUp
      yield* Effect.gen(function* () {
        yield* run(written("Same."), of({ "a.wav": "a" }))
        words.version = 2
        yield* start("Same.")
        const held = yield* run(written("Same."), of({ "a.wav": "a", "b.wav": "b" }))
        expect(held.items).toEqual({ total: 2, done: 1, failed: 0, waiting: 1 })
        expect(yield* rows("SELECT code, retry FROM failure")).toEqual([{ code: "CanaryOpen", retry: "later" }])
        yield* CanaryDecision.drop(trial)
        expect((yield* run(written("Same."), of({ "a.wav": "a", "b.wav": "b" }))).items.done).toBe(2)
        expect(runs.length).toBe(3)
        expect((yield* captions).length).toBe(3)
      }).pipe(Effect.provide(layer(state)))
    })
  )

  it.scopedLive("is refused without an edit, and can't be accepted when the edit is another than the one that was tried", () =>
    Effect.gen(function* () {
      const { of, start, state } = yield* setUp
      yield* Effect.gen(function* () {
        yield* run(written(), of({ "a.wav": "a" }))
        expect(yield* Effect.flip(start("Describe it."))).toMatchObject({ code: "NothingEdited" })
        expect(yield* Effect.flip(CanaryDecision.accept(trial))).toMatchObject({ code: "CanaryMissing" })
        yield* start("One.")
        const runner = yield* Runner
        const edited = yield* runner.prepare(written("Two."), "caption")
        expect(yield* Effect.flip(CanaryDecision.accept(trial, CanaryDecision.templateOf(edited, "caption")))).toMatchObject({
          code: "EditedAgain"
        })
        // Put back, there is nothing left to serve instead.
        expect((yield* run(written(), of({ "a.wav": "a" }))).canaries).toEqual(["caption"])
      }).pipe(Effect.provide(layer(state)))
    })
  )
})
