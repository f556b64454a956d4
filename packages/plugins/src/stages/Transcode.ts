import { ArtifactError, Artifacts, Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { AudioFile, type MediaStream, SourceFile } from "../kinds.js"
import { limitsOf, rateOf } from "../media/CodecLimits.js"
import { MediaEngine, type Input } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { type Mix, mixFor, mixName } from "../media/Mix.js"
import { track, tracked, trackIn } from "./listen/track.js"
import { BitRate } from "./transcode/BitRate.js"
import { ByteSize } from "./transcode/ByteSize.js"
import * as Ceiling from "./transcode/Ceiling.js"
import { type CodecName, formats, usualBitRate } from "./transcode/Codec.js"
import { edges, inaudible } from "./transcode/Inaudible.js"

const Config = Schema.Struct({
  format: Field.withDefault(Schema.Literal("mp3", "wav", "flac", "m4a", "aac", "ogg", "opus"), "mp3", "Container of the copy"),
  codec: Field.maybe(
    Schema.Literal("mp3", "aac", "vorbis", "opus", "flac", "pcm_s16le", "pcm_s24le", "pcm_f32le"),
    "Encoder; the container's usual one when left out"
  ),
  sampleRate: Field.maybe(Schema.Int.pipe(Schema.between(8000, 192_000)), "Sample rate in Hz; the source's when left out"),
  channels: Field.maybe(Schema.Int.pipe(Schema.between(1, 8)), "1 for mono, 2 for stereo; the source's when left out"),
  bitrate: Field.maybe(BitRate, 'Bits per second, as a number or like "24k"; one that suits rate and channels when left out'),
  maxSize: Field.maybe(ByteSize, 'Size that the copy must not pass, like "10MB"; the bit rate is lowered to meet it'),
  track
}).pipe(
  Schema.filter(({ codec: name, format, sampleRate }) => {
    const fitting: ReadonlyArray<CodecName> = formats[format]
    if (name !== undefined && !fitting.includes(name))
      return { path: ["codec"], message: `${name} doesn't go into ${format}; these do: ${fitting.join(", ")}` }
    const { sampleRates } = limitsOf(name ?? formats[format][0])
    return sampleRate !== undefined && sampleRates?.includes(sampleRate) === false
      ? {
          path: ["sampleRate"],
          message: `${format} has no sample rate of ${sampleRate} Hz; it has ${sampleRates.join(", ")}`
        }
      : undefined
  })
)

/** The bit rates to try, the best first. Only a ceiling needs to know the source; without one the encoder may choose for itself. */
const bitRates = (input: Input, codec: CodecName, config: typeof Config.Type) =>
  Effect.gen(function* () {
    if (config.maxSize === undefined) {
      const known = config.sampleRate !== undefined && config.channels !== undefined
      return [config.bitrate ?? (known ? usualBitRate(codec, config.sampleRate, config.channels) : undefined)]
    }
    const engine = yield* MediaEngine
    const probe = yield* engine.probe(input)
    const sound = trackIn(probe, config.track)
    const sampleRate = config.sampleRate ?? rateOf(codec, sound?.sampleRate ?? 44_100)
    const channels = config.channels ?? sound?.channels ?? 2
    return yield* Ceiling.bitRates({
      codec,
      sampleRate,
      channels,
      seconds: probe.durationSeconds,
      bitRate: config.bitrate ?? usualBitRate(codec, sampleRate, channels),
      maxBytes: config.maxSize
    })
  })

/** What a codec can't hold of a sound, with nothing said of how it is to become less. */
const unfit = (codec: CodecName, config: typeof Config.Type, sound: MediaStream | undefined): MediaError | undefined => {
  const { channels, mostHertz = Infinity } = limitsOf(codec)
  const [many, fast] = [sound?.channels ?? 1, sound?.sampleRate ?? 0]
  // Those of a usual layout are mixed into as many as it holds.
  if (config.channels === undefined && many > Math.max(USUAL, channels))
    return new MediaError({
      code: "TooManyChannels",
      detail: `the sound has ${many} channels, and ${codec} holds at most ${channels}`
    })
  return config.sampleRate === undefined && fast > mostHertz
    ? new MediaError({ code: "SampleRateTooHigh", detail: `the sound has ${fast} Hz, and ${codec} holds at most ${mostHertz}` })
    : undefined
}

/** Channels of the largest usual layout. */
const USUAL = 8

/** Makes a copy of the sound in another format. */
export const transcode = Stage.make({
  name: "transcode",
  version: 1,
  summary: "Makes a copy of the sound: container, codec, sample rate, channels, bit rate, size",
  input: { file: SourceFile },
  output: AudioFile,
  config: Config,
  error: Schema.Union(MediaError, ArtifactError),
  run: ({ file }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const artifacts = yield* Artifacts
      const codec: CodecName = config.codec ?? formats[config.format][0]
      const sound = trackIn(yield* engine.probe(file.file), config.track)
      const most = sound?.channels ?? 1
      const refused = unfit(codec, config, sound)
      if (refused !== undefined) return yield* refused
      const once = (path: string, bitRate: number | undefined, mix: Mix | undefined) =>
        engine
          .ask(file.file, {
            _tag: "AudioCopy",
            path,
            container: config.format,
            codec,
            ...tracked(config),
            ...(config.sampleRate === undefined ? {} : { sampleRate: config.sampleRate }),
            ...(config.channels === undefined ? {} : { channels: config.channels }),
            ...(bitRate === undefined ? {} : { bitRate }),
            ...(mix === undefined ? {} : { mix }),
            ...(config.maxSize === undefined ? {} : { maxBytes: config.maxSize })
          })
          .pipe(
            Effect.filterOrFail(
              ({ size }) => size <= (config.maxSize ?? Infinity),
              ({ size }) => Ceiling.tooLarge(`the ${config.format} takes`, size, config.maxSize ?? 0)
            )
          )
      const [best, ...lower] = yield* bitRates(file.file, codec, config)
      const encode = (
        path: string,
        mix?: Mix,
        bitRate = best,
        rest: ReadonlyArray<number | undefined> = lower
      ): ReturnType<typeof once> =>
        once(path, bitRate, mix).pipe(
          Effect.catchIf(
            (error) => error.code === "TooLarge" && rest.length > 0,
            () => encode(path, mix, rest[0], rest.slice(1))
          )
        )
      const lost =
        config.channels === undefined || config.channels >= most
          ? Effect.succeed(undefined)
          : Effect.map(engine.ask(file.file, { _tag: "Downmix", ...tracked(config) }), mixFor)
      const fast = sound?.sampleRate ?? 0
      const parting = edges(fast, config.sampleRate ?? rateOf(codec, fast))
      const above =
        parting.length === 0 ? Effect.succeed([]) : engine.ask(file.file, { _tag: "Bands", edges: parting, ...tracked(config) })
      const { artifact, written } = yield* artifacts.write("audio", config.format, (path) =>
        Effect.gen(function* () {
          // What is lost is measured in the same pass; only a copy that lost much is made again, in its place.
          const { bands, first, mix } = yield* Effect.all(
            { first: encode(path), mix: lost, bands: above },
            { concurrency: "unbounded" }
          )
          return { ...(mix === undefined ? first : yield* encode(path, mix)), mix, inaudible: inaudible(parting, bands) }
        })
      )
      return new AudioFile({
        file: artifact,
        container: config.format,
        codec,
        sampleRate: written.sampleRate,
        channels: written.channels,
        bitRate: written.bitRate,
        durationSeconds: written.durationSeconds,
        ...(written.startSeconds === undefined ? {} : { startSeconds: written.startSeconds }),
        ...(written.mix === undefined ? {} : { mix: mixName(written.mix) }),
        ...(written.inaudible === undefined ? {} : { inaudible: written.inaudible })
      })
    }),
  examples: [
    { title: "What speech models listen to", with: { format: "mp3", sampleRate: 16000, channels: 1, bitrate: "24k" } },
    { title: "As good as ten megabytes allow", with: { format: "mp3", maxSize: "10MB" } },
    { title: "The German sound of a film", with: { format: "m4a", track: { language: "de" } } },
    { title: "For an editor", with: { format: "wav", codec: "pcm_s24le" } }
  ]
})
