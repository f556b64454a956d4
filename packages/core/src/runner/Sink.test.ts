import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { join } from "node:path"
import { Library } from "../stage/Library.js"
import { Node, type Note } from "../stage/Node.js"
import type { Correct } from "../stage/SinkAnswers.js"
import { all } from "../stage/Port.js"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"
import { Database } from "../store/Database.js"
import { Items } from "../store/Items.js"
import * as Store from "../store/Store.js"
import { Entry, files, folder, found, Other, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"
import { Runner } from "./Runner.js"
import type { Arrival } from "./RunOptions.js"

/** A shelf of texts: a row a file and node, and the receipt is the row itself. */
const migrations = [
  {
    plugin: "shelf",
    migrations: [
      {
        id: 1,
        sql: `CREATE TABLE shelf (content TEXT, pipeline TEXT, node TEXT, key TEXT, text TEXT, PRIMARY KEY (content, pipeline, node));
          CREATE TRIGGER shelf_deleted AFTER DELETE ON shelf BEGIN
            DELETE FROM item_state WHERE pipeline = OLD.pipeline AND item IN (SELECT id FROM item WHERE content_hash = OLD.content);
          END;`
      }
    ]
  }
]

const layer = (state: string) => Runner.layer.pipe(Layer.provideMerge(Store.layer(state, migrations)))

const shelve = (isExcluded: (contentHash: string) => boolean = () => false) => {
  const runs: Array<string> = []
  const stage = Sink.make({
    name: "shelve",
    version: 1,
    summary: "Puts texts on a shelf",
    input: { file: Entry, texts: all(Text) },
    output: Other,
    config: Schema.Struct({}),
    error: Trouble,
    isExcluded: (contentHash) => Effect.sync(() => isExcluded(contentHash)),
    isWritten: ({ key }) =>
      Effect.flatMap(Library, (library) => library.read({ sql: "SELECT 1 FROM shelf WHERE key = ?", values: [key] })).pipe(
        Effect.map((rows) => rows.length > 0),
        Effect.orDie
      ),
    run: ({ file, texts }) =>
      Effect.gen(function* () {
        const library = yield* Library
        const { key, node, pipeline } = yield* Node
        const text = texts.map(({ value }) => value.text).join(" ")
        runs.push(text)
        yield* library.write([
          { sql: "DELETE FROM shelf WHERE content = ? AND pipeline = ? AND node = ?", values: [file.file.hash, pipeline, node] },
          { sql: "INSERT INTO shelf VALUES (?, ?, ?, ?, ?)", values: [file.file.hash, pipeline, node, key, text] }
        ])
        return new Other({ text })
      }).pipe(Effect.orDie)
  })
  return { stage, runs }
}

describe("A sink", () => {
  it.scopedLive("writes once, and has its receipt for a second copy and a second look", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "copy.wav": "a", "b.wav": "b" })]
      const { runs, stage } = shelve()
      const nodes = plan([
        { name: "text", stage: textStage("text").stage },
        { name: "shelve", stage }
      ])
      yield* Effect.gen(function* () {
        expect((yield* run(nodes, arrivals)).stages["shelve"]).toMatchObject({ ran: 2, cached: 1 })
        // Every item is looked at again, as after a change of the plan.
        const again = yield* run(nodes, arrivals, { rerun: ["text"] })
        expect(again.stages["shelve"]).toMatchObject({ ran: 0, cached: 3 })
        expect(runs.length).toBe(2)
        expect(yield* rows("SELECT count(*) AS n FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'shelve'")).toEqual([
          { n: 0 }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("brings a deleted row back with the next run, of that pipeline only", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      const { runs, stage } = shelve()
      const nodes = (pipeline: string) =>
        plan(
          [
            { name: "text", stage: textStage("text").stage },
            { name: "shelve", stage }
          ],
          pipeline
        )
      yield* Effect.gen(function* () {
        yield* run(nodes("one"), arrivals)
        yield* run(nodes("two"), arrivals)
        expect(runs.length).toBe(4)
        const database = yield* Database
        yield* database.write([{ sql: "DELETE FROM shelf WHERE pipeline = 'one' AND text = 'text a'", values: [] }])
        expect((yield* run(nodes("two"), arrivals)).stages["shelve"]).toMatchObject({ ran: 0, cached: 2 })
        expect((yield* run(nodes("one"), arrivals)).stages["shelve"]).toMatchObject({ ran: 1, cached: 1 })
        expect(yield* rows("SELECT pipeline, text FROM shelf ORDER BY pipeline, text")).toEqual([
          { pipeline: "one", text: "text a" },
          { pipeline: "one", text: "text b" },
          { pipeline: "two", text: "text a" },
          { pipeline: "two", text: "text b" }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("replaces its rows when what goes in changes", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "copy.wav": "a" })]
      const { stage } = shelve()
      const nodes = (name: string) =>
        plan([
          { name: "text", stage: textStage(name).stage },
          { name: "shelve", stage }
        ])
      yield* Effect.gen(function* () {
        yield* run(nodes("old"), arrivals)
        expect((yield* run(nodes("new"), arrivals)).items.done).toBe(2)
        expect(yield* rows("SELECT text FROM shelf")).toEqual([{ text: "new a" }])
        expect(yield* rows("SELECT state FROM item_state")).toEqual([{ state: "done" }, { state: "done" }])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("runs nothing for content that no sink wants, whatever is edited", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      let refused: string | undefined
      const { runs, stage } = shelve((contentHash) => contentHash === refused)
      const texts = (name: string) => textStage(name)
      const nodes = (text: ReturnType<typeof texts>) =>
        plan([
          { name: "text", stage: text.stage },
          { name: "shelve", stage }
        ])
      yield* Effect.gen(function* () {
        yield* run(nodes(texts("old")), arrivals)
        const [row] = yield* rows("SELECT content_hash FROM item WHERE CAST(path AS TEXT) LIKE '%a.wav'")
        refused = String(row?.["content_hash"])
        const edited = texts("new")
        const summary = yield* run(nodes(edited), arrivals)
        expect(edited.runs.length).toBe(1)
        expect(runs).toEqual(expect.not.arrayContaining(["new a"]))
        expect(summary).toMatchObject({
          items: { done: 2 },
          stages: { text: { ran: 1, skipped: 1 }, shelve: { ran: 1, skipped: 1 } }
        })
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("brings a person's note to the node that it is for, which is then asked again, for that file alone", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      let noted: string | undefined
      let note: Note = { text: "louder", times: 1 }
      const shelf = shelve()
      const { runs, stage: text } = textStage("text")
      const heard: Array<Note | undefined> = []
      const listens = (name: string, takesNotes: boolean) => ({
        name,
        stage: Stage.around({ ...text, name, takesNotes }, (work) =>
          Effect.zipRight(
            Effect.map(Node, ({ note }) => void heard.push(note)),
            work
          )
        )
      })
      const notes = (_: string, content: string) =>
        Effect.succeed(new Map(content === noted ? ["asks", "counts"].map((node): [string, Note] => [node, note]) : []))
      const nodes = plan([
        listens("asks", true),
        listens("counts", false),
        { name: "shelve", stage: { ...shelf.stage, sink: { ...shelf.stage.sink, notes } } }
      ])
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        expect(heard).toEqual([undefined, undefined, undefined, undefined])
        const [row] = yield* rows("SELECT content_hash FROM item WHERE CAST(path AS TEXT) LIKE '%a.wav'")
        noted = String(row?.["content_hash"])
        const again = () => run(nodes, arrivals, { rerun: ["shelve"] })
        expect((yield* again()).stages).toMatchObject({ asks: { ran: 1, cached: 1 }, counts: { ran: 0, cached: 2 } })
        expect(heard.slice(4)).toEqual([{ text: "louder", times: 1 }])
        expect((yield* again()).stages["asks"]).toMatchObject({ ran: 0, cached: 2 })
        note = { text: "louder", times: 2 }
        expect((yield* again()).stages["asks"]).toMatchObject({ ran: 1, cached: 1 })
        // Taken back: what was said before is known still.
        noted = undefined
        expect((yield* again()).stages["asks"]).toMatchObject({ ran: 0, cached: 2 })
        expect(runs.length).toBe(6)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("gives a person's correction to the node that takes them, for that file alone, in a plan as in a run", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a", "b.wav": "b" })]
      let corrected: string | undefined
      const shelf = shelve()
      const { runs, stage: text } = textStage("text")
      const heard: Array<string> = []
      const reads = (name: string, takesCorrections: boolean) => ({
        name,
        stage: {
          ...Stage.make({
            name,
            version: 1,
            summary: "Reads a text",
            input: { text: Text },
            output: Other,
            config: Schema.Struct({}),
            error: Trouble,
            run: ({ text: { text } }) =>
              Effect.sync(() => void heard.push(`${name} ${text}`)).pipe(Effect.as(new Other({ text })))
          }),
          takesCorrections
        }
      })
      const correct: Correct = (value) => (value instanceof Text ? new Text({ text: "corrected" }) : value)
      const among = (contents: ReadonlyArray<string>) =>
        new Map(contents.flatMap((content) => (content === corrected ? [[content, new Map([["text", correct]])] as const] : [])))
      const sink = {
        ...shelf.stage.sink,
        corrections: (_: string, content: string) => Effect.succeed(among([content]).get(content) ?? new Map()),
        batch: {
          written: () => Effect.succeed(new Set<string>()),
          excluded: () => Effect.succeed(new Set<string>()),
          notes: () => Effect.succeed(new Map()),
          corrections: (_: string, contents: ReadonlyArray<string>) => Effect.succeed(among(contents))
        }
      }
      const nodes = plan([
        { name: "text", stage: text },
        reads("takes", true),
        reads("reads", false),
        { name: "shelve", stage: { ...shelf.stage, sink } }
      ])
      const again = () => run(nodes, arrivals, { rerun: ["shelve"] })
      const planned = Effect.gen(function* () {
        const [items, runner] = [yield* Items, yield* Runner]
        const told: Array<ReadonlyArray<string>> = []
        const known = ["a.wav", "b.wav"].map((name) => {
          const file = found(join(root, "in"), name)
          return { ...file, status: "unfinished" as const, item: items.at(file.path)?.id }
        })
        yield* runner.plan(yield* runner.prepare(nodes), Stream.make<[Arrival]>({ _tag: "Found", files: known }), {
          runs: new Set(),
          unchanged: () => {},
          planned: ({ steps }) => void told.push(steps)
        })
        return told
      })
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        const [row] = yield* rows("SELECT content_hash FROM item WHERE CAST(path AS TEXT) LIKE '%a.wav'")
        corrected = String(row?.["content_hash"])
        heard.length = 0
        expect(yield* planned).toEqual([
          ["cached", "cached", "cached", "cached", "cached"],
          ["cached", "cached", "toRun", "cached", "toRun"]
        ])
        expect((yield* again()).stages).toMatchObject({
          text: { ran: 0, cached: 2 },
          takes: { ran: 1, cached: 1 },
          reads: { ran: 0, cached: 2 }
        })
        expect(heard).toEqual(["takes corrected"])
        expect((yield* again()).stages["takes"]).toMatchObject({ ran: 0, cached: 2 })
        // Taken back: what was made of the word before is known still.
        corrected = undefined
        expect((yield* again()).stages["takes"]).toMatchObject({ ran: 0, cached: 2 })
        expect(runs.length).toBe(2)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
