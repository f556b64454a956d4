import { ArtifactError, Artifacts, Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { SourceFile, VideoFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { track, tracked } from "./listen/track.js"
import { ByteSize } from "./transcode/ByteSize.js"

const fitting = {
  mp4: { video: ["h264", "copy"], audio: ["aac", "copy", "none"] },
  webm: { video: ["vp9", "copy"], audio: ["opus", "copy", "none"] },
  mkv: { video: ["h264", "vp9", "copy"], audio: ["aac", "opus", "copy", "none"] }
} as const

const Config = Schema.Struct({
  format: Field.withDefault(Schema.Literal("mp4", "webm", "mkv"), "mp4", "Container of the copy"),
  videoCodec: Field.maybe(Schema.Literal("h264", "vp9", "copy"), "Encoder of the pictures; `copy` leaves them as they are"),
  audioCodec: Field.maybe(Schema.Literal("aac", "opus", "copy", "none"), "Encoder of the sound; `none` leaves it out"),
  maxHeight: Field.maybe(
    Schema.Int.pipe(Schema.between(16, 4320)),
    "Height in pixels that the picture must not pass; it keeps its shape"
  ),
  quality: Field.maybe(
    Schema.Int.pipe(Schema.between(0, 63)),
    "Constant rate factor: lower is better and larger; about 23 for h264, 32 for vp9"
  ),
  maxSize: Field.maybe(ByteSize, 'Size that the copy must not pass, like "100MB"; a larger one is refused'),
  track
}).pipe(
  Schema.filter(({ audioCodec, format, quality, videoCodec }) => {
    const { audio, video }: { audio: ReadonlyArray<string>; video: ReadonlyArray<string> } = fitting[format]
    if (videoCodec !== undefined && !video.includes(videoCodec))
      return { path: ["videoCodec"], message: `${videoCodec} doesn't go into ${format}; these do: ${video.join(", ")}` }
    if (audioCodec !== undefined && !audio.includes(audioCodec))
      return { path: ["audioCodec"], message: `${audioCodec} doesn't go into ${format}; these do: ${audio.join(", ")}` }
    return quality !== undefined && quality > 51 && (videoCodec ?? fitting[format].video[0]) === "h264"
      ? { path: ["quality"], message: "h264 has no quality above 51" }
      : undefined
  })
)

/** Makes a copy of picture and sound in another format. */
export const transcodeVideo = Stage.make({
  name: "transcode-video",
  version: 2,
  summary: "Makes a copy of picture and sound: container, codecs, height, quality",
  input: { file: SourceFile },
  output: VideoFile,
  config: Config,
  error: Schema.Union(MediaError, ArtifactError),
  run: ({ file }, { audioCodec, format, maxHeight, maxSize, quality, track, videoCodec }) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const artifacts = yield* Artifacts
      const { artifact, written } = yield* artifacts.write("video", format, (path) =>
        engine.ask(file.file, {
          _tag: "VideoCopy",
          path,
          container: format,
          videoCodec: videoCodec ?? fitting[format].video[0],
          audioCodec: audioCodec ?? fitting[format].audio[0],
          ...(maxHeight === undefined ? {} : { maxHeight }),
          ...(quality === undefined ? {} : { quality }),
          ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
          ...tracked({ track })
        })
      )
      return new VideoFile({
        file: artifact,
        container: format,
        videoCodec: written.videoCodec,
        ...(written.audioCodec === undefined ? {} : { audioCodec: written.audioCodec }),
        width: written.width,
        height: written.height,
        durationSeconds: written.durationSeconds
      })
    }),
  examples: [
    { title: "A small copy to look at", with: { maxHeight: 360 } },
    { title: "The same streams in another container", with: { format: "mkv", videoCodec: "copy", audioCodec: "copy" } }
  ]
})
