import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Artifacts } from "../stage/Artifacts.js"
import { Calls } from "../stage/Calls.js"
import { Artifact } from "../stage/FileRef.js"
import * as Stage from "../stage/Stage.js"
import { Entry, files, folder, found, layer, plan, rows, run, Text, textStage, Trouble } from "./Run.fixture.js"

class Copy extends Schema.TaggedClass<Copy>("Copy")("Copy", { file: Artifact }) {}

/** Changes the file before the first read of it, each in a way of its own. */
const changes = {
  "is replaced by another": (path: string) => {
    writeFileSync(`${path}.new`, "other")
    renameSync(`${path}.new`, path)
  },
  "is written over, and its times are put back": (path: string) => {
    const { atime, mtime } = statSync(path)
    writeFileSync(path, "othe")
    utimesSync(path, atime, mtime)
  },
  "goes away": (path: string) => rmSync(path)
}

/** A stage that copies the file it is given, once `before` has been called. */
const copying = (before: (path: string) => void) =>
  Stage.make({
    name: "copy",
    version: 1,
    summary: "Copies",
    input: { file: Entry },
    output: Copy,
    config: Schema.Struct({}),
    error: Trouble,
    run: ({ file: { file } }) =>
      Effect.gen(function* () {
        before(file.path)
        const artifacts = yield* Artifacts
        const { artifact } = yield* Effect.orDie(
          artifacts.write("copy", "txt", (to) => Effect.sync(() => writeFileSync(to, readFileSync(file.path))))
        )
        return new Copy({ file: artifact })
      })
  })

const once = (change: (path: string) => void) => {
  let done = false
  return (path: string) => {
    if (!done) change(path)
    done = true
  }
}

describe("A file that changes between its hash and a stage's read", () => {
  for (const [what, change] of Object.entries(changes)) {
    it.scopedLive(`leaves nothing behind when it ${what}`, () =>
      Effect.gen(function* () {
        const root = yield* folder
        const state = join(root, "state")
        const first = files(join(root, "in"), { "a.wav": "true" })
        const { runs, stage: text } = textStage("text")
        yield* Effect.gen(function* () {
          const node = { name: "copy", stage: copying(once(change)) }
          const summary = yield* run(plan([node, { name: "text", stage: text }]), [first])
          expect(summary.items).toMatchObject({ done: 0, failed: 0, waiting: 1 })
          expect(summary.stages["copy"]).toMatchObject({ ran: 0, waiting: 1 })
          expect(yield* rows("SELECT * FROM ledger JOIN recipe ON recipe.id = recipe WHERE stage = 'copy'")).toEqual([])
          expect(yield* rows("SELECT * FROM artifact")).toEqual([])
          expect(existsSync(join(state, "artifacts")) ? readdirSync(join(state, "artifacts")) : []).toEqual([])
          expect(yield* rows("SELECT code FROM failure")).toEqual(
            what === "goes away" ? [{ code: "FileVanished" }] : [{ code: "FileChanged" }]
          )

          writeFileSync(join(root, "in", "a.wav"), "true")
          const again = { ...found(join(root, "in"), "a.wav"), status: "changed" as const }
          const second = yield* run(plan([node, { name: "text", stage: text }]), [{ _tag: "Found", files: [again] }])
          expect(second.items).toMatchObject({ done: 1, waiting: 0 })
          const [artifact] = yield* rows("SELECT hash FROM artifact")
          const hash = String(artifact?.["hash"])
          expect(readFileSync(join(state, "artifacts", hash.slice(0, 2), `${hash}.txt`), "utf8")).toBe("true")
          expect(runs.length).toBeGreaterThan(0)
        }).pipe(Effect.provide(layer(state)))
      })
    )
  }

  it.scopedLive("is not remembered as a failure, and no call is made for it", () =>
    Effect.gen(function* () {
      const root = yield* folder
      let asked = 0
      const change = once(changes["is replaced by another"])
      const ask = Stage.make({
        name: "ask",
        version: 1,
        summary: "Sends the file to a service",
        input: { file: Entry },
        output: Text,
        config: Schema.Struct({}),
        error: Trouble,
        run: ({ file: { file } }) =>
          Effect.gen(function* () {
            change(file.path)
            const text = readFileSync(file.path, "utf8")
            const calls = yield* Calls
            const request = Effect.sync(() => ({ body: `${text} ${++asked}` }))
            const call = { identity: { hash: file.hash }, account: "a", model: "m", onAmbiguous: "hold" as const }
            const { body } = yield* Effect.orDie(calls.call(call, request))
            return new Text({ text: body })
          })
      })
      const broken = textStage("broken", () => new Trouble({ code: "Never", detail: "no sound" }))
      const input = files(join(root, "in"), { "a.wav": "true" })
      yield* Effect.gen(function* () {
        const summary = yield* run(
          plan([
            { name: "ask", stage: ask },
            { name: "broken", stage: broken.stage }
          ]),
          [input]
        )
        expect(summary.items).toMatchObject({ waiting: 1, failed: 0 })
        expect(asked).toBe(0)
        expect(yield* rows("SELECT * FROM call")).toEqual([])
        expect(yield* rows("SELECT * FROM ledger WHERE outcome = 'failed'")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
