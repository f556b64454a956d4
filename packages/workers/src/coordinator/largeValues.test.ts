import { describe, expect, it } from "@effect/vitest"
import { Failure, Field, makeRegistry, Plugin, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as FileCache from "../files/FileCache.js"
import * as FileServer from "../files/FileServer.js"
import { INLINE } from "../protocol/InlineLimit.js"
import { JobEntry } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import * as JobRunner from "../worker/JobRunner.js"
import { build } from "./JobBuilder.js"
import { templateOf } from "./JobTemplate.fixture.js"
import { take } from "./ResultIntake.js"

class Words extends Schema.TaggedClass<Words>("test/Words")("Words", { words: Schema.Array(Schema.String) }) {}
const echo = Stage.make({
  name: "echo",
  version: 1,
  summary: "Says it twice",
  input: { words: Words },
  output: Words,
  config: Field.none,
  error: Failure.None,
  run: ({ words: { words } }) => Effect.succeed(new Words({ words: [...words, ...words] }))
})
const { registry } = makeRegistry([{ original: Plugin.make({ name: "test", stages: [echo] }), from: "test" }])
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-large-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("Large values", () => {
  it.scopedLive("travel as files, there and back, and leave none", () =>
    Effect.gen(function* () {
      const [home, away] = [yield* folder, yield* folder]
      const server = yield* FileServer.make({ host: "127.0.0.1", port: 0, folder: home })
      const words = Array.from({ length: 5_000 }, (_, i) => `word ${i}`)
      const {
        id,
        node: shared,
        paths,
        served,
        text
      } = yield* build(templateOf(echo, { plugin: "test", inputs: { words: ["before"] } }), {
        inputs: { words: new Words({ words }) },
        isRerun: false,
        key: "k".repeat(43),
        try: 1
      })
      expect(text.length).toBeLessThan(INLINE)
      const entry = yield* Schema.decode(Schema.parseJson(JobEntry))(text)
      for (const [hash, from] of served) server.offer(hash, from)
      server.expect(id)
      const source = () => Effect.succeed(server)
      const runner = yield* JobRunner.make({
        registry,
        roots: new Map(),
        shared: { open: () => Effect.fail(new WorkerError({ code: "JobRefused", detail: "nothing is shared" })) },
        cache: yield* FileCache.make(join(away, "cache"), 1e9, source),
        source,
        folder: away,
        nextDelivery: () => "1"
      })
      const reply = yield* runner.run(id, shared, entry, () => {})
      expect(JSON.stringify(reply).length).toBeLessThan(INLINE)
      const output = yield* take(reply, {
        key: entry.key,
        kind: Words,
        paths,
        placeOf: ({ delivery, slot }) => server.delivered(id, slot, delivery)
      })
      expect(output).toEqual(new Words({ words: [...words, ...words] }))
      expect(readdirSync(home)).toEqual([])
      expect(readdirSync(away)).toEqual(["cache"])
    })
  )
})
