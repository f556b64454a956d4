import { Field, Stage } from "@mediaspool/core"
import { Effect } from "effect"
import { Probe, SourceFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"

/** Reads what the container says of itself: duration, streams, tags. */
export const probe = Stage.make({
  name: "probe",
  version: 3,
  summary: "Reads duration, streams and tags from the container",
  input: { file: SourceFile },
  output: Probe,
  config: Field.none,
  error: MediaError,
  run: ({ file }) => Effect.flatMap(MediaEngine, (engine) => engine.probe(file.file))
})
