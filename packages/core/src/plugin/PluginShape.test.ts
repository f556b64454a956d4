import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import * as Plugin from "../stage/Plugin.js"
import { maybe } from "../stage/Port.js"
import { Original } from "../stage/FileRef.js"
import * as Stage from "../stage/Stage.js"
import * as PluginShape from "./PluginShape.js"

class Num extends Schema.TaggedClass<Num>("x/Num")("Num", { n: Schema.Number }) {}

const num = Stage.make({
  name: "num",
  version: 1,
  summary: "A number",
  input: { file: Original, other: maybe(Num) },
  output: Num,
  config: Field.none,
  error: Failure.None,
  run: () => Effect.succeed(new Num({ n: 1 }))
})
const plugin = Plugin.make({ name: "p", stages: [num] })

describe("A module's export", () => {
  it("is a plugin when Plugin.make made it", () => {
    expect(PluginShape.fault(plugin)).toBeUndefined()
    expect(PluginShape.isPlugin(plugin)).toBe(true)
    for (const other of [undefined, null, 1, {}, { name: "p", stages: [] }])
      expect(PluginShape.fault(other)).toBe("its default export is no plugin: write `export default Plugin.make({ … })`")
  })

  it.each([
    [{ ...plugin, name: 3 }, "`name` must be a text"],
    [{ ...plugin, stages: num }, "`stages` must be a list of stages"],
    [{ ...plugin, layer: Num }, "`layer` must be a Layer"],
    [{ ...plugin, stages: [{}] }, "a stage in `stages` has no name: write Stage.make({ name: … })"],
    ...Object.entries({
      version: ["1", "`version` must be a whole number"],
      summary: [undefined, "`summary` must be a text"],
      input: [undefined, "`input` must be an object, such as { file: SourceFile }"],
      output: [Schema.Struct({}), "`output` must be a class made with Schema.TaggedClass"],
      config: [{}, "`config` must be a schema: Schema.Struct({ … }), or Field.none"],
      error: [Error, "`error` must be a schema, such as a Failure.Class: Failure.None where it never fails"],
      run: [undefined, "`run` must be a function"]
    } satisfies Record<string, readonly [unknown, string]>).map(
      ([field, [value, fault]]) =>
        [{ ...plugin, stages: [num, { ...num, [field]: value }] }, `in the stage 'num', ${fault}`] as const
    ),
    [
      { ...plugin, stages: [{ ...num, input: { file: String } }] },
      "in the stage 'num', `input.file` must be a class made with Schema.TaggedClass, or maybe(…), all(…) or either(…) of such"
    ]
  ] as ReadonlyArray<readonly [unknown, string]>)("that is none says what is wrong: %#", (value, fault) => {
    expect(PluginShape.fault(value)).toBe(fault)
  })
})
