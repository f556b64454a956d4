import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import { BitRate } from "./BitRate.js"
import { ByteSize, display } from "./ByteSize.js"
import * as Ceiling from "./Ceiling.js"
import { rateOf } from "../../media/CodecLimits.js"
import { type CodecName, codecs, usualBitRate } from "./Codec.js"

const speech = { codec: "mp3", sampleRate: 16_000, channels: 1, bitRate: 64_000 } as const
const rates = (wish: Ceiling.Wish) => Either.getOrThrow(Ceiling.bitRates(wish))
const refusal = (wish: Ceiling.Wish) => Either.getOrThrow(Either.flip(Ceiling.bitRates(wish))).detail

describe("Ceiling", () => {
  it("keeps the wanted rate where it fits, and goes lower where it doesn't", () => {
    expect(rates({ ...speech, seconds: 60, maxBytes: 10e6 })[0]).toBe(64_000)
    expect(rates({ ...speech, seconds: 40 * 60, maxBytes: 7.5e6 })[0]).toBe(24_000)
  })

  it("refuses what no rate can meet, and says by how much", () => {
    expect(refusal({ ...speech, seconds: 3600, maxBytes: 2_000_000 })).toBe(
      "60 min of mp3 at its lowest bit rate, 8 kbit/s, take 3.6 MB, 1.6 MB over the ceiling of 2 MB"
    )
    expect(refusal({ ...speech, codec: "pcm_s16le", seconds: 10, maxBytes: 100_000 })).toBe(
      "10.0 s of pcm_s16le take 320.13 kB, 220.13 kB over the ceiling of 100 kB"
    )
  })

  const wish = fc.record({
    codec: fc.constantFrom<CodecName>("mp3", "aac", "vorbis", "opus"),
    sampleRate: fc.constantFrom(8000, 16_000, 24_000, 48_000),
    channels: fc.constantFrom(1, 2),
    seconds: fc.double({ min: 0.05, max: 40_000, noNaN: true }),
    bitRate: fc.option(fc.integer({ min: 8000, max: 320_000 }), { nil: undefined }),
    maxBytes: fc.integer({ min: 5000, max: 1e8 })
  })

  it.prop("never starts above the ceiling or the wanted rate, and goes down from there", [wish], ([wish]) => {
    const least = codecs[wish.codec].bitRates(wish.sampleRate, wish.channels)[0] ?? 0
    Either.match(Ceiling.bitRates(wish), {
      onLeft: () => expect((least * wish.seconds) / 8 + 4096).toBeGreaterThan(wish.maxBytes),
      onRight: (rates) => {
        for (const rate of rates) {
          expect(((rate ?? 0) * wish.seconds) / 8).toBeLessThan(wish.maxBytes)
          expect(rate).toBeLessThanOrEqual(Math.max(wish.bitRate ?? Infinity, least))
        }
        expect(rates).toEqual([...rates].sort((a, b) => (b ?? 0) - (a ?? 0)))
      }
    })
  })

  it("reads sizes and rates as people write them", () => {
    const size = Schema.decodeUnknownSync(ByteSize)
    expect(["10MB", "10 MiB", "512k", "1gb", 7, "99", "1.5kB"].map((text) => size(text))).toEqual([
      10e6,
      10 * 2 ** 20,
      512_000,
      1e9,
      7,
      99,
      1500
    ])
    const rate = Schema.decodeUnknownSync(BitRate)
    expect(["24k", "24K", 24_000, "128000", "12.2k"].map((text) => rate(text))).toEqual([24_000, 24_000, 24_000, 128_000, 12_200])
    for (const wrong of ["", "ten", "-1", "10 TB", "0", -5, 0])
      expect(Schema.decodeUnknownEither(ByteSize)(wrong)._tag).toBe("Left")
    expect([display(999), display(9_600_000), display(2e9)]).toEqual(["999 bytes", "9.6 MB", "2 GB"])
  })

  it("knows a usual rate and a near sample rate for every codec", () => {
    expect(usualBitRate("mp3", 16_000, 1)).toBe(32_000)
    expect(usualBitRate("vorbis", 8000, 2)).toBe(32_000)
    expect(usualBitRate("flac", 44_100, 2)).toBeUndefined()
    expect([rateOf("mp3", 96_000), rateOf("opus", 44_100), rateOf("flac", 96_000)]).toEqual([48_000, 48_000, 96_000])
  })
})
