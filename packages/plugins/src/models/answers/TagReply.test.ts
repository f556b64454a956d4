import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as JsonReply from "./JsonReply.js"
import * as TagReply from "./TagReply.js"
import { resolve } from "../vocabularies/Vocabulary.js"

const emotion = Either.getOrThrow(resolve("emotion", {}))
const instruments = Either.getOrThrow(resolve("instruments", {}))
const labels = (text: string, vocabulary = emotion) =>
  Either.getOrThrow(TagReply.parse(text, vocabulary)).map(({ label, raw }) => [label, raw])

describe("TagReply", () => {
  it.each([
    ['{"tags":[{"label":"happy"}]}'],
    ['```json\n{"tags":[{"label":"happy","mood":"x"}],"note":"y"}\n```'],
    ['Sure! Here you are:\n{"tags":[{"label":"happy"}]}\nAnything else?'],
    ['[{"label":"happy"}]'],
    ['{"tags":["happy"]}'],
    ['{"label":"happy"}'],
    ['```\n{"tags":[{"label":"happy"}]}'],
    ['Two options: {"a": 1} and {"tags":[{"label":"happy"}]} ```json\n{"tags":[{"label":"happy"}]}\n```']
  ])("reads %s", (text) => {
    expect(labels(text)).toEqual([["happy", "happy"]])
  })

  it("keeps the model's word beside the label that it means", () => {
    expect(labels('{"tags":["Furious","a bit of Joy","高兴","perplexed"]}')).toEqual([
      ["angry", "Furious"],
      ["happy", "a bit of Joy"],
      ["other", "perplexed"]
    ])
    expect(labels('{"tags":["Distorted electric guitars","hi-hat","Sine Wave","Kick Drum"]}', instruments)).toEqual([
      ["guitar", "Distorted electric guitars"],
      ["cymbals", "hi-hat"],
      ["synthesizer", "Sine Wave"],
      ["drums", "Kick Drum"]
    ])
  })

  it("drops words that mean no label, where there is no `other`", () => {
    const own = Either.getOrThrow(
      resolve("traffic", { traffic: { version: 1, about: "traffic", labels: ["car", "train"], synonyms: {} } })
    )
    expect(labels('{"tags":["car","sheep"]}', own)).toEqual([["car", "car"]])
  })

  it.each([
    [0.8, 0.8],
    ["0.8", 0.8],
    ["80%", 0.8],
    [80, 0.8],
    ["high", undefined],
    [-1, undefined],
    [null, undefined],
    [1e9, undefined]
  ])("takes a confidence of %s as %s", (given, expected) => {
    const text = JSON.stringify({ tags: [{ label: "sad", confidence: given }] })
    expect(Either.getOrThrow(TagReply.parse(text, emotion))[0]?.confidence).toBe(expected)
  })

  it("counts a label once, by its best", () => {
    const text = '{"tags":[{"label":"joy","confidence":0.2},{"label":"happy","confidence":0.9,"evidence":" a  laugh "}]}'
    expect(Either.getOrThrow(TagReply.parse(text, emotion))).toEqual([
      { label: "happy", raw: "happy", confidence: 0.9, evidence: "a laugh" }
    ])
  })

  it("says what is wrong with an answer that it can't read", () => {
    expect(TagReply.parse("I hear joy.", emotion)).toEqual(Either.left("there is no JSON in it"))
    expect(Either.isLeft(TagReply.parse('{"emotions":{"happy":1}}', emotion))).toBe(true)
  })

  it("takes no tags for an answer", () => {
    expect(labels('{"tags":[]}')).toEqual([])
  })

  it.prop(
    "never throws, and gives only labels of the vocabulary",
    [
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `{"tags":${json}}`)
      )
    ],
    ([text]) => {
      const read = TagReply.parse(text, emotion)
      if (Either.isRight(read)) for (const { label } of read.right) expect(emotion.labels).toContain(label)
    }
  )

  it.prop(
    "finds JSON between any words without brackets",
    [fc.jsonValue().filter((value) => typeof value === "object" && value !== null), fc.stringMatching(/^[^{}[\]`"]*$/)],
    ([value, words]) => {
      expect([...JsonReply.values(`${words}${JSON.stringify(value)}${words}`)]).toContainEqual(JSON.parse(JSON.stringify(value)))
    }
  )
})
