import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Repetition from "./Repetition.js"

const sentence = "The audio opens with a slow piano figure in a large hall, and a woman begins to speak in a low voice."

describe("Repetition", () => {
  it.each([
    ["a phrase", `${sentence} ${"The tone goes on. ".repeat(30)}`, `${sentence} The tone goes on.`],
    ["a phrase cut short", `${sentence} ${"The tone goes on. ".repeat(30)}The to`, `${sentence} The tone goes on.`],
    ["a word", `${sentence} ${"buzzing ".repeat(50)}`, `${sentence} buzzing`],
    ["the whole", `${sentence} `.repeat(4), sentence.slice(0, -1)],
    ["Chinese", "一个人在说话。" + "然后是音乐,".repeat(20), "一个人在说话。然后是音乐"]
  ])("cuts %s back to its first time", (_, text, kept) => {
    expect(Repetition.trim(text).replace(/\.$/, "")).toBe(kept.replace(/\.$/, ""))
  })

  it.each([
    ["style", "Ding, ding, ding. A bell rings three times, and three times again."],
    ["a list", "There is a piano, a guitar, a drum kit, a bass, a flute, a violin, a cello and a voice."],
    ["a repeat in the middle", `${sentence} ${sentence} Then it ends with applause.`],
    ["nothing", ""]
  ])("leaves %s", (_, text) => {
    expect(Repetition.find(text)).toBeUndefined()
  })

  it.prop(
    "keeps a beginning of the text",
    [fc.array(fc.constantFrom("a", "tone", "rings", "on"), { maxLength: 200 })],
    ([words]) => {
      const text = words.join(" ")
      expect(text.startsWith(Repetition.trim(text))).toBe(true)
    }
  )
})
