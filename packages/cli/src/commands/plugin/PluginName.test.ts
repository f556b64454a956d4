import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as PluginName from "./PluginName.js"

const parsed = (text: string) => Either.getOrThrow(PluginName.parse(text))

describe("PluginName.parse", () => {
  it("gives a name in every form that the template needs", () => {
    expect(parsed("loudest-part")).toEqual({
      package: "loudest-part",
      stage: "loudest-part",
      value: "loudestPart",
      kind: "LoudestPart"
    })
    expect(parsed("@me/mediaspool-plugin-bpm2")).toEqual({
      package: "@me/mediaspool-plugin-bpm2",
      stage: "bpm2",
      value: "bpm2",
      kind: "Bpm2"
    })
  })

  it.each([
    "",
    "Loud",
    "1st",
    "a b",
    "-a",
    "a-",
    "a--b",
    "../up",
    "@me/",
    "@/x",
    "a/b",
    "$(reboot)",
    "é",
    "class",
    "mediaspool-plugin-",
    "@me/mediaspool-2x"
  ])("refuses %j and says what would do", (text) => {
    const fault = Either.flip(PluginName.parse(text))
    expect(Either.getOrThrow(fault)).toMatch(/is not a valid plugin name|choose another name/)
  })
})
