import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import * as AnswerSchema from "./AnswerSchema.js"

const schema = {
  type: "object",
  properties: { speakers: { type: "integer", minimum: 0 }, topic: { type: "string" } },
  required: ["speakers"],
  additionalProperties: false
}

describe("AnswerSchema", () => {
  it.effect("reads the first JSON that fits", () =>
    Effect.gen(function* () {
      const read = yield* AnswerSchema.compile(schema)
      expect(read('Of course: ```json\n{"speakers": 2, "topic": "rain"}\n```')).toEqual(
        Either.right({ speakers: 2, topic: "rain" })
      )
      expect(read('{"speakers": -1}')).toEqual(Either.left("answer/speakers must be >= 0"))
      expect(read('{"topic": "rain", "mood": 1}')).toEqual(
        Either.left("answer must have required property 'speakers', answer must NOT have additional properties")
      )
      expect(read("Two speakers.")).toEqual(Either.left("there is no JSON in it"))
    })
  )

  it.effect.each([
    [{ type: "array" }, "not of type object"],
    [{ type: "object", properties: { a: { type: "strnig" } } }, "no JSON schema"],
    [{ type: "object", propertys: {} }, "no JSON schema"]
  ] as const)("refuses %j", ([wrong, why]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(AnswerSchema.compile(wrong))
      expect([error.code, error.retry]).toEqual(["SchemaRefused", "config"])
      expect(error.message).toContain(why)
    })
  )
})
