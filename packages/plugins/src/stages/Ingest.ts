import { Field, Original, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Option } from "effect"
import type { Probe } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import * as Head from "./ingest/Head.js"
import * as MediaType from "./ingest/MediaType.js"
import { playlistIn } from "../media/security/Sniff.js"

const notMedia = (detail: string) => new MediaError({ code: "NotMedia", detail })

const mediaType = (head: Head.Head): Effect.Effect<string, MediaError> =>
  Effect.gen(function* () {
    if (head.bytes.length === 0) return yield* notMedia("the content is a tag and nothing after it")
    const playlist = playlistIn(head.bytes)
    if (playlist !== undefined) return yield* new MediaError({ code: "PlaylistRefused", detail: `the content is ${playlist}` })
    const type = yield* Effect.tryPromise({
      try: () => MediaType.find(head.bytes),
      catch: () => notMedia("the content can't be told from its first bytes")
    })
    // A tag's own letters say MP3 where the frames after it lie further away than the head reaches.
    if (type === undefined && head.tagged) return "audio/mpeg"
    if (type === undefined) return yield* notMedia("the content begins like no audio or video")
    return MediaType.isMedia(type) ? type : yield* notMedia(`the content is ${type}`)
  })

/** What of a file was read otherwise before: another track, sound that begins late, recordings behind each other, turned samples. */
const readOtherwise = ({ container, joined, streams }: Probe): ReadonlyArray<string> => {
  const sounds = streams.filter(({ type }) => type === "audio")
  const heard = Math.max(
    0,
    sounds.findIndex(({ chosen }) => chosen)
  )
  const sound = sounds[heard]
  return [
    ...(heard > 0 ? [`track:${heard + 1}`] : []),
    ...(sound?.startSeconds === undefined ? [] : ["late"]),
    ...(joined === true ? ["joined"] : []),
    ...(container === "wav" && /^pcm_[sf]\d+be$/.test(sound?.codec ?? "") ? ["big-endian"] : [])
  ]
}

/** Lets media files in: finds the media type from the first bytes and refuses, early and cheaply, what is none. */
export const ingest = Stage.make({
  name: "ingest",
  version: 2,
  summary: "Lets a file in: finds its media type from the content and refuses what is no audio or video",
  input: { original: Original },
  output: SourceFile,
  config: Field.none,
  error: MediaError,
  run: ({ original }) =>
    Effect.gen(function* () {
      const head = yield* Head.read(original.path)
      if (head.size === 0) return yield* new MediaError({ code: "EmptyFile", detail: "the file has no bytes" })
      const type = yield* mediaType(head)
      // Later stages ask the engine the same, and hear its answer again. What it refuses is for `probe` to say.
      const engine = yield* Effect.serviceOption(MediaEngine)
      const probe = yield* Option.match(engine, {
        onNone: () => Effect.succeedNone,
        onSome: (engine) => Effect.option(engine.probe(original))
      })
      const reading = Option.match(probe, { onNone: () => [], onSome: readOtherwise })
      return new SourceFile({ file: original, mediaType: type, ...(reading.length === 0 ? {} : { reading }) })
    })
})
