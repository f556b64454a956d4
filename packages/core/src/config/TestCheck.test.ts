import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import type { Json } from "../stage/Json.js"
import { PipelineTest } from "./PipelineTest.js"
import { check, type Ended } from "./TestCheck.js"

type Written = (typeof PipelineTest.Encoded)["expect"][string]

const messages = (expectation: Written, end: Ended | undefined) =>
  check(
    Schema.decodeSync(PipelineTest, { onExcessProperty: "error" })({ clip: "a.wav", expect: { node: expectation } }),
    new Map(end === undefined ? [] : [["node", end]])
  ).map(({ message, what }) => `${what} ${message}`)
const done = (value: Json): Ended => ({ outcome: "done", value })

const caption = done({
  _tag: "Caption",
  text: "Light RAIN falls; a café’s drum loop plays.",
  segments: [{ startSeconds: 0, endSeconds: 4, text: "rain" }],
  language: "en"
})
const tags = done({ _tag: "Tags", tags: [{ label: "drums", raw: "drum kit" }, { label: "bass" }, { label: "drums" }] })

describe("TestCheck", () => {
  it("finds what must be mentioned, and what must not", () => {
    expect(
      messages({ mentions: ["rain", ["snow", "drum"], "/\\brain\\b/", "café", "cafe\u0301"], omits: ["voice"] }, caption)
    ).toEqual([])
    expect(messages({ mentions: ["snow", ["hail", "/\\bsnows?\\b/"]], omits: ["DRUM", "/f\\w+s/"] }, caption)).toEqual([
      "mentions does not mention 'snow'",
      "mentions does not mention 'hail' or '/\\bsnows?\\b/'",
      "omits mentions 'DRUM'",
      "omits mentions '/f\\w+s/'"
    ])
  })

  it("reads all the text of what has no text of its own, without its tag", () => {
    expect(messages({ mentions: ["drum kit"], omits: ["Tags"] }, tags)).toEqual([])
  })

  it("allows and asks for labels", () => {
    expect(messages({ labels: ["drums", "bass", "piano"], tagged: ["bass"] }, tags)).toEqual([])
    expect(messages({ labels: ["drums"], tagged: ["piano"] }, tags)).toEqual([
      "labels has the label 'bass', which is not allowed",
      "tagged lacks the label 'piano'"
    ])
  })

  it("compares fields, inside and among several", () => {
    const fields = {
      language: "en",
      "segments.0.endSeconds": { min: 4, max: 4 },
      "segments.*.text": { matches: "/^ra/" },
      text: { matches: "LOOP" },
      "segments.0.startSeconds": { oneOf: [0, 1] }
    }
    expect(messages({ fields }, caption)).toEqual([])
    expect(
      messages(
        {
          fields: {
            language: { oneOf: ["zh", "de"] },
            "segments.0.endSeconds": { min: 5 },
            "segments.*.text": "hail",
            none: null,
            "text.x": 1
          }
        },
        caption
      )
    ).toEqual([
      'fields.language is "en", not "zh" or "de"',
      "fields.segments.0.endSeconds is 4, not 5 or more",
      'fields.segments.*.text is "rain", not "hail"',
      "fields.none is absent, not null",
      "fields.text.x is absent, not 1"
    ])
  })

  it("expects failures and skips", () => {
    const failed: Ended = { outcome: "failed", code: "NotMedia", message: "it is a text" }
    expect(messages({ outcome: "failed" }, failed)).toEqual([])
    expect(messages({ outcome: "failed", code: "NotMedia" }, failed)).toEqual([])
    expect(messages({ outcome: "failed", code: "Truncated" }, failed)).toEqual([
      "code is failed with NotMedia, not with Truncated"
    ])
    expect(messages({ mentions: ["rain"] }, failed)).toEqual(["outcome is failed: it is a text (NotMedia)"])
    expect(messages({ outcome: "skipped" }, caption)).toEqual(["outcome is done, not skipped"])
    expect(messages({}, undefined)).toEqual(["outcome did not run"])
  })

  it.prop("asks nothing where nothing is expected, whatever came", [fc.jsonValue()], ([value]) => {
    const json: Json = JSON.parse(JSON.stringify(value))
    expect(messages({}, done(json))).toEqual([])
    expect(
      messages({ fields: { "*.*.a": { min: 0 } }, mentions: ["\u0000"], tagged: ["\u0000"] }, done(json)).length
    ).toBeGreaterThan(0)
  })

  it("refuses a regular expression that is none", () => {
    const test = { clip: "a.wav", expect: { node: { mentions: ["/(/"] } } }
    expect(Either.isLeft(Schema.decodeUnknownEither(PipelineTest)(test))).toBe(true)
  })
})
