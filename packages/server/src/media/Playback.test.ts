import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { of, OTHERWISE } from "./Playback.js"

const row = (container: string, audio: string | null, video: string | null = null, type = "audio/x") => ({
  container,
  audio_codec: audio,
  video_codec: video,
  media_type: type
})

describe("playback", () => {
  it("is of the file itself where every browser plays it", () => {
    for (const file of [
      row("mp3", "mp3"),
      row("wav", "pcm_s16le"),
      row("flac", "flac"),
      row("mov", "aac"),
      row("mov", "aac", "h264")
    ])
      expect([file.container, of(file).how]).toEqual([file.container, "original"])
  })

  it("is of a preview for everything else", () => {
    const others = [
      row("aiff", "pcm_s16be"),
      row("gsm", "gsm"),
      row("amr", "amrnb"),
      row("wav", "pcm_s32le"),
      row("dsf", "dsd_lsbf")
    ]
    for (const file of [...others, row("avi", "mp3", "mpeg4"), row("mov", "aac", "hevc")])
      expect([file.container, of(file).how]).toEqual([file.container, "preview"])
  })

  it("takes the browser's word for Ogg and WebM", () => {
    expect([of(row("ogg", "vorbis")).how, of(row("ogg", "vorbis"), ["ogg"]).how]).toEqual(["preview", "original"])
    expect(of(row("matroska", "opus", "vp9"), ["ogg", "webm"])).toMatchObject({ how: "original", type: "video" })
    expect(of(row("matroska", "opus", "vp9"), ["constructor", "ogg"]).how).toBe("preview")
  })

  it("is of a preview where a browser would play something else", () => {
    expect(of({ ...row("ogg", "vorbis"), plays_otherwise: 1 }, ["ogg"]).how).toBe("preview")
    expect(of({ ...row("mp3", "mp3"), plays_otherwise: 1 }).how).toBe("preview")
  })

  it.each([
    ["a recording", {}, 0],
    ["recordings behind each other", { joined: true }, 1],
    [
      "an MP3 of one bit rate",
      { container: "mp3", durationSeconds: 1800, streams: [{ type: "audio", codec: "mp3", bitRate: 128000 }] },
      0
    ],
    [
      "a long MP3 of variable bit rate",
      { container: "mp3", durationSeconds: 1800, streams: [{ type: "audio", codec: "mp3", bitRate: 26922 }, { type: "video" }] },
      1
    ],
    ["a short one", { container: "mp3", durationSeconds: 30, streams: [{ type: "audio", codec: "mp3", bitRate: 26922 }] }, 0],
    ["one track", { streams: [{ type: "video" }, { type: "audio" }] }, 0],
    ["tracks of which the first is heard", { streams: [{ type: "audio", chosen: true }, { type: "audio" }] }, 0],
    [
      "tracks of which a later one is heard",
      { streams: [{ type: "video" }, { type: "audio" }, { type: "audio", chosen: true }] },
      1
    ]
  ])("knows by the probe what would be: %s", (_, probe, otherwise) => {
    const database = new Sqlite(":memory:")
    database.exec("CREATE TABLE media (id); CREATE TABLE result (media_id, kind, json); INSERT INTO media VALUES (1)")
    database.prepare("INSERT INTO result VALUES (1, 'Probe', ?)").run(JSON.stringify({ streams: [], ...probe }))
    expect(database.prepare(`SELECT ${OTHERWISE} FROM media`).pluck().get()).toBe(otherwise)
    database.close()
  })

  it("is nothing where there is neither sound nor picture", () => {
    expect(of(row("mov", null)).how).toBe("none")
  })
})
