import { describe, expect, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import * as EncodedMedia from "../../testing/EncodedMedia.js"

import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as Wav from "../../testing/Wav.js"
import { live, ways } from "../EngineWays.fixture.js"
import { MediaEngine } from "../MediaEngine.js"
import { withNames } from "./ownTags.js"

const tone = SampleMedia.wav("tone", { seconds: 0.2 })

const wav = (...chunks: ReadonlyArray<Buffer>): Buffer => {
  const whole = Buffer.concat([tone, ...chunks])
  whole.writeUInt32LE(whole.length - 8, 4)
  return whole
}

/** What a field recorder writes of its takes. */
const ixml = Buffer.from(
  `<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>1.61</IXML_VERSION><PROJECT>Möwen &amp; Meer</PROJECT>` +
    `<SCENE>12A</SCENE><TAKE>3</TAKE><TAPE></TAPE><NOTE>harbour gulls</NOTE></BWFXML>`
)

const GUID = "f3acd3118cd100c04f8edb8a"

/** A Wave64 with RIFF's own chunks of tags. */
const wave64 = (): Buffer => {
  const chunk = (name: string, guid: string, body: Buffer) => {
    const head = Buffer.alloc(24)
    head.write(name, "latin1")
    head.write(guid, 4, "hex")
    head.writeBigUInt64LE(BigInt(24 + body.length), 16)
    return Buffer.concat([head, body, Buffer.alloc((8 - (body.length % 8)) % 8)])
  }
  const info = Buffer.concat([Buffer.from("INFO"), Wav.chunk("INAM", Buffer.from("Zwölf\0", "latin1"))])
  const description = Buffer.alloc(602)
  description.write("Wind über Bäumen", "latin1")
  const content = Buffer.concat([
    Buffer.from(`77617665${GUID}`, "hex"),
    chunk("fmt ", GUID, tone.subarray(20, 36)),
    chunk("bext", GUID, description),
    chunk("data", GUID, tone.subarray(44)),
    chunk("list", "2f91cf11a5d628db04c10000", info)
  ])
  const head = Buffer.from("726966662e91cf11a5d628db04c100000000000000000000", "hex")
  head.writeBigUInt64LE(BigInt(24 + content.length), 16)
  return Buffer.concat([head, content])
}

/** An APEv2 as players put it behind an MP3. */
const ape = (items: ReadonlyArray<readonly [name: string, value: string]>): Buffer => {
  const body = Buffer.concat(
    items.map(([name, value]) => {
      const text = Buffer.from(value)
      const head = Buffer.alloc(8)
      head.writeUInt32LE(text.length)
      return Buffer.concat([head, Buffer.from(`${name}\0`), text])
    })
  )
  const end = Buffer.alloc(32)
  end.write("APETAGEX")
  for (const [n, value] of [2000, body.length + 32, items.length, 0].entries()) end.writeUInt32LE(value, 8 + 4 * n)
  return Buffer.concat([body, end])
}

const id3v1 = (title: string): Buffer => {
  const bytes = Buffer.alloc(128)
  bytes.write("TAG")
  bytes.write(title, 3, 30, "latin1")
  return bytes
}

/** A phone's title in the user data of the movie, which stands at the end of the file. */
const titled = (mp4: Buffer): Buffer => {
  const text = Buffer.concat([Buffer.from([0, 0, 0, 0, 0x15, 0xc7, 0xfe, 0xff]), Buffer.from("Zwölf 雨\0", "utf16le").swap16()])
  const box = (type: string, body: Buffer) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + body.length)
    head.write(type, 4)
    return Buffer.concat([head, body])
  }
  const user = box("udta", box("titl", text))
  const at = mp4.indexOf("moov") - 4
  const size = mp4.readUInt32BE(at)
  const grown = Buffer.concat([mp4.subarray(0, at + size), user, mp4.subarray(at + size)])
  grown.writeUInt32BE(size + user.length, at)
  return grown
}

describe("tags that libav doesn't read", () => {
  it("are named after the track and the album, where the file itself has no name", () => {
    const tags = { "album/title": "Home", "album/artist": "Band", "track/title": "Twelve" }
    expect(withNames(tags, [])).toMatchObject({ title: "Twelve", album: "Home", album_artist: "Band", artist: "Band" })
    expect(withNames({ title: "Own", "track/title": "Twelve" }, [])).toMatchObject({ title: "Own" })
    expect(withNames({}, [{ title: "Twelve", artist: "Band" }])).toEqual({ title: "Twelve", artist: "Band" })
    expect(withNames({}, [{ title: "Stereo" }])).toEqual({})
    expect(withNames({}, [{ title: "Twelve", artist: "Band" }, {}])).toEqual({})
  })

  for (const way of ways)
    layer(live(way), { timeout: "60 seconds" })(`with ${way}`, (it) => {
      const tagsOf = (name: string, bytes: Buffer) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          return (yield* engine.probe(yield* SampleMedia.write(folder, name, bytes))).tags
        })

      it.scoped("what a field recorder notes is there", () =>
        Effect.gen(function* () {
          const tags = yield* tagsOf("take.wav", wav(Wav.chunk("iXML", ixml)))
          expect(tags).toMatchObject({ project: "Möwen & Meer", scene: "12A", take: "3", note: "harbour gulls" })
          expect(Object.keys(tags)).not.toContain("tape")
          expect(yield* tagsOf("a.w64", wave64())).toMatchObject({ title: "Zwölf", comment: "Wind über Bäumen" })
        })
      )

      it.scoped("an APEv2 behind an MP3 says the whole of what an ID3v1 cuts", () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const { path } = yield* EncodedMedia.sound(folder, "tone", "mp3", { seconds: 0.5 })
          const written = yield* Effect.promise(() => fs.readFile(path))
          const mp3 = written.subarray(written.toString("latin1", 0, 3) === "ID3" ? 10 + (written.readUInt32BE(6) & 0x7f) : 0)
          const title = "A title of more than thirty characters: 雨"
          const tag = ape([
            ["Title", title],
            ["Artist", "One\0Two"]
          ])
          for (const bytes of [
            [mp3, tag],
            [mp3, tag, id3v1(title)]
          ])
            expect(yield* tagsOf("a.mp3", Buffer.concat(bytes))).toMatchObject({ title, artist: "One;Two" })
        })
      )

      it.scoped("a phone's recording has its title", () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const { path } = yield* EncodedMedia.sound(folder, "tone", "m4a", { seconds: 0.5 })
          const bytes = yield* Effect.promise(() => fs.readFile(path))
          expect(yield* tagsOf("a.3gp", titled(bytes))).toMatchObject({ title: "Zwölf 雨" })
        })
      )
    })
})
