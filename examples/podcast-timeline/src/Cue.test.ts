import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { CaptionSegment } from "@mediaspool/plugins"
import * as Cue from "./Cue.js"

const segment = (text: string) => new CaptionSegment({ startSeconds: 62.5, endSeconds: 3725.0004, text })

describe("Cue", () => {
  it("has its time and its lines", () => {
    expect(Cue.write(segment("A slow piano figure, and then a voice."), 20)).toBe(
      "00:01:02.500 --> 01:02:05.000\nA slow piano figure,\nand then a voice."
    )
  })

  it.prop(
    "lets no text out of its cue",
    [fc.string({ unit: "grapheme" }).filter((text) => text.trim() !== ""), fc.integer({ min: 20, max: 80 })],
    ([text, length]) => {
      const [, ...lines] = Cue.write(segment(text), length).split("\n")
      for (const line of lines) expect(line).not.toMatch(/^\s*$|-->|</)
    }
  )
})
