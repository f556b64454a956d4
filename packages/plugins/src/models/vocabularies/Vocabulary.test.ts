import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import { Vocabularies, resolve } from "./Vocabulary.js"

describe("Vocabulary", () => {
  it.each(["emotion", "instruments", "mood"])("%s: every label and synonym means one label", (name) => {
    const vocabulary = Either.getOrThrow(resolve(name, {}))
    expect(vocabulary.id).toBe(`${name}@1`)
    expect(new Set(vocabulary.labels).size).toBe(vocabulary.labels.length)
    for (const label of vocabulary.labels) expect(vocabulary.label(label)).toBe(label)
    for (const [label, words] of Object.entries(vocabulary.synonyms))
      for (const word of words) expect([word, vocabulary.label(word)]).toEqual([word, label])
  })

  it("keeps the label sets: a changed one needs a new version", () => {
    const digests = ["emotion", "instruments", "mood"].map((name) => Either.getOrThrow(resolve(name, {})).digest)
    expect(digests).toMatchInlineSnapshot(`
      [
        "T3cF_91d_KbDdkh2",
        "4sqY9O1AnG9jNy15",
        "FjYfRfJHR0yUiMgP",
      ]
    `)
  })

  it("takes the config's own, and lets them replace a built-in one", () => {
    const own = Schema.decodeUnknownSync(Vocabularies)({
      traffic: { about: "the kind of traffic", labels: ["car", "train"], synonyms: { car: ["automobile", "lorry"] } },
      mood: { version: 7, about: "the mood", labels: ["good", "bad"] }
    })
    const traffic = Either.getOrThrow(resolve("traffic", own))
    expect([traffic.id, traffic.label("the Lorries"), traffic.label("Trains"), traffic.label("bicycle")]).toEqual([
      "traffic@1",
      undefined,
      "train",
      undefined
    ])
    expect(traffic.label("an automobile")).toBe("car")
    expect(Either.getOrThrow(resolve("mood", own)).id).toBe("mood@7")
  })

  it("refuses an unknown name with those that there are, and synonyms of nothing", () => {
    const unknown = Either.getOrThrow(Either.flip(resolve("emotions", {})))
    expect([unknown.code, unknown.retry, unknown.message]).toEqual([
      "VocabularyUnknown",
      "config",
      "there is no vocabulary 'emotions'; there are emotion, instruments, mood"
    ])
    const stray = resolve("x", { x: { version: 1, about: "x", labels: ["a"], synonyms: { b: ["c"] } } })
    expect(Either.getOrThrow(Either.flip(stray)).message).toContain("'b'")
  })
})
