import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { vtt } from "./CaptionTrack.js"

const row = (text: string, start: number, end: number) => ({ text, start_seconds: start, end_seconds: end })

describe("a caption track", () => {
  it("has a cue for what is said when", () => {
    expect(vtt([row("Rain.", 0, 30.5), row("Thunder.", 3661.25, 3670)])).toBe(
      "WEBVTT\n\n00:00:00.000 --> 00:00:30.500\nRain.\n\n01:01:01.250 --> 01:01:10.000\nThunder.\n"
    )
  })

  it("leaves out cues without length or words, and a second word on the same time", () => {
    expect(vtt([row("a", 1, 1), row(" ", 1, 2), row("b", 2, 3), row("c", 2, 3)])).toBe(
      "WEBVTT\n\n00:00:02.000 --> 00:00:03.000\nb\n"
    )
  })

  it("lets no text end a cue or begin another", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const lines = vtt([row(text, 0, 1)]).split("\n")
        expect(lines.filter((line) => line.includes("-->")).length).toBeLessThanOrEqual(1)
        expect(lines.slice(3).join("")).not.toMatch(/[<>]/)
        expect(lines.length).toBeLessThanOrEqual(5)
      })
    )
  })
})
