import { describe, expect, it } from "@effect/vitest"
import { Context, Duration, Effect, Either, Fiber } from "effect"
import { spawnSync } from "node:child_process"
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rows, Trouble } from "../runner/Run.fixture.js"
import { Items } from "../store/Items.js"
import * as WatcherCommand from "./WatcherCommand.js"
import { base, count, eventually, layer, pipeline, put, watch } from "./Watcher.fixture.js"

const pause = (millis: number) => Effect.sleep(Duration.millis(millis))

describe("Watcher", () => {
  it.scopedLive("runs what is there, what lands, and what changes, each whole content once", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const contents: Array<string> = []
      const { plan } = pipeline(inbox, (content) => Effect.sync(() => (contents.push(content), content)))
      put(join(inbox, "early.wav"), "early")
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        yield* eventually(Effect.map(count("done"), (done) => done === 1))

        put(join(inbox, "deep/er/late.wav"), "late")
        const slow = join(inbox, "slow.wav")
        for (let i = 0; i < 8; i++) {
          appendFileSync(slow, `slow ${i} `)
          yield* pause(60)
        }
        put(join(inbox, "copy.wav.part"), "half")
        appendFileSync(join(inbox, "copy.wav.part"), " and half")
        renameSync(join(inbox, "copy.wav.part"), join(inbox, "copy.wav"))
        yield* eventually(Effect.map(count("done"), (done) => done === 4))

        // Replaced by rename, and truncated and written again.
        put(join(inbox, "early.new"), "early, replaced")
        renameSync(join(inbox, "early.new"), join(inbox, "early.wav"))
        truncateSync(join(inbox, "deep/er/late.wav"))
        yield* pause(30)
        writeFileSync(join(inbox, "deep/er/late.wav"), "late, rewritten")
        yield* eventually(Effect.sync(() => contents.length === 6))
        yield* eventually(Effect.map(count("done"), (done) => done === 4))

        expect(contents.sort()).toEqual([
          "early",
          "early, replaced",
          "half and half",
          "late",
          "late, rewritten",
          [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `slow ${i} `).join("")
        ])
        // What was there before stays as history.
        expect((yield* rows("SELECT count(*) AS n FROM item WHERE gone_at <> 0"))[0]).toEqual({ n: 2 })
        const [summary] = yield* watched.drain
        // A file whose times change while it is looked at is met twice; its content isn't run twice.
        expect(summary?.items.done).toBeGreaterThanOrEqual(6)
        expect(summary?.items).toMatchObject({ failed: 0, waiting: 0 })
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("takes what lands by its content where no name is asked for, and remembers what it looked into", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const contents: Array<string> = []
      // What has just been written is remembered by the next scan.
      const settings = { include: undefined, scanEvery: Duration.seconds(1) }
      const { plan } = pipeline(inbox, (content) => Effect.sync(() => (contents.push(content), content)), settings)
      put(join(inbox, "README"), "words")
      for (const name of ["talk", "song"]) put(join(inbox, name), `RIFF....WAVE ${name}`)
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        // Those that are there are said before the first one is taken.
        expect(contents).toEqual([])
        expect(watched.has("TakenByContent")).toMatchObject([{ files: 2 }])
        yield* eventually(Effect.map(count("done"), (done) => done === 2))
        // Its first look sees nothing, its second one words.
        const memo = join(inbox, "deep/memo")
        put(memo, "")
        yield* pause(60)
        appendFileSync(memo, "RIFF")
        yield* pause(60)
        appendFileSync(memo, "\0\0\0\0WAVE, and more")
        put(join(inbox, "notes"), "more words")
        put(join(inbox, "late.txt"), "and more")
        yield* eventually(Effect.map(count("done"), (done) => done === 3))
        expect(watched.has("TakenByContent")).toMatchObject([{ files: 2 }, { files: 1 }])
        yield* eventually(
          Effect.map(rows("SELECT 1 FROM ignored_file WHERE name = CAST('notes' AS BLOB)"), ({ length }) => length === 1)
        )
        expect(contents.slice(2)).toEqual(["RIFF\0\0\0\0WAVE, and more"])
        const [summary] = yield* watched.drain
        expect(summary?.items).toMatchObject({ total: 3, done: 3 })
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("finds 900 files in 300 folders that appear at once, and many that land while it is busy", () =>
    Effect.gen(function* () {
      const { inbox, path, state } = yield* base
      const { plan, runs } = pipeline(inbox)
      yield* Effect.gen(function* () {
        yield* watch([plan])
        for (let tree = 0; tree < 300; tree++)
          for (let file = 0; file < 3; file++)
            put(join(inbox, `tree ${tree}`, "a".repeat(file + 1), `${file}.wav`), `${tree} ${file}`)
        yield* eventually(Effect.map(count("done"), (done) => done === 900))

        // Another process writes while this one's event loop stands still.
        const script = `const fs = require("fs"); for (let i = 0; i < 2000; i++) {
          const folder = ${JSON.stringify(inbox)} + "/busy " + (i % 50); fs.mkdirSync(folder, { recursive: true });
          fs.writeFileSync(folder + "/" + i + ".wav", "busy " + i) }
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)`
        spawnSync(process.execPath, ["-e", script])
        // A tree that is moved in as a whole.
        put(join(path, "tree/one/1.wav"), "moved 1")
        put(join(path, "tree/two/2.wav"), "moved 2")
        renameSync(join(path, "tree"), join(inbox, "moved in"))
        yield* eventually(Effect.map(count("done"), (done) => done === 2_902))
        expect(new Set(runs).size).toBe(2_902)
        expect(runs.length).toBe(2_902)
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("keeps the history of a file that moves, and marks one that is deleted", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const { plan, runs } = pipeline(inbox)
      put(join(inbox, "a.wav"), "a")
      put(join(inbox, "folder/b.wav"), "b")
      put(join(inbox, "c.wav"), "c")
      const items = rows("SELECT id, CAST(path AS TEXT) AS path, gone_at <> 0 AS gone FROM item ORDER BY id")
      yield* Effect.gen(function* () {
        yield* watch([plan])
        yield* eventually(Effect.map(count("done"), (done) => done === 3))
        const before = yield* items
        renameSync(join(inbox, "a.wav"), join(inbox, "z.wav"))
        renameSync(join(inbox, "folder"), join(inbox, "shelf"))
        unlinkSync(join(inbox, "c.wav"))
        yield* eventually(
          Effect.map(items, (now) => now.filter(({ gone, path }) => gone === 0 && /z\.wav|shelf/.test(String(path))).length === 2)
        )
        yield* eventually(Effect.map(items, (now) => now.filter(({ gone }) => gone === 1).length === 1))
        const after = yield* items
        expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
        expect(after.find(({ gone }) => gone === 1)?.["path"]).toBe(join(inbox, "c.wav"))
        expect(runs.length).toBe(3)
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("pauses, resumes and drains by the word of another process, and is alone", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const { plan, runs } = pipeline(inbox)
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        // What another process would do: its own connection and owner.
        const elsewhere = layer(state)
        const second = yield* Effect.provide(
          Effect.flatMap(watch([plan]), ({ fiber }) => Effect.either(Fiber.join(fiber))),
          elsewhere
        )
        expect(Either.flip(second).pipe(Either.getOrThrow)).toMatchObject({ code: "WatcherRuns" })

        yield* Effect.provide(WatcherCommand.pause("test"), elsewhere)
        yield* eventually(Effect.sync(() => watched.has("Halted").length === 1))
        put(join(inbox, "a.wav"), "a")
        yield* pause(600)
        expect(runs).toEqual([])
        yield* Effect.provide(WatcherCommand.resume("test", inbox), elsewhere)
        yield* eventually(Effect.map(count("done"), (done) => done === 1))
        yield* Effect.provide(WatcherCommand.drain, elsewhere)
        expect(yield* Fiber.join(watched.fiber)).toHaveLength(2)
        expect(watched.has("WatchDraining")).toHaveLength(1)
        expect(yield* Effect.flip(WatcherCommand.drain)).toMatchObject({ code: "NoWatcher" })
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("finishes what it has begun when it drains", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const { plan, runs } = pipeline(inbox, (content) => Effect.delay(Effect.succeed(content), "400 millis"))
      put(join(inbox, "a.wav"), "a")
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        yield* eventually(Effect.sync(() => runs.length === 1))
        const [summary] = yield* watched.drain
        expect(summary).toMatchObject({ outcome: "drained", items: { done: 1 } })
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("lets a good config take over, and keeps the old one running when the new one is bad", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const [old, young] = [pipeline(inbox), pipeline(inbox, undefined, { version: "2" })]
      let config: Effect.Effect<{ plans: ReadonlyArray<typeof old.plan>; services: Context.Context<never> }, string> =
        Effect.succeed({ plans: [old.plan], services: Context.empty() })
      let released = 0
      const load = Effect.acquireRelease(
        Effect.suspend(() => config),
        () => Effect.sync(() => released++)
      )
      put(join(inbox, "a.wav"), "a")
      yield* Effect.gen(function* () {
        const watched = yield* watch([], { load })
        yield* eventually(Effect.map(count("done"), (done) => done === 1))
        config = Effect.fail("a colon is missing")
        yield* watched.change
        yield* eventually(Effect.sync(() => watched.has("ReloadRefused").length === 1))
        expect(watched.has("ReloadRefused")[0]).toMatchObject({ error: "a colon is missing" })
        put(join(inbox, "b.wav"), "b")
        yield* eventually(Effect.map(count("done"), (done) => done === 2))
        expect(released).toBe(0)

        config = Effect.succeed({ plans: [young.plan], services: Context.empty() })
        yield* watched.change
        yield* eventually(Effect.sync(() => young.runs.length === 2))
        yield* eventually(Effect.sync(() => released === 1))
        put(join(inbox, "c.wav"), "c")
        yield* eventually(Effect.sync(() => young.runs.length === 3))
        expect(old.runs.length).toBe(2)
        yield* watched.drain
        expect(released).toBe(2)
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("waits while its folder is away, and marks nothing", () =>
    Effect.gen(function* () {
      const { inbox, path, state } = yield* base
      const { plan, runs } = pipeline(inbox, undefined, { scanEvery: Duration.millis(200) })
      for (let i = 0; i < 12; i++) put(join(inbox, `${i}.wav`), String(i))
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        yield* eventually(Effect.map(count("done"), (done) => done === 12))
        renameSync(inbox, join(path, "away"))
        yield* eventually(Effect.sync(() => watched.has("Halted").length === 1))
        mkdirSync(inbox)
        put(join(inbox, "stranger.wav"), "stranger")
        yield* pause(2_500)
        expect(yield* count("done")).toBe(12)
        rmSync(inbox, { recursive: true })
        renameSync(join(path, "away"), inbox)
        yield* eventually(Effect.sync(() => watched.has("Resumed").length === 1))
        put(join(inbox, "new.wav"), "new")
        yield* eventually(Effect.map(count("done"), (done) => done === 13))
        expect(runs.length).toBe(13)
        expect(statSync(inbox).isDirectory()).toBe(true)
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("leaves a failed file alone until it changes or is requeued", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      let isMended = false
      const { plan, runs } = pipeline(inbox, (content) =>
        isMended || content === "good" ? Effect.succeed(content) : new Trouble({ code: "Now", detail: "not yet" })
      )
      put(join(inbox, "a.wav"), "bad")
      put(join(inbox, "b.wav"), "bad too")
      yield* Effect.gen(function* () {
        const watched = yield* watch([plan])
        yield* eventually(Effect.map(count("failed"), (failed) => failed === 2))
        const scans = watched.has("FolderScanned").length
        yield* WatcherCommand.rescan
        yield* eventually(Effect.sync(() => watched.has("FolderScanned").length > scans))
        yield* pause(300)
        expect(runs.length).toBe(2)

        put(join(inbox, "b.wav"), "good")
        yield* eventually(Effect.map(count("done"), (done) => done === 1))
        isMended = true
        yield* Effect.flatMap(Items, (items) => items.reopen([1, 2]))
        yield* WatcherCommand.rescan
        yield* eventually(Effect.map(count("done"), (done) => done === 2))
        expect(runs.length).toBe(4)
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("takes up again what waits for an outside service", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      let isThere = false
      const { plan } = pipeline(inbox, (content) =>
        isThere ? Effect.succeed(content) : new Trouble({ code: "Later", detail: "away" })
      )
      for (let i = 0; i < 20; i++) put(join(inbox, `${i}.wav`), String(i))
      yield* Effect.gen(function* () {
        yield* watch([plan], { patience: Duration.millis(100) })
        yield* eventually(Effect.map(count("waiting"), (waiting) => waiting === 20))
        isThere = true
        // Until the next probe of the service is due, it is taken to be away.
        yield* pause(1_000)
        yield* WatcherCommand.rescan
        yield* eventually(Effect.map(count("done"), (done) => done === 20))
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it.scopedLive("stops a pipeline whose setting is wrong, and nobody else's, until somebody says that it is mended", () =>
    Effect.gen(function* () {
      const { inbox, path, state } = yield* base
      mkdirSync(join(path, "other"))
      let isMended = false
      const bad = pipeline(inbox, (content) =>
        isMended ? Effect.succeed(content) : new Trouble({ code: "Config", detail: "the key is wrong" })
      )
      const good = pipeline(join(path, "other"), undefined, { name: "other", watch: "scan", scanEvery: Duration.millis(100) })
      put(join(inbox, "a.wav"), "a")
      yield* Effect.gen(function* () {
        const watched = yield* watch([bad.plan, good.plan])
        yield* eventually(Effect.sync(() => watched.has("Halted").length === 1))
        expect(watched.has("Halted")[0]).toMatchObject({
          pipeline: "test",
          halt: "stopped",
          failure: { detail: "the key is wrong" }
        })
        put(join(path, "other/b.wav"), "b")
        yield* eventually(Effect.map(count("done", "other"), (done) => done === 1))
        isMended = true
        yield* WatcherCommand.resume("test", inbox)
        yield* eventually(Effect.map(count("done"), (done) => done === 1))
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )
})
