import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { FfmpegLog } from "./FfmpegLog.js"

const read = (text: string): FfmpegLog => {
  const log = new FfmpegLog("n1")
  for (const line of text.split("\n")) log.read(line)
  return log
}

describe("FfmpegLog", () => {
  it("counts damage by input, in the words of old and new versions", () => {
    const log = read(`Error while decoding stream #3:0: Invalid data found when processing input
[aist#4:0/mp3 @ 0x55d0] [dec:mp3float @ 0x55d1] Error submitting packet to decoder: Invalid data found when processing input
[mp3float @ 0x5] Header missing`)
    expect(log.complaints([3, 4])).toEqual([1, 2].map(() => "Invalid data found when processing input"))
    expect(log.complaints([0])).toEqual([])
  })

  it("counts a stream, and tells that its sound became another", () => {
    const counter = (count: number) => `[volumedetect@n1_0_count1 @ 0x5] n_samples: ${count}`
    expect(read(`${counter(0)}\n${counter(88_200)}`).samples(0, 1)).toBe(88_200)
    expect(read(`${counter(0)}\n${counter(88_200)}`).isChanging(0, 1)).toBe(false)
    expect(read(`${counter(44_100)}\n${counter(88_200)}`).isChanging(0, 1)).toBe(true)
    // A file could put a line like this, but doesn't know the word.
    expect(read("[volumedetect@n2_0_count1 @ 0x5] n_samples: 7").samples(0, 1)).toBeUndefined()
  })

  it("knows how far it is", () => {
    expect(read("size=     188kB time=01:02:03.50 bitrate= 512.2kbits/s speed=45.6x").seconds).toBe(3723.5)
  })

  it.prop(
    "reads whatever it is given",
    [fc.array(fc.oneof(fc.string(), fc.constantFrom("Error while decoding stream #1:", "    I: x", "time=1:2:3")))],
    ([lines]) => {
      const log = read(lines.join("\n"))
      expect(log.tail.length).toBeLessThanOrEqual(12)
    }
  )
})
