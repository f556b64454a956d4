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
})
