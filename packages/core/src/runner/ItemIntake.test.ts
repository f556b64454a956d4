import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema } from "effect"
import { chmodSync, copyFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SourceError } from "../scan/SourceError.js"
import { Location } from "../stage/FileRef.js"
import * as RawPath from "../stage/RawPath.js"
import * as Stage from "../stage/Stage.js"
import { Items } from "../store/Items.js"
import { Entry, files, folder, found, layer, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"
import type { Arrival } from "./RunOptions.js"

/** Files as a scan would find them that knows the item table. */
const again = (root: string, names: ReadonlyArray<string>, status: "new" | "changed" | "unfinished" = "changed") =>
  Effect.map(Items, (items): Arrival => ({
    _tag: "Found",
    files: names.map((name) => ({ ...found(root, name), status, item: items.at(join(root, name))?.id }))
  }))

const items = Effect.map(rows("SELECT id, path, content_hash, gone_at <> 0 AS gone FROM item ORDER BY id"), (rows) =>
  rows.map(({ content_hash, gone, id, path }) => ({
    id,
    gone,
    name: path instanceof Uint8Array ? RawPath.fromBytes(path).split("/").at(-1) : "",
    hash: String(content_hash).slice(0, 4)
  }))
)

const names = Stage.make({
  name: "names",
  version: 1,
  summary: "Reads names",
  input: { location: Location, file: Entry },
  output: Text,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ location }) => Effect.succeed(new Text({ text: location.relativePath }))
})

/** An inbox with files, and a stage that makes texts of them. */
const scene = (contents: Readonly<Record<string, string>>) =>
  Effect.map(folder, (root) => {
    const inbox = join(root, "in")
    const text = textStage("text")
    return {
      inbox,
      text,
      nodes: plan([{ name: "text", stage: text.stage }]),
      arrivals: [files(inbox, contents)],
      layer: layer(join(root, "state"))
    }
  })

/** The same times whenever it is written. */
const writeAsOld = (path: string, text: string): void => {
  writeFileSync(path, text)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
}

describe("ItemIntake", () => {
  it.scopedLive("reads a file that got another name and other bytes, with its times put back", () =>
    Effect.gen(function* () {
      const { inbox, layer, nodes } = yield* scene({ "a.wav": "" })
      const [a, b] = [join(inbox, "a.wav"), join(inbox, "b.wav")]
      yield* Effect.gen(function* () {
        writeAsOld(a, "a")
        yield* run(nodes, [yield* again(inbox, ["a.wav"], "new")])
        renameSync(a, b)
        writeAsOld(b, "b")
        yield* run(nodes, [yield* again(inbox, ["b.wav"], "new")])
        expect((yield* items).find(({ name }) => name === "b.wav")).toMatchObject({ hash: "3e23" })
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("knows files of a renamed folder without reading them", () =>
    Effect.gen(function* () {
      const { arrivals, inbox, layer, nodes, text } = yield* scene({ "a.wav": "a" })
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        renameSync(inbox, `${inbox} 2`)
        const arrival = yield* again(`${inbox} 2`, ["a.wav"], "new")
        // Whoever read it now would say that it changed since it was found.
        chmodSync(join(`${inbox} 2`, "a.wav"), 0o644)
        const summary = yield* run(nodes, [arrival])
        expect(summary.items).toEqual({ total: 1, done: 1, failed: 0, waiting: 0 })
        expect(yield* items).toEqual([{ id: 1, name: "a.wav", hash: "ca97", gone: 0 }])
        expect(text.runs.length).toBe(1)
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("knows a renamed file by its content, and has nothing to do", () =>
    Effect.gen(function* () {
      const { arrivals, inbox, layer, nodes, text } = yield* scene({ "a.wav": "a" })
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        renameSync(join(inbox, "a.wav"), join(inbox, "b.wav"))
        const summary = yield* run(nodes, [yield* again(inbox, ["b.wav"], "new")])
        expect(summary.items).toEqual({ total: 1, done: 1, failed: 0, waiting: 0 })
        expect(summary.stages["text"]).toMatchObject({ ran: 0, cached: 1 })
        expect(yield* items).toEqual([{ id: 1, name: "b.wav", hash: "ca97", gone: 0 }])
        expect(text.runs.length).toBe(1)
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive(
    "reads a file that changed in its place with its times put back, though it had its names with other content",
    () =>
      Effect.gen(function* () {
        const { inbox, layer, nodes } = yield* scene({ "a.wav": "a" })
        const [a, b] = [join(inbox, "a.wav"), join(inbox, "b.wav")]
        yield* Effect.gen(function* () {
          writeAsOld(a, "a")
          yield* run(nodes, [yield* again(inbox, ["a.wav"], "new")])
          writeAsOld(a, "b")
          yield* run(nodes, [yield* again(inbox, ["a.wav"])])
          // Its last content is the one that it is known by.
          renameSync(a, b)
          yield* run(nodes, [yield* again(inbox, ["b.wav"], "new")])
          expect((yield* items).find(({ gone }) => gone === 0)).toMatchObject({ name: "b.wav", hash: "3e23" })
          writeAsOld(b, "c")
          yield* run(nodes, [yield* again(inbox, ["b.wav"])])
          expect((yield* items).find(({ gone }) => gone === 0)).toMatchObject({ name: "b.wav", hash: "2e7d" })
        }).pipe(Effect.provide(layer))
      })
  )

  it.scopedLive("runs a stage that reads names again when the name changes, and no other", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inbox = join(root, "in")
      const text = textStage("text")
      const nodes = plan([
        { name: "text", stage: text.stage },
        { name: "names", stage: names }
      ])
      const arrivals = [files(inbox, { "a.wav": "a" })]
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        renameSync(join(inbox, "a.wav"), join(inbox, "b.wav"))
        const { stages } = yield* run(nodes, [yield* again(inbox, ["b.wav"], "new")])
        expect(stages["names"]).toMatchObject({ ran: 1 })
        expect(stages["text"]).toMatchObject({ ran: 0, cached: 1 })
        expect(yield* rows("SELECT value FROM ledger WHERE value LIKE '%b.wav%'")).toHaveLength(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("takes new content at a known path for a new item, and keeps the old one as history", () =>
    Effect.gen(function* () {
      const { arrivals, inbox, layer, nodes, text } = yield* scene({ "a.wav": "a" })
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        writeFileSync(join(inbox, "a.wav"), "b")
        yield* run(nodes, [yield* again(inbox, ["a.wav"])])
        expect(yield* items).toEqual([
          { id: 1, name: "a.wav", hash: "ca97", gone: 1 },
          { id: 2, name: "a.wav", hash: "3e23", gone: 0 }
        ])
        expect(text.runs.length).toBe(2)
        // The old content comes back: it is the item that it was, and its results are there.
        writeFileSync(join(inbox, "a.wav"), "a")
        const { stages } = yield* run(nodes, [yield* again(inbox, ["a.wav"])])
        expect(stages["text"]).toMatchObject({ ran: 0, cached: 1 })
        expect((yield* items).map(({ gone }) => gone)).toEqual([0, 1])
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("has nothing to do for a file that was only touched", () =>
    Effect.gen(function* () {
      const { arrivals, inbox, layer, nodes, text } = yield* scene({ "a.wav": "a" })
      yield* Effect.gen(function* () {
        yield* run(nodes, arrivals)
        utimesSync(join(inbox, "a.wav"), 1, 1)
        expect((yield* run(nodes, [yield* again(inbox, ["a.wav"])])).items.done).toBe(1)
        expect(yield* items).toHaveLength(1)
        expect(text.runs.length).toBe(1)
      }).pipe(Effect.provide(layer))
    })
  )

  it.scopedLive("keeps two items and one result of two files with the same content", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inbox = join(root, "in")
      const text = textStage("text")
      const nodes = plan([{ name: "text", stage: text.stage }])
      const first = files(inbox, { "a.wav": "a" })
      copyFileSync(join(inbox, "a.wav"), join(inbox, "b.wav"))
      yield* Effect.gen(function* () {
        const { items: counts, stages } = yield* run(nodes, [first, yield* again(inbox, ["b.wav"], "new")])
        expect(counts.done).toBe(2)
        expect(stages["text"]).toMatchObject({ ran: 1, cached: 1 })
        expect(yield* items).toHaveLength(2)
        expect(text.runs.length).toBe(1)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("writes down what can't be taken, and does the rest", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inbox = join(root, "in")
      const good = files(inbox, { "a.wav": "a", "vanished.wav": "v", "changed.wav": "c" })
      rmSync(join(inbox, "vanished.wav"))
      writeFileSync(join(inbox, "changed.wav"), "still being written")
      const pipe: Arrival = {
        _tag: "Refused",
        refusals: [
          {
            path: join(inbox, "pipe.wav"),
            relativePath: "pipe.wav",
            error: new SourceError({ code: "SpecialFile", detail: "it is a named pipe" })
          }
        ]
      }
      yield* Effect.gen(function* () {
        const { items } = yield* run(plan([{ name: "text", stage: textStage("text").stage }]), [good, pipe])
        expect(items).toEqual({ total: 4, done: 1, failed: 1, waiting: 2 })
        expect(yield* rows("SELECT node, code, retry FROM failure ORDER BY code")).toEqual([
          { node: "source", code: "FileChanged", retry: "later" },
          { node: "source", code: "FileVanished", retry: "later" },
          { node: "source", code: "SpecialFile", retry: "never" }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("waits for content that another process works on, then has its results", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const inbox = join(root, "in")
      const arrivals = [files(inbox, { "a.wav": "a" })]
      const state = join(root, "state")
      const [one, other] = [yield* Layer.build(layer(state)), yield* Layer.build(layer(state))]
      const started = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = textStage("text", (text) =>
        Effect.as(Effect.zipRight(Deferred.succeed(started, undefined), Deferred.await(go)), text)
      )
      const never = textStage("text")
      const first = yield* Effect.fork(run(plan([{ name: "text", stage: slow.stage }]), arrivals).pipe(Effect.provide(one)))
      yield* Deferred.await(started)
      const second = yield* Effect.fork(run(plan([{ name: "text", stage: never.stage }]), arrivals).pipe(Effect.provide(other)))
      yield* Effect.sleep("50 millis")
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(first)).items.done).toBe(1)
      expect((yield* Fiber.join(second)).items.done).toBe(1)
      expect(never.runs).toEqual([])
    })
  )
})
