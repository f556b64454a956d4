import { Context, type Effect } from "effect"
import type { ArtifactError } from "../stage/Artifacts.js"
import type { Artifact } from "../stage/FileRef.js"

export interface Service {
  /** Absolute. */
  readonly folder: string
  /** Hands `write` a path that doesn't exist, then syncs, hashes, moves into place and registers what it left there. */
  readonly write: <A, E, R>(
    key: string,
    slot: string,
    extension: string,
    write: (path: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<{ readonly artifact: Artifact; readonly written: A }, E | ArtifactError, R>
  /** Where the bytes of this hash are. */
  readonly path: (hash: string, extension: string) => string
}

/** Files that results own, by the hash of their bytes. */
export class ArtifactStore extends Context.Tag("@mediaspool/core/ArtifactStore")<ArtifactStore, Service>() {}
