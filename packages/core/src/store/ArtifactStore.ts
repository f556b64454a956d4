import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { dirname, join, parse } from "node:path"
import { ArtifactError, checkNames, digestFile, digestHandle, type FileDigest } from "../stage/Artifacts.js"
import { Artifact } from "../stage/FileRef.js"
import { makeFolder } from "../stage/makeFolder.js"
import { StateFolder } from "../stage/StateFolder.js"
import { crashPoint } from "./CrashPoint.js"
import { Database } from "./Database.js"

/** The files that stages made, by the key of their result. */
export interface Service {
  /** Absolute. */
  readonly folder: string
  /** Where files stand until they are whole, on the same file system; absolute. */
  readonly temporary: string
  /**
   * Hands `write` a path that doesn't exist, then syncs, hashes, moves into place and registers what it left there.
   * The registration reaches the disk with, or before, the result that owns it.
   */
  readonly write: <A, E, R>(
    key: string,
    slot: string,
    extension: string,
    write: (path: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<{ readonly artifact: Artifact; readonly written: A }, E | ArtifactError, R>
  /** Whether a file has the bytes that its name says. `path` lies below the folder. */
  readonly isWhole: (path: string) => Effect.Effect<boolean>
}

const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** Waits until a folder's names are on the disk. */
const syncFolder = async (path: string): Promise<void> => {
  const handle = await fs.open(path, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Waits until a file's bytes are on the disk, and digests them. */
const syncAndDigest = async (path: string, signal: AbortSignal): Promise<FileDigest> => {
  const handle = await fs.open(path, "r")
  try {
    await handle.sync()
    return await digestHandle(handle, signal)
  } finally {
    await handle.close()
  }
}

const moveIntoPlace = async (from: string, to: string): Promise<void> => {
  makeFolder(dirname(to))
  crashPoint("rename")
  await fs.rename(from, to)
  // Windows can't sync a folder, and needs not.
  if (process.platform !== "win32") await syncFolder(dirname(to))
}

const make = Effect.gen(function* () {
  const database = yield* Database
  const state = yield* StateFolder
  const folder = join(state.path, "artifacts")
  const register = database.prepare(`INSERT INTO artifact (key, slot, hash, size, extension, made_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key, slot) DO UPDATE SET hash = excluded.hash, size = excluded.size, extension = excluded.extension,
      made_at = excluded.made_at`)

  // Views of the library give absolute paths by it: a state folder may be moved.
  const place = yield* Effect.option(database.reading(() => database.row("SELECT value FROM fact WHERE name = 'folder'", [])))
  if (Option.isSome(place) && place.value?.["value"] !== state.path)
    database.post(
      database.prepare(
        "INSERT INTO fact (name, value) VALUES ('folder', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
      ),
      [state.path]
    )

  const service: Service = {
    folder,
    temporary: state.temporary,
    isWhole: (path) =>
      Effect.match(digestFile(join(folder, path)), {
        onFailure: () => false,
        onSuccess: ({ hash }) => hash === parse(path).name
      }),
    write: (key, slot, extension, write) =>
      Effect.flatMap(checkNames(slot, extension), () => {
        const temporary = join(state.temporary, `${randomUUID()}.${extension}`)
        return Effect.gen(function* () {
          const written = yield* write(temporary)
          crashPoint("sync")
          const { hash, size } = yield* Effect.tryPromise({
            try: (signal) => syncAndDigest(temporary, signal),
            catch: notWritten
          })
          const path = join(folder, hash.slice(0, 2), `${hash}.${extension}`)
          yield* Effect.uninterruptible(Effect.tryPromise({ try: () => moveIntoPlace(temporary, path), catch: notWritten }))
          database.post(register, [key, slot, hash, size, extension, Date.now()])
          return { artifact: new Artifact({ key, slot, hash, size, path }), written }
        }).pipe(Effect.onError(() => Effect.promise(() => fs.rm(temporary, { force: true }).catch(() => undefined))))
      })
  }
  return service
})

/** Files that results own, named by the hash of their bytes. */
export class ArtifactStore extends Context.Tag("@mediaspool/core/ArtifactStore")<ArtifactStore, Service>() {
  static readonly layer: Layer.Layer<ArtifactStore, never, Database | StateFolder> = Layer.effect(ArtifactStore, make)
}
