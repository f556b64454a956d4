import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Failure from "./Failure.js"
import * as Field from "./Field.js"
import { Original, SourceFile } from "./FileRef.js"
import * as Stage from "../StageModule.js"

class Greeting extends Schema.TaggedClass<Greeting>()("Greeting", { text: Schema.String }) {}

const make = <C extends Schema.Schema.AnyNoContext>(config: C, text: (config: C["Type"]) => string) =>
  Stage.make({
    name: "greet",
    version: 1,
    summary: "Greets",
    input: { file: SourceFile },
    output: Greeting,
    config,
    error: Failure.None,
    run: (_, config) => Effect.succeed(new Greeting({ text: text(config) }))
  })
const file = new SourceFile({ file: new Original({ hash: "0".repeat(64), size: 1, path: "/a.wav" }), mediaType: "audio/wav" })

describe("Stage.run", () => {
  it.effect("fills in the defaults of the config", () =>
    Effect.gen(function* () {
      const greet = make(
        Schema.Struct({
          name: Field.withDefault(Schema.String, "you", "Whom"),
          loud: Field.withDefault(Schema.Boolean, false, "How")
        }),
        ({ loud, name }) => `hello ${name}${loud ? "!" : ""}`
      )
      expect((yield* Stage.run(greet, { file })).text).toBe("hello you")
      expect((yield* Stage.run(greet, { file }, { loud: true })).text).toBe("hello you!")
      // @ts-expect-error -- no such setting
      expect(yield* Effect.flip(Stage.run(greet, { file }, { lod: true }))).toMatchObject({ _tag: "ParseError" })
    })
  )

  it.effect("asks for a config that has to be given", () =>
    Effect.gen(function* () {
      const greet = make(Schema.Struct({ name: Field.required(Schema.String, "Whom") }), ({ name }) => name)
      expect((yield* Stage.run(greet, { file }, { name: "A" })).text).toBe("A")
      // @ts-expect-error -- the name is missing
      expect(yield* Effect.flip(Stage.run(greet, { file }))).toMatchObject({ _tag: "ParseError" })
    })
  )
})

describe("Stage.around", () => {
  it.effect("stands around all that a stage does", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const greet = {
        ...make(Field.none, () => "hi"),
        keyParts: () => Effect.succeed({ model: "m" }),
        sink: { isWritten: () => Effect.succeed(true) }
      }
      const watched = Stage.around(greet, (work) =>
        Effect.tap(work, (result) => Effect.sync(() => seen.push(JSON.stringify(result))))
      )
      yield* watched.run({ file }, {})
      yield* watched.keyParts?.({}) ?? Effect.void
      yield* watched.sink?.isWritten?.({ pipeline: "p", node: "n", key: "k" }) ?? Effect.void
      expect(seen).toEqual(['{"text":"hi","_tag":"Greeting"}', '{"model":"m"}', "true"])
    })
  )
})
