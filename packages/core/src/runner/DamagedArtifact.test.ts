import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ArtifactError, Artifacts } from "../stage/Artifacts.js"
import { Artifact } from "../stage/FileRef.js"
import * as Stage from "../stage/Stage.js"
import { Entry, files, folder, layer, Other, plan, run, Trouble } from "./Run.fixture.js"

class Copy extends Schema.TaggedClass<Copy>("Copy")("Copy", { file: Artifact }) {}

const copy = Stage.make({
  name: "copy",
  version: 1,
  summary: "Copies a file",
  input: { entry: Entry },
  output: Copy,
  config: Schema.Struct({}),
  error: Schema.Union(Trouble, ArtifactError),
  run: ({ entry }) =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      const { artifact } = yield* artifacts.write("copy", "txt", (path) =>
        Effect.sync(() => writeFileSync(path, `copy of ${readFileSync(entry.file.path, "utf8")}`))
      )
      return new Copy({ file: artifact })
    })
})

/** Refuses for good what is no copy, as a decoder does. */
const reader = Stage.make({
  name: "reader",
  version: 1,
  summary: "Reads a copy",
  input: { copy: Copy },
  output: Other,
  config: Schema.Struct({}),
  error: Trouble,
  run: ({ copy }) =>
    Effect.suspend(() => {
      const text = readFileSync(copy.file.path, "utf8")
      return text.startsWith("copy of ")
        ? Effect.succeed(new Other({ text }))
        : new Trouble({ code: "Never", detail: "the content is no copy" })
    })
})

describe("An artifact of an earlier run", () => {
  const damages = {
    "was overwritten": (path: string) => writeFileSync(path, "x".repeat(statSync(path).size)),
    "was overwritten with what reads as well": (path: string) => writeFileSync(path, "copy of b"),
    "was cut": (path: string) => truncateSync(path, 2),
    "went away": (path: string) => rmSync(path)
  }
  for (const [how, damage] of Object.entries(damages))
    it.scopedLive(`that ${how} is made again before it is read, and the file isn't blamed`, () =>
      Effect.gen(function* () {
        const root = yield* folder
        const state = join(root, "state")
        const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
        const first = plan([{ name: "copy", stage: copy }])
        const then = plan([
          { name: "copy", stage: copy },
          { name: "reader", stage: reader },
          { name: "second", stage: reader, identity: { another: true } }
        ])
        yield* Effect.gen(function* () {
          yield* run(first, arrivals)
          const artifacts = join(state, "artifacts")
          const name = readdirSync(artifacts, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(".txt")) ?? ""
          damage(join(artifacts, name))
          const { items, stages } = yield* run(then, arrivals)
          expect(items).toEqual({ total: 1, done: 1, failed: 0, waiting: 0 })
          expect(stages["copy"]?.ran).toBe(1)
          expect(readFileSync(join(artifacts, name), "utf8")).toBe("copy of a")
        }).pipe(Effect.provide(layer(state)))
      })
    )

  it.scopedLive("that is whole is read, and not made again", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const arrivals = [files(join(root, "in"), { "a.wav": "a" })]
      yield* Effect.gen(function* () {
        yield* run(plan([{ name: "copy", stage: copy }]), arrivals)
        const both = plan([
          { name: "copy", stage: copy },
          { name: "reader", stage: reader }
        ])
        expect((yield* run(both, arrivals)).stages["copy"]).toMatchObject({ ran: 0, cached: 1 })
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
