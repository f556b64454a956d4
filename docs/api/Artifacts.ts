import { type Artifact, ArtifactError, Artifacts } from "@mediaspool/core"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"

/** A text beside the result: `notes.txt` in the artifact store. */
export const keep = (text: string): Effect.Effect<Artifact, ArtifactError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const artifacts = yield* Artifacts
    const files = yield* FileSystem.FileSystem
    const { artifact } = yield* artifacts.write("notes", "txt", (path) =>
      Effect.mapError(
        files.writeFileString(path, text),
        (error) => new ArtifactError({ code: "ArtifactNotWritten", detail: error.message })
      )
    )
    return artifact
  })
