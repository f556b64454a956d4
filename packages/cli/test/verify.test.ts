import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import Sqlite from "better-sqlite3"
import { readdirSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { folder, spool, values } from "./Spool.js"

const config = `pipelines:
  sounds:
    source: { folder: ./in }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1, bitrate: 24k } }
      level: { use: acoustic, with: { music: false } }
      persist: {}
`

/** Exchanges the stored results of two files in the library, as if each had been read in the other's place. */
const exchange = (home: string, one: string, other: string) => {
  const database = new Sqlite(join(home, ".spool/spool.db"))
  const idOf = (name: string) => database.prepare("SELECT id FROM media WHERE path LIKE ?").pluck().get(`%/${name}`)
  const move = database.prepare("UPDATE result SET media_id = ? WHERE media_id = ?")
  const [a, b] = [idOf(one), idOf(other)]
  database.pragma("foreign_keys = OFF")
  move.run(-1, a)
  move.run(a, b)
  move.run(b, -1)
  database.close()
}

describe("spool doctor --verify", { timeout: 300_000 }, () => {
  it("finds results that don't stem from the bytes of their file", async () => {
    const home = folder({
      "spool.yaml": config,
      "in/drums.wav": SampleMedia.wav("drums", { seconds: 2, channels: 2 }),
      "in/speech.wav": SampleMedia.wav("speech", { seconds: 2 }),
      "in/noise.wav": SampleMedia.wav("noise", { seconds: 3 }),
      "in/film.avi": SampleMedia.avi("chords", { seconds: 2 })
    })
    expect(await spool(home, "doctor", "duration:<60")).toMatchObject({ code: 2 })
    expect((await spool(home, "run")).code).toBe(0)
    const right = await spool(home, "doctor", "--verify")
    expect(right).toMatchObject({ code: 0, stdout: "12 results of 4 files compared: all stem from their files.\n" })

    exchange(home, "drums.wav", "speech.wav")
    const wrong = await spool(home, "doctor", "--verify", "--json")
    expect(wrong.code).toBe(1)
    expect(values(wrong).at(-1)).toEqual({ type: "summary", files: 4, compared: 12, wrong: 4, skipped: 0 })
    const named = values(wrong).flatMap(({ path, wrong }) =>
      Array.isArray(wrong) ? wrong.map(({ kind, node }) => `${String(path).split("/").at(-1)} ${node} ${kind}`) : []
    )
    // Their lengths are the same: the probe can't tell.
    expect(named.sort()).toEqual([
      "drums.wav copy AudioFile",
      "drums.wav level Acoustics",
      "speech.wav copy AudioFile",
      "speech.wav level Acoustics"
    ])
    const shown = await spool(home, "doctor", "--verify", "name:drums")
    expect(shown.stdout).toContain("in/drums.wav  sounds/copy (AudioFile): it holds another sound")
    expect(shown.stdout).toContain("3 results of 1 file compared: 2 results wrong.")

    // A damaged copy is another matter than a wrong one, and a changed file none at all.
    exchange(home, "drums.wav", "speech.wav")
    truncateSync(join(home, "in/noise.wav"), 1_000)
    const artifacts = join(home, ".spool/artifacts")
    for (const name of readdirSync(artifacts, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".mp3")) truncateSync(join(artifacts, name), 100)
    const damaged = await spool(home, "doctor", "--verify")
    expect(damaged.stdout).toContain("in/noise.wav  not compared: it has changed since")
    expect(damaged.stdout).toContain("in/speech.wav  sounds/copy (AudioFile): its file is damaged")
  })
})
