import { Context, Effect } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { createReadStream, promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import * as Failure from "./Failure.js"
import { Artifact } from "./FileRef.js"
import { display, forNode } from "./RawPath.js"

export class ArtifactError extends Failure.Class<ArtifactError>()("ArtifactError", {
  ArtifactNotWritten: { retry: "now", help: "Look at the state folder's disk: it is full, read-only or failing." },
  ArtifactNamedWrongly: {
    retry: "never",
    help: "A slot and an extension are letters, digits, `-` and `_`: tell the stage's author."
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

/** sha-256 in hex and size in bytes of a file, read as a stream. */
export const digestFile = (path: string): Effect.Effect<{ readonly hash: string; readonly size: number }, ArtifactError> =>
  Effect.tryPromise({
    try: async (signal) => {
      const hash = createHash("sha256")
      let size = 0
      await pipeline(
        createReadStream(forNode(path)),
        async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) {
            size += chunk.length
            hash.update(chunk)
          }
        },
        { signal }
      )
      return { hash: hash.digest("hex"), size }
    },
    catch: (cause) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })
  })

/** Outside a runner artifacts go to the system's temporary folder, under a random key. */
const temporary: Service = {
  write: (slot, extension, write) =>
    Effect.flatMap(checkNames(slot, extension), () => {
      const key = randomUUID()
      const path = join(tmpdir(), `mediaspool-${key}-${slot}.${extension}`)
      return Effect.gen(function* () {
        const written = yield* write(path)
        return { artifact: new Artifact({ key, slot, path, ...(yield* digestFile(path)) }), written }
      }).pipe(Effect.onError(() => Effect.promise(() => fs.rm(path, { force: true }))))
    })
}

export class Artifacts extends Context.Reference<Artifacts>()("@mediaspool/core/Artifacts", {
  defaultValue: (): Service => temporary
}) {}
