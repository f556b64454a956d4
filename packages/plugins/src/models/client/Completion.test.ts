import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Completion from "./Completion.js"

const choices = [{ message: { content: "A piano." }, finish_reason: "stop" }]

describe("A recorded reply", () => {
  it.effect("keeps its text when its usage is missing, or can't be", () =>
    Effect.gen(function* () {
      for (const usage of [undefined, null, "none", {}, { prompt_tokens: -5, completion_tokens: 1e30 }, { input_tokens: 0.5 }])
        for (const body of [
          { choices, usage },
          { output: { choices }, usage }
        ].map((one) => JSON.stringify(one))) {
          expect(yield* Completion.parse("service", body)).toEqual({ _tag: "Said", text: "A piano.", truncated: false })
          expect(Completion.usage(body)).toEqual(Option.some(undefined))
        }
    })
  )

  const said = (message: object, more: object = { finish_reason: "stop" }) =>
    JSON.stringify({ choices: [{ message, ...more }], usage: { prompt_tokens: 9, completion_tokens: 2 } })
  const parsed = (body: string) => Completion.parse("service", body)

  it.effect("is whole though it doesn't say why it ended, unless it has no words", () =>
    Effect.gen(function* () {
      for (const more of [{}, { finish_reason: null }, { finish_reason: "" }]) {
        const body = said({ content: "A piano." }, more)
        expect(Option.isSome(Completion.usage(body))).toBe(true)
        expect(yield* parsed(body)).toEqual({ _tag: "Said", text: "A piano.", truncated: false })
        expect(Option.isNone(Completion.usage(said({ content: "" }, more)))).toBe(true)
      }
    })
  )

  it("is none when the service gave it up", () => {
    for (const more of [
      { finish_reason: "abort" },
      { finish_reason: "error" },
      { finish_reason: "stop", error: { code: 502, message: "broke" } }
    ])
      expect(Option.isNone(Completion.usage(said({ content: "A pia" }, more)))).toBe(true)
    expect(Option.isSome(Completion.usage(said({ content: "A piano." }, { finish_reason: "stop", error: null })))).toBe(true)
  })

  it.effect("says what a model refuses, and not what it thinks", () =>
    Effect.gen(function* () {
      const refused = yield* parsed(said({ content: null, refusal: "I can't help with that." }))
      expect(refused).toEqual({ _tag: "Moderated", message: "I can't help with that." })
      for (const content of ["<think>Strings?\nNo.</think>\n\nA piano.", "Strings? No.</think>A piano."])
        expect(yield* parsed(said({ content }))).toEqual({ _tag: "Said", text: "A piano.", truncated: false })
      const cut = yield* parsed(said({ content: "<think>Strings? Or" }, { finish_reason: "length" }))
      expect(cut).toEqual({ _tag: "Said", text: "", truncated: true })
    })
  )
})
