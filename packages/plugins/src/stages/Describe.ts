import { Failure, Field, maybe, Stage } from "@mediaspool/core"
import { Effect, Hash, Schema } from "effect"
import { Acoustics, Caption, Probe } from "../kinds.js"
import { sentences, type Pick } from "./describe/Sentences.js"

/** The same measurements are always said the same way, different ones in different ways. */
const picker = (sound: Acoustics): Pick => {
  let state = Hash.string(JSON.stringify(Schema.encodeSync(Acoustics)(sound))) >>> 0
  return (...ways) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ways[(state >>> 16) % ways.length] ?? ways[0]
  }
}

/** What was measured, in sentences. No sentence claims anything without the number that it rests on. */
export const text = (sound: Acoustics, probe?: Probe): string => {
  const pick = picker(sound)
  return sentences.flatMap((sentence) => sentence(sound, pick, probe) ?? []).join(" ")
}

/** The captioner that needs no key: it only reads measurements, and knows no words, instruments, genres or moods. */
export const describe = Stage.make({
  name: "describe",
  version: 2,
  summary: "Puts what was measured into sentences: a caption without a model",
  input: { sound: Acoustics, probe: maybe(Probe) },
  output: Caption,
  config: Field.none,
  error: Failure.None,
  run: ({ probe, sound }) =>
    Effect.sync(
      () => new Caption({ text: text(sound, probe), segments: [], model: "describe", provider: "mediaspool", omitted: [] })
    )
})
