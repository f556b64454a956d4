import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, folder } from "./Spool.js"
import { canRecord, record } from "./Terminal.fixture.js"

const config = "pipelines: { sounds: { source: { folder: in }, stages: { probe: {}, acoustic: {}, persist: {} } } }\n"
const first = (screens: ReadonlyArray<string>, words: string): number => screens.findIndex((screen) => screen.includes(words))

/** Adds a chunk to a WAV, without a place on the disk: hashing it takes longer than a screen stands. */
const addJunk = (path: string, bytes: number): void => {
  const sound = readFileSync(path)
  const head = Buffer.from("junk....")
  head.writeUInt32LE(bytes, 4)
  sound.writeUInt32LE(sound.length + bytes, 4)
  writeFileSync(path, Buffer.concat([sound, head]))
  truncateSync(path, sound.length + head.length + bytes)
}

if (!canRecord) console.warn("Skipped: nothing is recorded on a terminal without python3.")

describe.runIf(canRecord)("spool run on a terminal", () => {
  it("says at once that it starts, then what it does, and leaves only the summary", async () => {
    const sounds = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`in/${i}.wav`, SampleMedia.wav("noise", { seconds: 5 + i })])
    )
    const home = folder({ "spool.yaml": config, ...sounds })
    addJunk(join(home, "in/0.wav"), 1e9)
    const { code, screens } = await record(home, [process.execPath, bin, "run"])
    expect(code).toBe(0)
    const told = ["spool run: starting …", "sounds starting the media engine", "sounds reading and hashing 6 files"].map(
      (words) => first(screens, words)
    )
    expect(told[0]).toBe(0)
    expect(told).not.toContain(-1)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(screens.at(-1)).toContain("sounds: 6 of 6 files done")
    expect(screens.at(-1)).not.toContain("starting")
    // A step at 100 % says what it still waits for, and nobody is told that no time is left while files are.
    const shown = screens.join("\n")
    expect(shown).not.toMatch(/100 % \w+ {2}/)
    expect(shown).not.toContain("about 0.0 s left")
  })

  it("gives the line to an error", async () => {
    const { code, screens } = await record(folder({ "spool.yaml": "pipelines: 3\n" }), [process.execPath, bin, "run"])
    expect(code).toBe(78)
    expect(screens.at(-1)).toMatch(/^✗ spool.yaml/)
  })
})
