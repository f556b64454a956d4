import { StateFolder } from "@mediaspool/core"
import { Effect, Layer, type Scope } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** An empty folder that goes with the scope. */
export const make: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-test-"))),
  (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
)

/** A state folder that goes with the layer. Children are not remembered. */
export const state: Layer.Layer<StateFolder> = Layer.scoped(
  StateFolder,
  Effect.gen(function* () {
    const path = yield* make
    const temporary = join(path, "temporary")
    yield* Effect.promise(() => fs.mkdir(temporary))
    return { path, temporary, child: () => Effect.void }
  })
)
