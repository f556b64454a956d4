import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { Either } from "effect"
import { emulator } from "../emulator.js"
import { faultOf } from "./FaultOption.js"

const message = (text: string) => Either.match(faultOf(text), { onLeft: (error) => error.message, onRight: () => "" })

describe("spool emulator --fault", () => {
  it("takes a kind alone, or a map in YAML or JSON", () => {
    expect(Either.getOrThrow(faultOf("stall"))).toMatchObject({ kind: "stall", times: 1 })
    expect(Either.getOrThrow(faultOf("{ kind: slow, times: 2, millis: 50 }"))).toMatchObject({
      kind: "slow",
      times: 2,
      millis: 50
    })
    expect(Either.getOrThrow(faultOf('{"kind":"reset","seconds":[1,2]}'))).toMatchObject({ kind: "reset", seconds: [1, 2] })
  })

  it("says what is wrong with another", () => {
    expect(message("limit")).toMatch(/^--fault limit is not valid: kind: Expected .*"limit_requests"/)
    expect(message("{ kind: stall, milli: 3 }")).toContain("milli: is unexpected")
    expect(message("{ kind: stall, times: 0 }")).toContain("times: ")
    expect(message("[")).toContain("--fault [ is not valid")
  })

  it("is told of all kinds by the help", () => {
    const help = JSON.stringify(Command.getHelp(emulator, CliConfig.defaultConfig))
    for (const kind of ModelEmulator.Fault.fields.kind.literals) expect(help).toContain(kind)
  })
})
