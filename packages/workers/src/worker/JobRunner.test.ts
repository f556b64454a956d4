import { describe, expect, it } from "@effect/vitest"
import { all, Failure, Field, Kind, makeRegistry, Plugin, Stage } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import type { StageResult } from "../protocol/StageReply.js"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "../coordinator/JobBuilder.js"
import { templateOf } from "../coordinator/JobTemplate.fixture.js"
import { JobEntry } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import * as JobRunner from "./JobRunner.js"

/** A plugin with the names that others have too: its stage `level`, its kind `Level`. */
const plugin = (name: string) => {
  class Level extends Schema.TaggedClass<Level>(`${name}/Level`)("Level", { from: Schema.String }) {}
  const level = Stage.make({
    name: "level",
    version: 1,
    summary: "Says who it is",
    input: { others: all() },
    output: Level,
    config: Field.none,
    error: Failure.None,
    run: ({ others }) =>
      Effect.succeed(
        new Level({ from: [name, ...others.map(({ value }) => Kind.identifierOf(Object(value).constructor))].join() })
      )
  })
  return { Level, level, plugin: Plugin.make({ name, stages: [level] }) }
}

class Tired extends Failure.Class<Tired>()("Tired", { Asleep: { retry: "never", help: "Wake it." } }) {}

/** A stage of a plugin that was only transpiled: it fails, breaks and gives what it doesn't declare. */
const untyped = (run: () => Effect.Effect<never, never>) => {
  const made = plugin("untyped")
  return { ...made, plugin: Plugin.make({ name: "untyped", stages: [{ ...made.level, run }] }) }
}
let misbehave: () => Effect.Effect<unknown, unknown> = () => Effect.void

const ours = plugin("ours")
const theirs = plugin("theirs")
// What TypeScript wouldn't let through.
const broken = untyped(() => misbehave() as Effect.Effect<never>)
const { registry } = makeRegistry([ours, theirs, broken].map(({ plugin }) => ({ original: plugin, from: plugin.name })))

const nowhere = new WorkerError({ code: "JobRefused", detail: "this job has no files" })

const runner = Effect.flatMap(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-jobs-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) =>
    JobRunner.make({
      registry,
      roots: new Map(),
      shared: { open: () => Effect.fail(nowhere) },
      cache: { open: () => Effect.fail(nowhere) },
      source: () => Effect.fail(nowhere),
      folder,
      nextDelivery: () => "1"
    })
)

/** A job for the stage of this plugin, with a value of the other's kind. */
const jobOf = (name: string, { Level }: typeof ours) =>
  Either.getOrThrow(
    build(
      templateOf(
        registry.stages.get(`${name}/level`)?.stage ?? ours.level,
        { plugin: name, inputs: { others: ["before"] } },
        new Map([["before", Level]])
      ),
      { inputs: { others: [{ node: "before", value: new Level({ from: "x" }) }] }, isRerun: false, key: "k".repeat(43), try: 1 }
    )
  )

const entryOf = Schema.decode(Schema.parseJson(JobEntry))

describe("JobRunner", () => {
  it.scopedLive("runs the stage of the plugin that is meant, and hands it kinds by their identifiers", () =>
    Effect.gen(function* () {
      const { run } = yield* runner
      for (const [name, other] of [
        ["ours", theirs],
        ["theirs", ours]
      ] as const) {
        const { id, node: shared, text } = jobOf(name, other)
        const reply = yield* run(id, shared, yield* entryOf(text), () => {})
        expect(reply).toMatchObject({ _tag: "Done", output: { from: `${name},${name === "ours" ? "theirs" : "ours"}/Level` } })
      }
    })
  )

  it.scopedLive("tells what a stage does that it doesn't declare as a run on one machine does", () =>
    Effect.gen(function* () {
      const { run } = yield* runner
      const { id, node: shared, text } = jobOf("untyped", theirs)
      const entry = yield* entryOf(text)
      const failing = (how: typeof misbehave) =>
        Effect.map(
          Effect.suspend(() => {
            misbehave = how
            return run(id, shared, entry, () => {})
          }),
          (reply: StageResult) => (reply._tag === "Failed" ? reply.failure : undefined)
        )
      const stage = "the stage 'level' of the plugin 'untyped'"
      expect(yield* failing(() => Effect.fail(new Tired({ code: "Asleep", detail: "zzz" })))).toMatchObject({
        code: "ErrorNotDeclared",
        retry: "never",
        message: `${stage} fails with an error that it does not declare: Asleep: zzz`
      })
      expect(yield* failing(() => Effect.die(new Error("spilled")))).toMatchObject({
        code: "StageBroke",
        retry: "now",
        message: expect.stringMatching(new RegExp(`^${stage} broke: Error: spilled at \\S*JobRunner\\.test\\.ts`))
      })
      expect(yield* failing(() => Effect.succeed({ from: "nowhere" }))).toMatchObject({
        code: "OutputNotValid",
        message: `${stage} gives a plain object instead of untyped/Level`
      })
    })
  )

  it.scopedLive("refuses the stage of a plugin that is not here", () =>
    Effect.gen(function* () {
      const { run } = yield* runner
      const { id, node: shared, text } = jobOf("ours", theirs)
      expect(yield* run(id, { ...shared, plugin: "nobody" }, yield* entryOf(text), () => {})).toMatchObject({
        _tag: "Failed",
        failure: { code: "JobRefused", message: "the stage 'level' is not on this worker" }
      })
    })
  )
})
