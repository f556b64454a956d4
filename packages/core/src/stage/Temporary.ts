import { Effect, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { ArtifactError } from "./Artifacts.js"
import { StateFolder } from "./StateFolder.js"

const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** An empty folder on the artifacts' file system, gone with the scope, also when the process dies; absolute. */
export const folder: Effect.Effect<string, ArtifactError, Scope.Scope | StateFolder> = Effect.flatMap(
  StateFolder,
  ({ temporary }) =>
    Effect.acquireRelease(Effect.tryPromise({ try: () => fs.mkdtemp(join(temporary, "stage-")), catch: notWritten }), (path) =>
      Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
    )
)

/**
 * The path of a file that doesn't exist yet, on the artifacts' file system; what stands there goes with the scope.
 *
 * @param extension without the dot: `wav`
 */
export const file = (extension: string): Effect.Effect<string, never, Scope.Scope | StateFolder> =>
  Effect.flatMap(StateFolder, ({ temporary }) =>
    Effect.acquireRelease(
      Effect.sync(() => join(temporary, `${randomUUID()}.${extension}`)),
      (path) => Effect.promise(() => fs.rm(path, { force: true }))
    )
  )
