import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import Sqlite from "better-sqlite3"
import { lstatSync, readdirSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emulator } from "./Emulator.fixture.js"
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

/** A library of captions, tags and pictures. */
const words = (url: string) => `providers:
  local: { dialect: dashscope, baseUrl: "${url}", apiKey: { file: ./key }, rpm: none, tpm: none }
pipelines:
  sounds:
    source: { folder: ./in, include: ["**.wav"] }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      curve: { use: waveform, with: { width: 160, height: 40 } }
      caption: { with: { provider: local, window: 2 } }
      clean: { use: post-process }
      words: { use: text-tags, from: { caption: caption }, with: { provider: local, vocabulary: instruments } }
      persist: {}
  films:
    source: { folder: ./in, include: ["**.avi"] }
    stages:
      scenes: {}
      small: { use: transcode-video, with: { maxHeight: 32 } }
      persist: {}
`

const change = (home: string, sql: string, ...values: ReadonlyArray<string>) => {
  const database = new Sqlite(join(home, ".spool/spool.db"))
  database.pragma("foreign_keys = OFF")
  database.prepare(sql).run(...values)
  database.close()
}

/** Exchanges rows of two files in the library, as if each had been read in the other's place. */
const exchange = (home: string, one: string, other: string, table = "result") => {
  const database = new Sqlite(join(home, ".spool/spool.db"))
  const idOf = (name: string) => database.prepare("SELECT id FROM media WHERE path LIKE ?").pluck().get(`%/${name}`)
  const move = database.prepare(`UPDATE ${table} SET media_id = ? WHERE media_id = ?`)
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
    // Another one is filed under a hash that isn't its own, and its times don't tell.
    const drums = join(home, "in/drums.wav")
    writeFileSync(drums, SampleMedia.wav("tone", { seconds: 2, channels: 2 }))
    const { ctimeNs, mtimeNs } = lstatSync(drums, { bigint: true })
    const times = "UPDATE item SET mtime_ns = CAST(? AS INTEGER), ctime_ns = CAST(? AS INTEGER) WHERE CAST(path AS TEXT) = ?"
    change(home, times, String(mtimeNs), String(ctimeNs), drums)
    const artifacts = join(home, ".spool/artifacts")
    for (const name of readdirSync(artifacts, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".mp3")) truncateSync(join(artifacts, name), 100)
    const damaged = await spool(home, "doctor", "--verify")
    expect(damaged.stdout).toContain("in/noise.wav  not compared: it has changed since")
    expect(damaged.stdout).toContain("in/drums.wav  sounds/copy (AudioFile): it was made from other bytes than the file has")
    expect(damaged.stdout).toContain("in/speech.wav  sounds/copy (AudioFile): its file is damaged")
  })

  it("finds pictures and words of another file, and asks no model for it", async () => {
    const home = folder({
      "spool.yaml": words(await emulator()),
      key: "sk-emulator",
      "in/drums.wav": SampleMedia.wav("drums", { seconds: 5 }),
      "in/speech.wav": SampleMedia.wav("speech", { seconds: 3 }),
      "in/cuts.avi": SampleMedia.avi("chords", { seconds: 6, scenes: 3 }),
      "in/still.avi": SampleMedia.avi(undefined, { seconds: 6 })
    })
    expect((await spool(home, "run", "sounds")).code).toBe(0)
    expect((await spool(home, "run", "films")).code).toBe(0)
    const right = await spool(home, "doctor", "--verify")
    expect(right).toMatchObject({ code: 0, stdout: "16 results of 4 files compared: all stem from their files.\n" })

    for (const table of ["result", "caption", "tag"]) exchange(home, "drums.wav", "speech.wav", table)
    exchange(home, "cuts.avi", "still.avi")
    const named = async () =>
      values(await spool(home, "doctor", "--verify", "--json")).flatMap(({ path, wrong }) =>
        Array.isArray(wrong) ? wrong.map(({ detail, node }) => `${String(path).split("/").at(-1)} ${node}: ${detail}`) : []
      )
    expect((await named()).map((line) => line.replace(/[\d.]+ (%|of 1|instead.*)/, "…")).sort()).toMatchInlineSnapshot(`
      [
        "cuts.avi scenes: the picture at 3 s shows something else (it differs by …)",
        "cuts.avi small: it shows other pictures (they differ by …)",
        "drums.wav caption: no recorded step of this file says "0:00–0:01 The recording lasts 1.5 seconds. It opens with a s…"",
        "drums.wav clean: no recorded step of this file says "0:00–0:01 The recording lasts 1.5 seconds. It opens with a s…"",
        "drums.wav copy: it holds another sound (likeness …)",
        "drums.wav curve: it shows another sound (… of what is drawn differs)",
        "drums.wav probe: 3 s instead of 5 s",
        "drums.wav words: no recorded step of this file says "snare drum"",
        "speech.wav caption: no recorded step of this file says "0:00–0:01 The recording lasts 1.7 seconds. It opens with a t…"",
        "speech.wav clean: no recorded step of this file says "0:00–0:01 The recording lasts 1.7 seconds. It opens with a t…"",
        "speech.wav copy: it holds another sound (likeness …)",
        "speech.wav curve: it shows another sound (… of what is drawn differs)",
        "speech.wav probe: 5 s instead of 3 s",
        "speech.wav words: no recorded step of this file says "bass guitar"",
        "still.avi scenes: the picture at 3 s shows something else (it differs by …)",
        "still.avi small: it shows other pictures (they differ by …)",
      ]
    `)

    // In their own places again, but one reply is another, and one caption goes on behind the end.
    for (const table of ["result", "caption", "tag"]) exchange(home, "drums.wav", "speech.wav", table)
    exchange(home, "cuts.avi", "still.avi")
    change(home, "UPDATE call SET body = replace(body, 'It opens', 'It ends') WHERE node = 'caption'")
    change(home, `UPDATE ledger SET value = replace(value, '"endSeconds":3,', '"endSeconds":30,')`)
    change(home, "UPDATE caption SET end_seconds = 30 WHERE end_seconds = 3 AND node = 'caption'")
    expect((await named()).sort()).toEqual([
      expect.stringMatching(
        /^drums.wav caption: no recorded reply for this file says "The recording lasts 1.7 seconds. It opens/
      ),
      "speech.wav caption: it speaks of 30 s, and the file has 3 s",
      expect.stringMatching(/^speech.wav clean: no recorded step of this file says/)
    ])
  })
})
