import { ArtifactError, Artifacts, Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { SourceFile, Waveform } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { track, tracked } from "./listen/track.js"

const Pixels = (most: number) => Schema.Int.pipe(Schema.between(16, most))

const Config = Schema.Struct({
  width: Field.withDefault(Pixels(8192), 1200, "Width of the picture in pixels"),
  height: Field.withDefault(Pixels(2048), 200, "Height of the picture in pixels"),
  colour: Field.withDefault(
    Schema.String.pipe(Schema.pattern(/^#[0-9a-fA-F]{6}$/)),
    "#2f7f9f",
    "Colour of the curve, as #rrggbb"
  ),
  track
})

/** Draws the level over time, on a transparent ground. */
export const waveform = Stage.make({
  name: "waveform",
  version: 2,
  summary: "Draws the level over time as a PNG",
  input: { file: SourceFile },
  output: Waveform,
  config: Config,
  error: Schema.Union(MediaError, ArtifactError),
  run: ({ file }, { colour, height, track, width }) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const artifacts = yield* Artifacts
      const { artifact } = yield* artifacts.write("image", "png", (path) =>
        engine.ask(file.file, { _tag: "WaveformImage", path, width, height, colour, ...tracked({ track }) })
      )
      return new Waveform({ image: artifact, width, height })
    }),
  examples: [{ title: "A small picture for a list", with: { width: 320, height: 64, colour: "#333333" } }]
})
