import { Duration, Effect, Layer, Schema, type Scope, Stream } from "effect"
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Plan, PlannedNode } from "../pipeline/Plan.js"
import * as Wiring from "../pipeline/Wiring.js"
import * as Failure from "../stage/Failure.js"
import { Original } from "../stage/FileRef.js"
import type { Json } from "../stage/Json.js"
import * as Stage from "../stage/Stage.js"
import { Database } from "../store/Database.js"
import * as Store from "../store/Store.js"
import { Runner } from "./Runner.js"
import type { Arrival, RunOptions } from "./RunOptions.js"

/** A folder of its own for one test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export class Entry extends Schema.TaggedClass<Entry>("Entry")("Entry", { file: Original }) {}
export class Text extends Schema.TaggedClass<Text>("Text")("Text", { text: Schema.String }) {}
export class Other extends Schema.TaggedClass<Other>("Other")("Other", { text: Schema.String }) {}

export class Trouble extends Failure.Class<Trouble>()("Trouble", {
  Now: { retry: "now", help: "Wait." },
  Later: { retry: "later", help: "Wait long." },
  Refused: { retry: "now", help: "Ask again.", billed: "no" },
  Never: { retry: "never", help: "Give up." },
  Config: { retry: "config", help: "Mend the config." },
  Skip: { retry: "skip", help: "Nothing to do." }
}) {}

/** The first node: lets every file in. */
export const ingest = Stage.make({
  name: "ingest",
  version: 1,
  summary: "Lets a file in",
  input: { original: Original },
  output: Entry,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ original }) => Effect.succeed(new Entry({ file: original }))
})

/** A node as a test asks for it. */
export type Asked = Partial<Omit<PlannedNode, "inputs">> & {
  readonly name: string
  readonly stage: Stage.AnyStage
  readonly from?: Readonly<Record<string, string | ReadonlyArray<string>>>
}

export const plan = (asked: ReadonlyArray<Asked>, pipeline = "test"): Plan => {
  const nodes = [{ name: "ingest", stage: ingest }, ...asked]
  const { faults, inputs } = Wiring.wire(nodes)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return {
    pipeline,
    source: undefined,
    nodes: nodes.map(({ name, stage, ...rest }) => ({
      config: {},
      identity: {} satisfies Json,
      retry: { times: 0, delay: Duration.millis(1), factor: 2, maxDelay: Duration.millis(10) },
      timeout: undefined,
      concurrency: undefined,
      ...rest,
      name,
      stage,
      inputs: inputs.get(name) ?? {}
    }))
  }
}

/** Writes files, and finds them as a scan would find new ones. */
export const files = (root: string, contents: Readonly<Record<string, string>>): Arrival => ({
  _tag: "Found",
  files: Object.entries(contents).map(([relativePath, content]) => {
    const path = join(root, relativePath)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return found(root, relativePath)
  })
})

export const found = (root: string, relativePath: string) => {
  const path = join(root, relativePath)
  const { ctimeNs, dev, ino, mtimeNs, size } = lstatSync(path, { bigint: true })
  return { path, relativePath, dev, ino, size, mtimeNs, ctimeNs, status: "new" as const, item: undefined }
}

/** A runner over the store in a state folder. */
export const layer = (state: string) => Runner.layer.pipe(Layer.provideMerge(Store.layer(state)))

export const run = (plan: Plan, arrivals: ReadonlyArray<Arrival>, options?: RunOptions) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const ready = yield* runner.prepare(plan)
    return yield* runner.run(ready, Stream.fromIterable(arrivals), options)
  })

/** Rows of the database, as a person would look them up. */
export const rows = (sql: string) => Effect.flatMap(Database, (database) => database.reading(() => database.rows(sql, [])))

/** A stage that makes a text of a file's content, and notes its runs. */
export const textStage = (
  name: string,
  of: (content: string) => Effect.Effect<string, Trouble> = (content) => Effect.succeed(`${name} ${content}`)
) => {
  const runs: Array<string> = []
  const stage = Stage.make({
    name,
    version: 1,
    summary: `Makes ${name} texts`,
    input: { file: Entry },
    output: Text,
    config: Schema.Struct({}),
    error: Trouble,
    run: ({ file }) =>
      Effect.suspend(() => {
        runs.push(file.file.path)
        return Effect.map(of(readFileSync(file.file.path, "utf8")), (text) => new Text({ text }))
      })
  })
  return { stage, runs }
}
