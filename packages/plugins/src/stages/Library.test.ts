import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Library, Project, Runner, Scanner, Settings, Store } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { builtins } from "../builtins.js"
import * as Blocklist from "../library/Blocklist.js"
import * as Search from "../library/Search.js"
import { SampleMedia } from "../testing/index.js"

const config = (describer = "describe") => `
pipelines:
  sounds:
    source: { folder: ./inbox }
    stages:
      probe: {}
      acoustic: { with: { musicSeconds: 30 } }
      ${describer}: { use: describe }
      persist: {}
`

/** A config beside a folder of sounds, run as the command does it. */
const project = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-library-"))),
    (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
  )
  const inbox = join(folder, "inbox")
  const write = (text: string) => Effect.promise(() => fs.writeFile(join(folder, "spool.yaml"), text))
  const load = Project.load({ cwd: folder }, { builtIn: builtins, version: "0.1.0", modules: async () => ({}) })
  yield* Effect.promise(() => fs.mkdir(inbox))
  yield* write(config())
  yield* SampleMedia.writeWav(inbox, "drums", { seconds: 4 }, "trommel 鼓.wav")
  yield* SampleMedia.writeWav(inbox, "tone", { seconds: 1 })
  yield* SampleMedia.write(inbox, "mute.avi", SampleMedia.avi(undefined, { seconds: 1 }))
  yield* SampleMedia.write(inbox, "letter.mp3", Buffer.from("Dear diary"))

  const layer = Layer.unwrapEffect(
    Effect.map(load, ({ registry, settings, state }) => {
      const system = Layer.mergeAll(NodeContext.layer, FetchHttpClient.layer, Layer.succeed(Settings, settings))
      const migrations = registry.plugins.map(({ plugin }) => ({ plugin: plugin.name, migrations: plugin.migrations }))
      return Layer.mergeAll(Runner.layer, Scanner.layer, Project.layer(registry)).pipe(
        Layer.provideMerge(Layer.merge(Store.layer(state, migrations), system))
      )
    })
  )
  const run = Effect.gen(function* () {
    const plan = (yield* load).pipelines.get("sounds")?.plan
    const source = plan?.source
    if (plan === undefined || source === undefined) return yield* Effect.dieMessage("the config has no such pipeline")
    const runner = yield* Runner
    const scanner = yield* Scanner
    const ready = yield* runner.prepare(plan)
    return yield* runner.run(ready, scanner.scan({ ...source, against: { pipeline: "sounds", plan: ready.id } }))
  })
  return { inbox, layer, run, write }
})

const query = (sql: string) => Effect.flatMap(Library, ({ read }) => read({ sql, values: [] }))
const column = (sql: string) => Effect.map(query(sql), (rows) => rows.map((row) => Object.values(row)[0]))
const change = (sql: string) => Effect.flatMap(Library, ({ write }) => write([{ sql, values: [] }]))
const finds = (typed: string) =>
  Effect.map(Search.search(typed), ({ found }) => found.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)))

describe("a library", () => {
  it.scopedLive(
    "is filled by a run, and kept by the next ones",
    () =>
      Effect.gen(function* () {
        const { inbox, layer, run, write } = yield* project
        yield* Effect.gen(function* () {
          const first = yield* run
          expect(first.items).toMatchObject({ total: 4, done: 3, failed: 1 })
          expect(first.stages["persist"]).toMatchObject({ ran: 3 })
          expect(first.stages["describe"]).toMatchObject({ ran: 2, skipped: 1 })
          expect(yield* column("SELECT code FROM failure")).toEqual(["NotMedia"])
          expect(yield* finds('"120 beats"')).toEqual(["trommel 鼓.wav"])
          expect(yield* finds("鼓")).toEqual(["trommel 鼓.wav"])
          expect(yield* finds("type:video duration:<2")).toEqual(["mute.avi"])
          expect(yield* finds("tempo:119..121")).toEqual(["trommel 鼓.wav"])

          // Nothing to do.
          const written = yield* query("SELECT content_hash, changed_at FROM media ORDER BY id")
          const second = yield* run
          expect(second.stages["persist"]).toMatchObject({ ran: 0 })
          expect(yield* query("SELECT content_hash, changed_at FROM media ORDER BY id")).toEqual(written)

          // A renamed file is no work, and is found where it is.
          yield* Effect.promise(() => fs.rename(join(inbox, "trommel 鼓.wav"), join(inbox, "drum kit.wav")))
          const renamed = yield* run
          expect(Object.values(renamed.stages).map(({ ran }) => ran)).toEqual([0, 0, 0, 0, 0])
          expect(yield* finds('"120 beats"')).toEqual(["drum kit.wav"])
          expect([yield* finds("trommel"), yield* finds("kit")]).toEqual([[], ["drum kit.wav"]])

          // A deleted row comes back, and nothing is made anew for it.
          yield* change("DELETE FROM caption WHERE text LIKE '%120 beats%'")
          expect(yield* finds("beats")).toEqual([])
          const repaired = yield* run
          expect(repaired.stages["persist"]).toMatchObject({ ran: 1 })
          expect(repaired.stages["acoustic"]).toMatchObject({ ran: 0 })
          expect(yield* finds("beats")).toEqual(["drum kit.wav"])

          // What is forgotten stays away, whatever its name.
          const [hash] = yield* column("SELECT content_hash FROM media WHERE path LIKE '%drum kit.wav'")
          yield* Blocklist.add(String(hash))
          yield* Effect.promise(() => fs.rename(join(inbox, "drum kit.wav"), join(inbox, "again.wav")))
          yield* write(config("described"))
          expect((yield* run).stages["described"]).toMatchObject({ skipped: 2 })
          expect(yield* finds("beats")).toEqual([])
          yield* Blocklist.remove(String(hash))
          expect((yield* run).stages["persist"]).toMatchObject({ ran: 1 })
          expect(yield* finds("beats")).toEqual(["again.wav"])

          // A node under another name leaves no rows behind.
          yield* write(config("words"))
          yield* run
          expect(yield* column("SELECT DISTINCT node FROM caption")).toEqual(["words"])
        }).pipe(Effect.provide(layer))
      }),
    60_000
  )
})
