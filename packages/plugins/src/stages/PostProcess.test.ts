import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Schema } from "effect"
import { Caption, CaptionSegment } from "../kinds.js"
import * as Timeline from "./listen/Timeline.js"
import { postProcess } from "./PostProcess.js"

const config = (encoded: typeof postProcess.config.Encoded = {}) => Schema.decodeSync(postProcess.config)(encoded)
const caption = (text: string, segments: ReadonlyArray<CaptionSegment> = []) =>
  new Caption({ text, segments, model: "m", provider: "p", omitted: [] })
const run = (text: string, encoded: typeof postProcess.config.Encoded = {}) =>
  postProcess.run({ caption: caption(text) }, config(encoded))
const plain = "The audio opens with a slow piano figure. A woman speaks in a low voice."

describe("post-process", () => {
  it.effect("leaves a clean caption alone", () =>
    Effect.gen(function* () {
      expect(yield* run(plain)).toMatchObject({ text: plain, language: "en", changes: [], model: "m", provider: "p" })
    })
  )

  it.effect.each([
    ["preamble", `Sure, here is a description of the audio: ${plain}`, plain],
    ["preamble", `Here's what I hear.\n${plain}`, plain],
    ["markup", plain.replace("piano", "**piano**"), plain],
    ["repetition", `${plain} ${"And it goes on and on. ".repeat(50)}`, `${plain} And it goes on and on.`]
  ] as const)("cuts the %s", ([change, text, expected]) =>
    Effect.gen(function* () {
      const found = yield* run(text)
      expect([found.text.replace(/\.$/, ""), found.changes]).toEqual([expected.replace(/\.$/, ""), [change]])
    })
  )

  it.effect("shortens at the end of a sentence", () =>
    Effect.gen(function* () {
      expect(yield* run(plain, { maxCharacters: 50 })).toMatchObject({
        text: "The audio opens with a slow piano figure.",
        changes: ["shortened"]
      })
      expect((yield* run("one two three four five six seven eight nine ten", { maxCharacters: 30 })).text).toMatch(/^.{1,29}…$/)
    })
  )

  it.effect("refuses another language, where one is wanted", () =>
    Effect.gen(function* () {
      const chinese = "这段录音里有一个持续的音调,没有人说话。"
      expect((yield* run(chinese)).language).toBe("zh")
      expect(yield* Effect.flip(run(chinese, { language: "en" }))).toMatchObject({ code: "WrongLanguage", retry: "never" })
    })
  )

  it.effect("puts the windows' clean texts together again", () =>
    Effect.gen(function* () {
      const segments = [0, 30].map(
        (startSeconds) => new CaptionSegment({ startSeconds, endSeconds: startSeconds + 30, text: `Sure, here it is: ${plain}` })
      )
      const found = yield* postProcess.run({ caption: caption(Timeline.join(segments), segments) }, config())
      expect(found.segments.map(({ text }) => text)).toEqual([plain, plain])
      expect(found.text).toBe(`0:00–0:30\n${plain}\n\n0:30–1:00\n${plain}`)
    })
  )

  it.effect.prop(
    "keeps every text within its length",
    [fc.string({ maxLength: 400 }), fc.integer({ min: 20, max: 200 })],
    ([text, maxCharacters]) =>
      Effect.gen(function* () {
        expect((yield* run(text, { maxCharacters })).text.length).toBeLessThanOrEqual(maxCharacters)
      })
  )
})
