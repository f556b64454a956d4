import { expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { folder, type Said, spool, values } from "./Spool.js"

const config = `
pipelines:
  sounds:
    source: { folder: ./in }
    stages:
      probe: {}
      quality: {}
      timbre: {}
      fingerprint: {}
      persist: {}
`
const names = (said: Said) => values(said).flatMap(({ path, type }) => (type === "found" ? [basename(String(path))] : []))

it("finds what sounds like a file, of the library or not, and by how it was recorded", { timeout: 240_000 }, async () => {
  const home = folder({
    "spool.yaml": config.replace(/ +(timbre|fingerprint): \{\}\n/g, ""),
    "in/drums.wav": SampleMedia.wav("drums", { seconds: 3 }),
    "in/drums-long.wav": SampleMedia.wav("drums", { seconds: 5, seed: 2, sampleRate: 32_000 }),
    "in/chords.wav": SampleMedia.wav("chords", { seconds: 3 }),
    "in/chords-stereo.wav": SampleMedia.wav("chords", { seconds: 4, channels: 2 }),
    "in/copy of drums.wav": SampleMedia.wav("drums", { seconds: 3 }),
    "in/clipped.wav": SampleMedia.wav("clipped", { seconds: 2 }),
    "in/silence.wav": SampleMedia.wav("silence", { seconds: 2 }),
    "other/chords.wav": SampleMedia.wav("chords", { seconds: 2, sampleRate: 22_050 })
  })
  expect(await spool(home, "run", "--json")).toMatchObject({ code: 0 })
  const before = await spool(home, "search", "--like", "in/drums.wav")
  expect(before.code).toBe(2)
  expect(before.stderr).toContain("no vectors of timbre@1; --like needs the stage `timbre`")

  writeFileSync(join(home, "spool.yaml"), config)
  expect(await spool(home, "run", "--json")).toMatchObject({ code: 0 })

  const drums = await spool(home, "search", "--like", "in/drums.wav", "--json")
  expect(names(drums)[0]).toBe("drums-long.wav")
  expect(names(drums)).not.toContain("drums.wav")
  expect(values(drums)[0]?.["score"]).toBeGreaterThan(0.4)
  // A file that the library has never seen, and only among those that a query fits.
  expect(names(await spool(home, "search", "--like", "other/chords.wav", "--limit", "2", "--json")).sort()).toEqual([
    "chords-stereo.wav",
    "chords.wav"
  ])
  const among = await spool(home, "search", "--like", "other/chords.wav", "channels:2")
  expect(among.stdout).toMatch(/chords-stereo.wav.* % alike/)
  expect(among.stdout).toContain("1 file found.")

  const silent = await spool(home, "search", "--like", "in/silence.wav")
  expect(silent).toMatchObject({ code: 2 })
  expect(silent.stderr).toContain("silent")
  expect(await spool(home, "search", "--like", "in/nothing.wav")).toMatchObject({ code: 2 })
  expect(await spool(home, "search")).toMatchObject({ code: 2 })
  const duplicates = await spool(home, "duplicates", "--json")
  const at = (...files: ReadonlyArray<string>) => files.map((file) => join(home, "in", file))
  expect(values(duplicates)).toMatchObject([
    { type: "group", how: "near", paths: at("chords-stereo.wav", "chords.wav") },
    { type: "group", how: "content", paths: at("copy of drums.wav", "drums.wav") },
    { type: "summary", groups: 2, fingerprints: 6 }
  ])
  expect(names(await spool(home, "search", "dup:yes", "--json"))).toHaveLength(3)
  expect(names(await spool(home, "search", "dup:near", "channels:2", "--json"))).toEqual(["chords-stereo.wav"])
  expect(names(await spool(home, "search", "quality:clipped", "clipping:>10%", "--json"))).toEqual(["clipped.wav"])
})
