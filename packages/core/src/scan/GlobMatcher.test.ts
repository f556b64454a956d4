import { describe, expect, it } from "@effect/vitest"
import * as GlobMatcher from "./GlobMatcher.js"

const name = `${"a".repeat(200)}.wav`

describe("A glob", () => {
  it.each([
    "(a+)+$",
    "(a+)(a+)(a+)(a+)(a+)(a+)$",
    "((a|aa))*(a|b)b",
    "*(a|aa).mp3",
    "+(+(a)).mp3",
    "*a*a*a*a*a*a*a*a*a*a*a*a*b",
    `${"{a,aa}".repeat(60)}.mp3`,
    "**/**/**/**/**/**/*.mp3",
    `${"?".repeat(200)}*.mp3`
  ])("%s has an answer, or says that it takes too long", (glob) => {
    expect(GlobMatcher.compile(glob)(name)).not.toBe(true)
  })

  it("fits whole names, without regard to case", () => {
    const fits = (glob: string, name: string) => GlobMatcher.compile(glob)(name)
    expect(fits("**/*.{wav,mp3}", "a/b/C.WAV")).toBe(true)
    expect(fits("(a|b)*.wav", "b1.wav")).toBe(true)
    expect(fits("(a|b)*.wav", "c1.wav")).toBe(false)
    expect(fits("*.wav", "a/b.wav")).toBe(false)
  })
})
