import { describe, expect, it } from "@effect/vitest"
import { JSONSchema, Schema, SchemaAST as AST } from "effect"
import { builtins } from "./builtins.js"

const stages = builtins.flatMap((plugin) => plugin.stages)

/** The fields of a config, with what each says of itself. */
const fields = (ast: AST.AST): ReadonlyArray<{ readonly name: string; readonly description: unknown }> => {
  if (AST.isRefinement(ast)) return fields(ast.from)
  if (AST.isTransformation(ast)) return fields(ast.from)
  if (!AST.isTypeLiteral(ast)) return []
  return ast.propertySignatures.map(({ name, type }) => {
    const members = AST.isUnion(type) ? [type, ...type.types] : [type]
    return {
      name: String(name),
      description: members.map(({ annotations }) => annotations[AST.DescriptionAnnotationId]).find(Boolean)
    }
  })
}

describe("builtins", () => {
  it("have the stages of every pipeline, each once", () => {
    const names = stages.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining(["ingest", "probe", "transcode", "transcode-video", "acoustic", "describe", "waveform", "persist"])
    )
    expect(new Set(builtins.map(({ name }) => name)).size).toBe(builtins.length)
  })

  it.each(stages.map((stage) => [stage.name, stage] as const))(
    "%s says what it does, and its settings and examples are sound",
    (name, stage) => {
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/)
      expect(stage.summary).toMatch(/^[A-Z][^.]+$/)
      expect(stage.version).toBeGreaterThan(0)
      for (const { description, name: field } of fields(stage.config.ast))
        expect(description, `${name}.${field}`).toMatch(/^\S.{7,}/)
      for (const example of stage.examples)
        expect(Schema.decodeUnknownEither(stage.config, { onExcessProperty: "error" })(example.with)._tag, example.title).toBe(
          "Right"
        )
      expect(() => JSONSchema.make(stage.config)).not.toThrow()
    }
  )

  it("needs no settings at all", () => {
    for (const stage of stages.filter(({ name }) => ["transcode", "transcode-video", "acoustic", "waveform"].includes(name)))
      expect(Schema.decodeUnknownEither(stage.config)({})._tag, stage.name).toBe("Right")
  })
})
