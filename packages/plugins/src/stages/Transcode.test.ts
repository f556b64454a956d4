import { describe, expect, it } from "@effect/vitest"
import { Original, SourceFile } from "@mediaspool/core"
import { Effect, Either, Layer, Schema } from "effect"
import { promises as fs } from "node:fs"
import { MediaStream, Probe } from "../kinds.js"
import { type AudioCopy, MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { transcode } from "./Transcode.js"
import { transcodeVideo } from "./TranscodeVideo.js"

const decode = Schema.decodeUnknownEither(transcode.config, { onExcessProperty: "error" })
const fault = (config: unknown) => Either.match(decode(config), { onLeft: ({ message }) => message, onRight: () => "" })

/** Ten minutes of stereo, and an encoder that writes `excess` times what it was asked for. */
const engine = (excess: number, asked: Array<AudioCopy>, loss: number, channels: number, sampleRate: number) =>
  Layer.succeed(MediaEngine, {
    engine: { name: "paper", version: "1" },
    probe: () =>
      Effect.succeed(
        new Probe({
          container: "wav",
          durationSeconds: 600,
          streams: [new MediaStream({ type: "audio", codec: "pcm_s16le", sampleRate, channels })],
          tags: {}
        })
      ),
    askAll: () => Effect.die("one copy is asked for at a time"),
    ask: (_, want) =>
      Effect.gen(function* () {
        if (want._tag === "Downmix")
          return { loss, flippedLoss: loss > 0 ? -3 : 40, loudest: 0, lost: 0, flippedLost: 0, loudestLost: 0 } as never
        if (want._tag === "Bands") return want.edges.map(() => ({ inside: -20, outside: -200 })) as never
        if (want._tag !== "AudioCopy") return yield* new MediaError({ code: "NoAudio", detail: "" })
        asked.push(want)
        const bitRate = (want.bitRate ?? 128_000) * excess
        const size = Math.round((bitRate * 600) / 8)
        if (size > (want.maxBytes ?? Infinity)) return yield* new MediaError({ code: "TooLarge", detail: "more than allowed" })
        yield* Effect.promise(() => fs.writeFile(want.path, "x"))
        // The one answer that is asked for here.
        return { size, durationSeconds: 600, container: "x", codec: "x", sampleRate: 44_100, channels: 2, bitRate } as never
      })
  })

const file = new SourceFile({ file: new Original({ hash: "a".repeat(64), size: 9, path: "/x.wav" }), mediaType: "audio/wav" })
const run = (config: unknown, excess: number, asked: Array<AudioCopy> = [], loss = -3, channels = 2, sampleRate = 44_100) =>
  decode(config).pipe(
    Effect.flatMap((config) => transcode.run({ file }, config)),
    Effect.tap(({ file }) => Effect.promise(() => fs.rm(file.path))),
    Effect.provide(engine(excess, asked, loss, channels, sampleRate))
  )

describe("transcode", () => {
  it("refuses what doesn't go together, and names what does", () => {
    expect(fault({ format: "mp3", codec: "flac" })).toContain("flac doesn't go into mp3; these do: mp3")
    expect(fault({ format: "opus", sampleRate: 44_100 })).toContain("it has 8000, 12000, 16000, 24000, 48000")
    expect(fault({ bitrate: "fast" })).toContain("bits per second")
    expect(fault({ bitRate: "24k" })).toContain("bitRate")
    expect(Schema.decodeUnknownEither(transcodeVideo.config)({ format: "webm", videoCodec: "h264" })._tag).toBe("Left")
  })

  it.effect("says what a codec can't hold, and which setting helps", () =>
    Effect.gen(function* () {
      const refusal = (config: unknown, channels: number, sampleRate: number) =>
        Effect.map(Effect.flip(run(config, 1, [], -3, channels, sampleRate)), (error) =>
          error._tag === "MediaError" ? `${error.code}: ${error.detail} ${error.help}` : error._tag
        )
      const all = yield* Effect.all([
        refusal({ format: "mp3" }, 12, 48_000),
        refusal({ format: "opus" }, 9, 48_000),
        refusal({ format: "ogg" }, 1, 250_000),
        refusal({ format: "flac" }, 1, 768_000)
      ])
      expect(all.map((text) => text.replace(/ (The|Set).*/, ""))).toEqual([
        "TooManyChannels: the sound has 12 channels, and mp3 holds at most 2",
        "TooManyChannels: the sound has 9 channels, and opus holds at most 8",
        "SampleRateTooHigh: the sound has 250000 Hz, and vorbis holds at most 200000",
        "SampleRateTooHigh: the sound has 768000 Hz, and flac holds at most 655350"
      ])
      expect(all[0]).toContain("`channels: 2`")
      expect(all[2]).toContain("`sampleRate: 48000`")
      expect((yield* run({ format: "ogg", sampleRate: 48_000 }, 1, [], -3, 1, 250_000)).codec).toBe("vorbis")
    })
  )

  it.effect("lowers the bit rate until the copy is under the ceiling", () =>
    Effect.gen(function* () {
      const asked: Array<AudioCopy> = []
      const { bitRate } = yield* run({ format: "m4a", maxSize: "4MB" }, 1.4, asked)
      expect((bitRate * 600) / 8).toBeLessThanOrEqual(4e6)
      expect(asked.length).toBeGreaterThan(1)
      expect(asked.every(({ maxBytes }) => maxBytes === 4e6)).toBe(true)
    })
  )

  it.effect("makes a copy whose channels cancel each other again, in its place, and says how", () =>
    Effect.gen(function* () {
      const asked: Array<AudioCopy> = []
      expect(yield* run({ format: "mp3", channels: 1 }, 1, asked)).not.toHaveProperty("mix")
      expect(asked.length).toBe(1)
      const copy = yield* run({ format: "mp3", channels: 1 }, 1, asked, 40)
      expect(copy.mix).toBe("every second channel turned over")
      expect(asked.map(({ mix }) => mix)).toEqual([undefined, undefined, "flipped"])
      // A slot of a result takes one file.
      expect(asked[2]?.path).toBe(asked[1]?.path)
    })
  )

  it.effect("gives up when an encoder passes every ceiling, and only then", () =>
    Effect.gen(function* () {
      const asked: Array<AudioCopy> = []
      const error = yield* Effect.flip(run({ format: "m4a", maxSize: "4MB" }, 9, asked))
      expect(error).toMatchObject({ code: "TooLarge", retry: "never" })
      expect(new Set(asked.map(({ bitRate }) => bitRate)).size).toBe(asked.length)
    })
  )

  it.effect("refuses before anything is encoded what no bit rate can meet", () =>
    Effect.gen(function* () {
      const asked: Array<AudioCopy> = []
      const error = yield* Effect.flip(run({ format: "mp3", sampleRate: 16_000, channels: 1, maxSize: "100kB" }, 1, asked))
      expect(error.message).toBe(
        "10 min of mp3 at its lowest bit rate, 8 kbit/s, take 604.1 kB, 504.1 kB over the ceiling of 100 kB"
      )
      expect(asked).toEqual([])
    })
  )
})
