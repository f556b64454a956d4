import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as FrameChain from "./FrameChain.js"
import * as JoinedFiles from "./JoinedFiles.js"

const HEAD = 16_384
const read = (bytes: Buffer) => (length: number, position: number) => bytes.subarray(position, position + length)
const partsOf = (bytes: Buffer) => FrameChain.parts(read(bytes), bytes.subarray(0, HEAD), bytes.length)

const random = SampleMedia.randomFrom(11)
const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))

/** Frames of MP3 at 128 kbit/s, of ADTS and of AC-3, with noise in them. */
const frames = {
  mp3: () => Buffer.concat([Buffer.from("fffb9000", "hex"), noise(413)]),
  adts: () => Buffer.concat([Buffer.from("fff15080190000", "hex"), noise(193)]),
  ac3: () => Buffer.concat([Buffer.from("0b770000", "hex"), Buffer.from([0x0c, 0x40]), noise(378)])
}
const chain = (kind: keyof typeof frames, count: number) => Buffer.concat(Array.from({ length: count }, frames[kind]))
const pieces = (...all: ReadonlyArray<Buffer>) => Buffer.concat(all)

describe("frames behind each other without a container", () => {
  it.each(["mp3", "adts", "ac3"] as const)("%s: nothing but frames is all of the file", (kind) => {
    for (const count of [3, 5, 200]) expect(partsOf(chain(kind, count))).toEqual([])
    // A last one that was cut belongs to it.
    expect(partsOf(chain(kind, 20).subarray(0, -100))).toEqual([])
  })

  it.each(["mp3", "adts", "ac3"] as const)("%s: bytes of others around them are left out", (kind) => {
    const sound = chain(kind, 40)
    expect(partsOf(pieces(noise(5000), sound, noise(9000)))).toEqual([{ start: 5000, end: 5000 + sound.length }])
    expect(partsOf(pieces(sound, Buffer.alloc(3_000_000)))).toEqual([{ start: 0, end: sound.length }])
  })

  it("frames of another sample rate are a part of their own, one with a damaged header is not", () => {
    const [slow, fast] = [
      chain("adts", 40),
      Buffer.concat(Array.from({ length: 30 }, () => Buffer.concat([Buffer.from("fff14c80190000", "hex"), noise(193)])))
    ]
    expect(partsOf(pieces(slow, fast))).toEqual([
      { start: 0, end: slow.length },
      { start: slow.length, end: slow.length + fast.length }
    ])
    expect(partsOf(pieces(slow, fast.subarray(0, 200), slow))).toEqual([])
  })

  it("bytes of others between them are damage, and stay", () => {
    const sound = chain("mp3", 40)
    expect(partsOf(pieces(sound, noise(5000), sound))).toEqual([])
  })

  it("a file without frames, or with too few, is left as it is", () => {
    for (const bytes of [noise(20_000), Buffer.alloc(20_000), pieces(chain("mp3", 2), noise(9000))])
      expect(partsOf(bytes)).toEqual([])
  })

  const marks = [
    "",
    "ID3\x04\0\0\0\0\0\0",
    "APETAGEX",
    "fLaC\0\0\0\x22",
    "RIFF\0\0\0\0WAVE",
    "FORM\0\0\0\x20AIFF",
    "caff\0\x01\0\0",
    "TTA1"
  ]
  const others = ["wvpk", "\0\0\0\x10ftyp", "FLV\x01\x05\0\0\0\x09\0\0\0\0", ".snd\0\0\0\x18\0\0\0\x20"]
  const files = fc
    .tuple(
      fc.constantFrom(...marks, ...others),
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 600 }),
          fc.constantFrom(...marks).map((mark) => Buffer.from(mark, "latin1"))
        ),
        {
          maxLength: 8
        }
      )
    )
    .map(([mark, rest]) => Buffer.concat([Buffer.from(mark, "latin1"), ...rest]))

  it.prop("parts lie in their file and in their order, whatever stands there", [files], ([bytes]) => {
    const starts = JoinedFiles.starts(read(bytes), bytes.subarray(0, HEAD), bytes.length)
    const found = [...partsOf(bytes).flatMap(({ end, start }) => [start, end]), bytes.length]
    for (const places of [
      [...starts, bytes.length],
      [0, ...found]
    ])
      expect(places.every((place, n) => n === 0 || place >= (places[n - 1] ?? 0))).toBe(true)
    expect(new Set(starts).size).toBe(starts.length)
  })
})
