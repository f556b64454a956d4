import { describe, expect, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Wav from "../testing/Wav.js"
import { orderOf } from "./ChannelOrder.js"
import { live, ways } from "./EngineWays.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const RATE = 48_000

/** Two seconds of a tone in each place of 5.1, each at a level of its own. */
const places = {
  L: [440, 0.3],
  R: [550, 0.2],
  C: [660, 0.1],
  LFE: [60, 0.5],
  Ls: [880, 0.05],
  Rs: [990, 0.15]
} as const
type Place = keyof typeof places

const interleaved = (order: ReadonlyArray<Place>, isBig: boolean): Buffer => {
  const bytes = Buffer.alloc(2 * RATE * order.length * 2)
  for (let n = 0; n < 2 * RATE; n++)
    for (const [channel, place] of order.entries()) {
      const [hertz, level] = places[place]
      const value = Math.round(32_767 * level * Math.sin((2 * Math.PI * hertz * n) / RATE))
      const at = (n * order.length + channel) * 2
      if (isBig) bytes.writeInt16BE(value, at)
      else bytes.writeInt16LE(value, at)
    }
  return bytes
}

/** A WAV in the order that its channel mask has: front, low frequencies, sides. */
const wav = (): Buffer => {
  const format = Buffer.alloc(40)
  format.writeUInt16LE(0xfffe, 0)
  format.writeUInt16LE(6, 2)
  format.writeUInt32LE(RATE, 4)
  format.writeUInt32LE(RATE * 12, 8)
  format.writeUInt16LE(12, 12)
  format.writeUInt16LE(16, 14)
  format.writeUInt16LE(22, 16)
  format.writeUInt16LE(16, 18)
  format.writeUInt32LE(0x60f, 20)
  format.write("0100000000001000800000aa00389b71", 24, "hex")
  const data = interleaved(["L", "R", "C", "LFE", "Ls", "Rs"], false)
  return Wav.chunk("RIFF", Buffer.from("WAVE"), Wav.chunk("fmt ", format), Wav.chunk("data", data))
}

/** A CAF whose layout is one of CoreAudio's tags. */
const caf = (tag: number, order: ReadonlyArray<Place>): Buffer => {
  const chunk = (name: string, body: Buffer) => {
    const head = Buffer.alloc(12)
    head.write(name, "latin1")
    head.writeBigInt64BE(BigInt(body.length), 4)
    return Buffer.concat([head, body])
  }
  const description = Buffer.alloc(32)
  description.writeDoubleBE(RATE, 0)
  description.write("lpcm", 8)
  for (const [n, value] of [0, 2 * order.length, 1, order.length, 16].entries()) description.writeUInt32BE(value, 12 + 4 * n)
  const layout = Buffer.alloc(12)
  layout.writeUInt32BE(tag, 0)
  const data = Buffer.concat([Buffer.alloc(4), interleaved(order, true)])
  return Buffer.concat([
    Buffer.from("caff\0\x01\0\0", "latin1"),
    chunk("desc", description),
    chunk("chan", layout),
    chunk("data", data)
  ])
}

/** What CoreAudio calls MPEG 5.1 B to D (CoreAudioBaseTypes.h). */
const orders: ReadonlyArray<readonly [name: string, tag: number, order: ReadonlyArray<Place>]> = [
  ["B", (122 << 16) | 6, ["L", "R", "Ls", "Rs", "C", "LFE"]],
  ["C, film order", (123 << 16) | 6, ["L", "C", "R", "Ls", "Rs", "LFE"]],
  ["D", (124 << 16) | 6, ["C", "L", "R", "Ls", "Rs", "LFE"]]
]

describe("channels in another order", () => {
  it("finds the usual layout with the same places", () => {
    expect(orderOf("6 channels (FL+FC+FR+SL+SR+LFE)")).toEqual({ layout: "5.1(side)", from: [0, 2, 1, 5, 3, 4] })
    for (const name of ["5.1", "2 channels (BL+BR)", "2 channels (FL+FL)", "6 channels", "3 channels (FL+TFL+FR)"])
      expect(orderOf(name)).toBeUndefined()
  })

  // ffprobe tells the order from 5.2 on.
  for (const way of ways.filter((way) => way !== "ffmpeg"))
    layer(live(way), { timeout: "60 seconds" })(`with ${way}`, (it) => {
      const heard = (name: string, bytes: Buffer) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          const file = yield* SampleMedia.write(folder, name, bytes)
          const path = (kind: string) => `${file.path}.${kind}.wav`
          const copy = { _tag: "AudioCopy", container: "wav", codec: "pcm_s16le" } as const
          const { loudness } = yield* engine.askAll(file, {
            loudness: { _tag: "Loudness" },
            mono: { ...copy, path: path("mono"), channels: 1 },
            all: { ...copy, path: path("all") }
          })
          const levels = (kind: string) =>
            Effect.flatMap(SampleMedia.original(path(kind)), (made) =>
              engine.askAll(made, { levels: { _tag: "Levels" }, loudness: { _tag: "Loudness" } })
            )
          const [mono, all] = [yield* levels("mono"), yield* levels("all")]
          return [loudness.integrated, all.loudness.integrated, mono.levels.rms, mono.levels.peak].map((one = 0) =>
            Math.round(10 * one)
          )
        })

      it.scoped.each(orders)(
        "MPEG 5.1 %s sounds as a WAV of the same channels",
        ([, tag, order]) =>
          Effect.gen(function* () {
            expect(yield* heard("other.caf", caf(tag, order))).toEqual(yield* heard("plain.wav", wav()))
          }),
        60_000
      )
    })
})
