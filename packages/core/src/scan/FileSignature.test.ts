import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as FileExtension from "./FileExtension.js"
import { classify, HEAD_BYTES } from "./FileSignature.js"

const of = (bytes: Buffer | string) => {
  const content = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes
  return classify(content.subarray(0, HEAD_BYTES), content.length)
}

/** A frame of so many bytes that begins like this. */
const frame = (start: ReadonlyArray<number>, length: number): Buffer => {
  const bytes = Buffer.alloc(length, 0x55)
  bytes.set(start)
  return bytes
}
const times = (count: number, one: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => one))

/** MPEG-1 layer III, 128 kbit/s, 44.1 kHz; MPEG-2 layer III, 64 kbit/s, 22.05 kHz. */
const mp3 = frame([0xff, 0xfb, 0x90, 0x00], 417)
const halved = frame([0xff, 0xf3, 0x80, 0x00], 208)
/** AAC of 44.1 kHz, 100 bytes a frame. */
const adts = frame([0xff, 0xf1, 0x50, 0x80, 0x0c, 0x80, 0xfc], 100)
/** AC-3 of 48 kHz, 192 kbit/s. */
const ac3 = frame([0x0b, 0x77, 0, 0, 20, 0x40], 768)

const packets = (count: number, length: number, before: number) => {
  const bytes = Buffer.alloc(count * length, 0x55)
  for (let packet = 0; packet < count; packet++) bytes[packet * length + before] = 0x47
  return bytes
}

describe("FileSignature", () => {
  it("knows sound and video by their first bytes", () => {
    const media = {
      wave: "RIFF\x24\0\0\0WAVEfmt ",
      rifx: "RIFX\0\0\0\x24WAVEfmt ",
      bw64: "BW64\xff\xff\xff\xffWAVEds64",
      w64: "riff\x2e\x91\xcf\x11\xa5\xd6",
      avi: "RIFF\0\0\0\0AVI LIST",
      aiff: "FORM\0\0\0\x20AIFCFVER",
      flac: "fLaC\0\0\0\x22",
      tagged: "ID3\x04\0\0\0\0\x10\0",
      amrWb: "#!AMR-WB\n",
      mp4: "\0\0\0\x20ftypM4A \0\0\0\0",
      quickTime: "\0\0\0\x08wide\0\0\x10\0mdat",
      webm: "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
      dsf: "DSD \x1c\0\0\0\0\0\0\0",
      ape: "MAC \x96\x0f\0\0",
      au: `.snd\0\0\0\x18${"\0".repeat(20)}`,
      mp3: times(3, mp3),
      mp3Cut: Buffer.concat([mp3.subarray(300), times(11, mp3)]),
      mp3Short: times(2, halved),
      mp3Tagged: Buffer.concat([times(3, halved), Buffer.from("TAG"), Buffer.alloc(125)]),
      adts: times(4, adts),
      adtsCut: Buffer.concat([adts.subarray(20), times(50, adts)]),
      ac3: times(3, ac3),
      ac3Cut: Buffer.concat([ac3.subarray(20), times(6, ac3)]),
      transport: packets(6, 188, 0),
      timed: packets(6, 192, 4)
    }
    for (const [name, bytes] of Object.entries(media)) expect([name, of(bytes)]).toEqual([name, "media"])
  })

  it("says what is no media", () => {
    const others = {
      picture: [
        "\x89PNG\r\n\x1a\n",
        "\xff\xd8\xff\xe0",
        "RIFF\0\0\0\0WEBPVP8 ",
        "\0\0\0\x18ftypheic",
        "\0\0\0\x1cftypavif",
        "FORM\0\0\0\0ILBM",
        "\0\0\x01\0\x02\0  \0\0\x01\0"
      ],
      midi: ["MThd\0\0\0\x06", "RIFF\0\0\0\0RMIDdata"],
      text: ["words", "ID3 tags are read", "free as in mdat", "RIF", "\xff\xfew\0o\0r\0d\0s\0", "MP+ is a format", "Gr\xfc\xdfe"],
      playlist: ["#EXTM3U\nhttp://somewhere"],
      archive: ["PK\x03\x04", "\x1f\x8b\x08\0"],
      program: ["\x7fELF\x02"],
      document: ["%PDF-1.7"],
      data: ["SQLite format 3\0"],
      unknown: ["\0\0\0\0", "\xff\xfb\x90\0", "RIFF\0\0\0\0CDDAfmt ", "\x0b\x77\0\0\x14\x40", "\x1a\x45\xdf\xa3\x84\x42"],
      empty: [""]
    }
    for (const [reason, contents] of Object.entries(others))
      for (const bytes of contents) expect([bytes, of(bytes)]).toEqual([bytes, reason])
  })

  it("takes no text and no noise for media, and reads every beginning", () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (text) => of(Buffer.from(text)) !== "media"))
    fc.assert(fc.property(fc.uint8Array({ minLength: 64, maxLength: 4_096 }), (bytes) => of(Buffer.from(bytes)) !== undefined))
    // A mark that stands there by chance is followed by no second one.
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2_000, maxLength: 2_000 }), fc.integer({ min: 0, max: 1_990 }), (noise, at) => {
        const bytes = Buffer.concat([Buffer.from([0, 1]), Buffer.from(noise)])
        bytes.set([0xff, 0xfb, 0x90, 0x00], at + 2)
        return of(bytes) === "unknown"
      }),
      { numRuns: 300 }
    )
  })

  it("takes no table of numbers for frames of sound, which follow each other far and are of one kind", () => {
    // Sixteen-bit numbers around zero: every other byte may be a frame's mark.
    const table = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 400, maxLength: 3_000 }).map((numbers) => {
      const bytes = Buffer.alloc(2 * numbers.length + 4)
      numbers.forEach((number, i) => bytes.writeInt16BE(number, 4 + 2 * i))
      return bytes
    })
    fc.assert(
      fc.property(table, (bytes) => of(bytes) !== "media"),
      { numRuns: 300 }
    )
    const short = frame([0xff, 0xf1, 0x50, 0x80, 0x01, 0x20], 9)
    expect(of(Buffer.concat([Buffer.from("TZif2\0\0"), times(4, short), Buffer.alloc(3_000, 1)]))).toBe("unknown")
    expect(of(Buffer.concat([times(2, mp3), times(2, halved), Buffer.alloc(3_000, 1)]))).toBe("unknown")
  })

  it("leaves to the content what an extension doesn't tell", () => {
    expect(["a.WAV", "b/c.tar.flac", "x.m2ts"].map(FileExtension.meaning)).toEqual(["media", "media", "media"])
    expect(["a.txt", "b.JPEG", "c.kar", "d.m3u8"].map(FileExtension.meaning)).toEqual(["text", "picture", "midi", "playlist"])
    for (const name of ["a", "a.", "wav", "b.wav/c", "a.ts", "a.d.mts", "a.wave", "a.b.2024"])
      expect(FileExtension.meaning(name)).toBeUndefined()
  })
})
