import { Context, Effect, Layer, type Scope } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The folder beside the config that holds everything Mediaspool keeps. */
export interface Service {
  /** Absolute path of `.spool`. */
  readonly path: string
  /** A folder for files that no result owns, on the artifacts' file system; emptied at the next start. */
  readonly temporary: string
  /** Remembers a child process while the scope is open, so that the next start can end it if this one dies. */
  readonly child: (pid: number) => Effect.Effect<void, never, Scope.Scope>
}

/** The state folder of this process: `.spool` unless the config names another. */
export class StateFolder extends Context.Tag("@mediaspool/core/StateFolder")<StateFolder, Service>() {
  /** An empty one that goes with the layer, for a program or a test that keeps nothing. */
  static readonly temporary: Layer.Layer<StateFolder> = Layer.scoped(
    StateFolder,
    Effect.map(
      Effect.acquireRelease(
        Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-"))),
        (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
      ),
      (path) => ({ path, temporary: path, child: () => Effect.void })
    )
  )
}
