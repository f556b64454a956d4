import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Failure from "./Failure.js"

class MeterError extends Failure.Class<MeterError>()("MeterError", {
  TooShort: { retry: "never", help: "Leave the file out." },
  MeterBusy: { retry: "later", help: "Wait." }
}) {}

describe("Failure.Class", () => {
  it("gives the retry class, the help and the message of its reason", () => {
    const error = new MeterError({ code: "TooShort", detail: "the file has 0.2 s" })
    expect([error.retry, error.help, error.message]).toEqual(["never", "Leave the file out.", "the file has 0.2 s"])
  })

  it.effect("is an error that a generator yields and a tag catches", () =>
    Effect.gen(function* () {
      const code = yield* Effect.gen(function* () {
        return yield* new MeterError({ code: "MeterBusy", detail: "busy", retryAfterMillis: 5 })
      }).pipe(Effect.catchTag("MeterError", (error) => Effect.succeed(`${error.code} ${error.retryAfterMillis}`)))
      expect(code).toBe("MeterBusy 5")
    })
  )

  it("goes through its schema and comes back whole", () => {
    const error = new MeterError({ code: "TooShort", detail: "0.2 s" })
    const wire = Schema.encodeSync(MeterError)(error)
    expect(wire).toEqual({ _tag: "MeterError", code: "TooShort", detail: "0.2 s" })
    const back = Schema.decodeSync(MeterError)(wire)
    expect(back).toBeInstanceOf(MeterError)
    expect(back.help).toBe("Leave the file out.")
  })

  it("refuses a code that its table doesn't have", () => {
    expect(Schema.decodeUnknownOption(MeterError)({ _tag: "MeterError", code: "Other", detail: "" })._tag).toBe("None")
    // @ts-expect-error -- the compiler says so too
    expect(() => new MeterError({ code: "Other", detail: "" })).toThrow()
  })

  it("is told from any other error", () => {
    expect(Failure.is(new MeterError({ code: "TooShort", detail: "" }))).toBe(true)
    expect(Failure.is(Object.assign(new Error("no such file"), { code: "ENOENT" }))).toBe(false)
    expect(Failure.is("TooShort")).toBe(false)
  })
})
