import { Context, Effect } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join, parse } from "node:path"
import * as Failure from "./Failure.js"
import { Artifact } from "./FileRef.js"
import { Node } from "./Node.js"
import { display, forNode } from "./RawPath.js"

/** What keeping a file that a stage made may fail with. */
export class ArtifactError extends Failure.Class<ArtifactError>()("ArtifactError", {
  ArtifactNotWritten: { retry: "now", help: "Check the state folder's disk: it is full, read-only or failing." },
  ArtifactNamedWrongly: {
    retry: "never",
    help: "Tell the stage's author: a slot and an extension are letters, digits, `-` and `_`."
  },
  ArtifactWrittenTwice: {
    retry: "never",
    help: "Tell the stage's author: each file of a result needs a slot of its own."
  }
}) {}

/** Where a stage puts the files that it makes. */
export interface Service {
  /**
   * Hands `write` a path that doesn't exist yet; what it leaves there becomes an artifact of this result, hashed and renamed
   * into place. A failure or an interruption leaves no file.
   *
   * @param slot letters, digits, `-` and `_`, like the extension
   * @param extension without the dot: `mp3`
   */
  readonly write: <A, E, R>(
    slot: string,
    extension: string,
    write: (path: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<{ readonly artifact: Artifact; readonly written: A }, E | ArtifactError, R>
  /**
   * The same for a program that makes several files at once: hands `write` an empty folder, and every file there becomes an artifact,
   * in the order of their names. `stills` with `001.png` gives the slot `stills-001`.
   */
  readonly folder: <A, E, R>(
    slot: string,
    write: (folder: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<{ readonly artifacts: ReadonlyArray<Artifact>; readonly written: A }, E | ArtifactError, R>
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** Names become parts of paths, and a stage may have them from a config or a file: nothing in them may lead elsewhere. */
export const checkNames = (slot: string, extension: string): Effect.Effect<void, ArtifactError> =>
  NAME.test(slot) && NAME.test(extension)
    ? Effect.void
    : new ArtifactError({
        code: "ArtifactNamedWrongly",
        detail: `an artifact can't have the slot '${display(slot)}' and the extension '${display(extension)}'`
      })

/** What is read of a file first, in bytes: most of the small ones are whole then. */
const FIRST_BYTES = 1 << 16
/** What is read at once of a larger one. */
const CHUNK_BYTES = 1 << 20

/** What a file's bytes are: sha-256 in lower-case hex, and their number. */
export interface FileDigest {
  readonly hash: string
  readonly size: number
}

/** Digests an open file, piece by piece. */
export const digestHandle = async (handle: fs.FileHandle, signal: AbortSignal): Promise<FileDigest> => {
  const hash = createHash("sha256")
  let size = 0
  let chunk = Buffer.allocUnsafe(FIRST_BYTES)
  while (!signal.aborted) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length)
    if (bytesRead === 0) break
    size += bytesRead
    hash.update(chunk.subarray(0, bytesRead))
    if (size === FIRST_BYTES) chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  }
  return { hash: hash.digest("hex"), size }
}

/** Digests a file. */
export const digestFile = (path: string): Effect.Effect<FileDigest, ArtifactError> =>
  Effect.tryPromise({
    try: async (signal) => {
      const handle = await fs.open(forNode(path))
      try {
        return await digestHandle(handle, signal)
      } finally {
        await handle.close()
      }
    },
    catch: (cause) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })
  })

const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** A second file for a slot of the same result. */
const writtenTwice = (slot: string) =>
  Effect.flatMap(
    Node,
    ({ node, plugin }) =>
      new ArtifactError({
        code: "ArtifactWrittenTwice",
        detail: `${plugin === undefined ? "" : `'${node}' of the plugin '${plugin}': `}the slot '${slot}' is written twice for one result`
      })
  )

/** Keeps each slot of a result to one file: one that failed may be tried again. */
export const claim = <A, E, R>(
  slots: Set<string>,
  slot: string,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | ArtifactError, R> =>
  Effect.suspend((): Effect.Effect<A, E | ArtifactError, R> => {
    if (slots.has(slot)) return writtenTwice(slot)
    slots.add(slot)
    return Effect.onError(work, () => Effect.sync(() => slots.delete(slot)))
  })

/** A file of a folder as an artifact; moved where that is possible. */
const take = (write: Service["write"], slot: string, file: string) => {
  const { ext, name } = parse(file)
  return write(`${slot}-${name}`, ext.slice(1), (path) =>
    Effect.tryPromise({
      try: () => fs.rename(file, path).catch(() => fs.copyFile(file, path)),
      catch: notWritten
    })
  )
}

/**
 * {@link Service.folder} from {@link Service.write}.
 *
 * @param temporary where the folder is made; absolute
 */
export const folderWith =
  (write: Service["write"], temporary: string): Service["folder"] =>
  (slot, fill) =>
    Effect.acquireUseRelease(
      Effect.tryPromise({ try: () => fs.mkdtemp(join(temporary, "folder-")), catch: notWritten }),
      (folder) =>
        Effect.gen(function* () {
          const written = yield* fill(folder)
          const names = yield* Effect.tryPromise({ try: () => fs.readdir(folder), catch: notWritten })
          const taken = yield* Effect.forEach(names.sort(), (name) => take(write, slot, join(folder, name)))
          return { artifacts: taken.map(({ artifact }) => artifact), written }
        }),
      (folder) => Effect.promise(() => fs.rm(folder, { recursive: true, force: true }))
    )

/** Outside a runner artifacts go to the system's temporary folder, under a random key. */
const writeTemporary: Service["write"] = (slot, extension, write) =>
  Effect.flatMap(checkNames(slot, extension), () => {
    const key = randomUUID()
    const path = join(tmpdir(), `mediaspool-${key}-${slot}.${extension}`)
    return Effect.gen(function* () {
      const written = yield* write(path)
      return { artifact: new Artifact({ key, slot, path, ...(yield* digestFile(path)) }), written }
    }).pipe(Effect.onError(() => Effect.promise(() => fs.rm(path, { force: true }))))
  })
const temporary: Service = { write: writeTemporary, folder: folderWith(writeTemporary, tmpdir()) }

/** The files of the result that is being made; outside of a run they go to the system's temporary folder. */
export class Artifacts extends Context.Reference<Artifacts>()("@mediaspool/core/Artifacts", {
  defaultValue: (): Service => temporary
}) {}
