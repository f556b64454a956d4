import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { files, folder, found, layer, plan, run, Text, textStage, Trouble } from "../runner/Run.fixture.js"
import { Original, SourceFile } from "../stage/FileRef.js"
import * as Stage from "../stage/Stage.js"
import { explain } from "./RunReason.js"

describe("explain", () => {
  it.scopedLive("names the parts of the key that changed", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const { stage } = textStage("upper")
      const under = (identity: { readonly rate: number }) => plan([{ name: "loud", stage, identity }])
      const path = join(root, "in", "a.wav")
      yield* Effect.gen(function* () {
        yield* run(under({ rate: 1 }), [files(join(root, "in"), { "a.wav": "a" })])
        expect(yield* explain(path, "loud")).toMatchObject([{ node: "loud", stage: "upper", outcome: "ran", changes: [] }])
        yield* run(under({ rate: 2 }), [files(join(root, "in"), { "a.wav": "a" })])
        expect((yield* explain(path, "upper"))[0]?.changes).toEqual([{ part: "config.rate", before: "1", after: "2" }])
        files(join(root, "in"), { "a.wav": "other" })
        const edit = { ...found(join(root, "in"), "a.wav"), status: "changed" as const, item: 1 }
        yield* run(under({ rate: 2 }), [{ _tag: "Found", files: [edit] }])
        const [edited] = yield* explain(path, "loud")
        expect(edited?.changes.map(({ part }) => part)).toEqual(["inputs.file"])
        expect(yield* explain(path, "nowhere")).toEqual([])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )

  it.scopedLive("says what of a file is read otherwise", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const takes = (version: number, reading: ReadonlyArray<string>) =>
        Stage.make({
          name: "take",
          version,
          summary: "Takes a file in",
          input: { original: Original },
          output: SourceFile,
          config: Schema.Struct({}),
          error: Trouble,
          run: ({ original }) =>
            Effect.succeed(
              new SourceFile({ file: original, mediaType: "audio/x-matroska", ...(reading.length === 0 ? {} : { reading }) })
            )
        })
      const copy = Stage.make({
        name: "copy",
        version: 1,
        summary: "Copies it",
        input: { file: SourceFile },
        output: Text,
        config: Schema.Struct({}),
        error: Trouble,
        run: () => Effect.succeed(new Text({ text: "" }))
      })
      const under = (version: number, ...reading: ReadonlyArray<string>) =>
        plan([
          { name: "take", stage: takes(version, reading) },
          { name: "copy", stage: copy }
        ])
      yield* Effect.gen(function* () {
        const arrival = files(root, { "a.mka": "a" })
        yield* run(under(1), [arrival])
        yield* run(under(2, "track:2"), [arrival])
        const [{ changes } = { changes: [] }] = yield* explain(join(root, "a.mka"), "copy")
        expect(changes).toMatchObject([
          { part: "inputs.file" },
          { part: "inputs.file.reading", before: undefined, after: '["track:2"]' }
        ])
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
