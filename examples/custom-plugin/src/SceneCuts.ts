import { FileSystem } from "@effect/platform"
import { Artifact, ArtifactError, Artifacts, Failure, Field, Kind, Stage } from "@mediaspool/core"
import { MediaEngine, MediaError, Probe, SourceFile } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import * as Colours from "./Colours.js"
import * as Cuts from "./Cuts.js"

const Seconds = Kind.unkeyed(Schema.NonNegative)

/** The scenes of a video, in order. */
export class Scenes extends Schema.TaggedClass<Scenes>("mediaspool-plugin-scene-cuts/Scenes")("Scenes", {
  scenes: Schema.Array(Schema.Struct({ startSeconds: Seconds, endSeconds: Seconds, thumbnail: Artifact }))
}) {}

export class SceneCutsError extends Failure.Class<SceneCutsError>()("SceneCutsError", {
  FrameUnreadable: { retry: "now", help: "Look at the disk that holds temporary files: it is full, or failing." }
}) {}

const Config = Schema.Struct({
  everySeconds: Field.withDefault(
    Schema.Positive,
    1,
    "A look at the picture every so many seconds; shorter scenes may be missed"
  ),
  precisionSeconds: Field.withDefault(Schema.Positive, 0.1, "How exactly a cut is placed, in seconds"),
  threshold: Field.withDefault(
    Schema.Number.pipe(Schema.between(0, 1)),
    0.4,
    "How different two pictures of different scenes are: 0 to 1"
  ),
  thumbnailWidth: Field.withDefault(Schema.Int.pipe(Schema.between(16, 4096)), 320, "Width of a thumbnail in pixels")
})

/** Finds the cuts by comparing the colours of a few frames, and keeps a thumbnail from the middle of every scene. */
export const sceneCuts = Stage.make({
  name: "scene-cuts",
  version: 1,
  summary: "Finds the cuts of a video and keeps a thumbnail of every scene",
  input: { file: SourceFile, probe: Probe },
  output: Scenes,
  config: Config,
  error: Schema.Union(MediaError, ArtifactError, SceneCutsError),
  run: ({ file, probe }, config) =>
    Effect.gen(function* () {
      if (!probe.streams.some((stream) => stream.type === "video"))
        return yield* new MediaError({ code: "NoVideo", detail: "there is no moving picture in this file" })
      const engine = yield* MediaEngine
      const artifacts = yield* Artifacts
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped({ prefix: "scene-cuts-" })
      const look = (atSeconds: number) => {
        const path = join(folder, `${atSeconds}.png`)
        return Effect.gen(function* () {
          yield* engine.ask(file.file, { _tag: "Frame", path, format: "png", atSeconds, width: 64 })
          const colours = Colours.ofPng(yield* files.readFile(path))
          yield* files.remove(path)
          return colours
        })
      }
      const durationSeconds = probe.durationSeconds
      const cuts = yield* Cuts.find(look, { ...config, durationSeconds })
      const scenes = yield* Effect.forEach(
        [0, ...cuts],
        (startSeconds, n) => {
          const endSeconds = cuts[n] ?? durationSeconds
          const atSeconds = (startSeconds + endSeconds) / 2
          return Effect.map(
            artifacts.write(`scene-${n + 1}`, "jpg", (path) =>
              engine.ask(file.file, { _tag: "Frame", path, format: "jpeg", atSeconds, width: config.thumbnailWidth })
            ),
            ({ artifact }) => ({ startSeconds, endSeconds, thumbnail: artifact })
          )
        },
        { concurrency: 4 }
      )
      return new Scenes({ scenes })
    }).pipe(
      Effect.scoped,
      Effect.catchTags({
        BadArgument: (error) => new SceneCutsError({ code: "FrameUnreadable", detail: error.message }),
        SystemError: (error) => new SceneCutsError({ code: "FrameUnreadable", detail: error.message })
      })
    ),
  examples: [{ title: "Fast cutting, small thumbnails", with: { everySeconds: 0.25, thumbnailWidth: 160 } }]
})
