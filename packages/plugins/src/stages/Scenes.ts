import { FileSystem } from "@effect/platform"
import { ArtifactError, Artifacts, Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Scene, Scenes, SourceFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import * as SceneCuts from "./look/SceneCuts.js"

const Config = Schema.Struct({
  ...SceneCuts.fields,
  width: Field.withDefault(Schema.Int.pipe(Schema.between(16, 3840)), 480, "Width of the pictures in pixels"),
  maxScenes: Field.withDefault(
    Schema.Int.pipe(Schema.between(1, 5000)),
    500,
    "Most scenes that get a picture; of more, the longest"
  )
})

const hex = (value: number): string => Math.max(0, Math.min(255, value)).toString(16).padStart(2, "0")

/** Finds where the picture of a video changes at once, and takes a picture of each scene. */
export const scenes = Stage.make({
  name: "scenes",
  version: 1,
  summary: "Finds the cuts of a video, and takes a picture of each scene",
  input: { file: SourceFile },
  output: Scenes,
  config: Config,
  error: Schema.Union(MediaError, ArtifactError),
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const artifacts = yield* Artifacts
      const files = yield* FileSystem.FileSystem
      const found = yield* Effect.orDie(files.makeTempDirectoryScoped({ prefix: "scenes-" })).pipe(
        Effect.flatMap((folder) => SceneCuts.scenes(file, `${folder}/small.rgb`, config)),
        Effect.scoped
      )
      const pictured = new Set(
        found
          .filter(({ isBlack }) => !isBlack)
          .toSorted((a, b) => b.endSeconds - b.startSeconds - (a.endSeconds - a.startSeconds))
          .slice(0, config.maxScenes)
      )
      let size = { width: 0, height: 0 }
      const made = yield* Effect.forEach(
        found,
        (scene, n) =>
          Effect.gen(function* () {
            const { blue, endSeconds, green, isBlack, motion, red, startSeconds } = scene
            const frame = pictured.has(scene)
              ? yield* artifacts.write(`scene-${n + 1}`, "jpg", (path) =>
                  engine.ask(file, {
                    _tag: "Frame",
                    path,
                    format: "jpeg",
                    atSeconds: (startSeconds + endSeconds) / 2,
                    width: config.width
                  })
                )
              : undefined
            if (frame !== undefined) size = { width: frame.written.width, height: frame.written.height }
            return new Scene({
              startSeconds,
              endSeconds,
              ...(frame === undefined ? {} : { frame: frame.artifact }),
              colour: `#${hex(red)}${hex(green)}${hex(blue)}`,
              motion,
              isBlack
            })
          }),
        // The engine has places of its own; here only so many wait for one.
        { concurrency: 8 }
      )
      return new Scenes({ scenes: made, ...size })
    }),
  examples: [{ title: "Only hard cuts, in small pictures", with: { threshold: 0.35, width: 240 } }]
})
