import { makeFolder } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import { dirname } from "node:path"
import { type ExportError, notWritten } from "./ExportError.js"

/** A file and what it should hash to. */
export interface FileSum {
  /** Relative to the export, with `/`. */
  readonly path: string
  readonly bytes: number
  /** In hex. */
  readonly sha256: string
}

/** A new file that is hashed while it is written. */
export interface HashedFile {
  readonly write: (chunk: string | Uint8Array) => Effect.Effect<void, ExportError>
  /** On disk when it returns; nothing can be written afterwards. */
  readonly end: Effect.Effect<FileSum, ExportError>
}

const BUFFER = 1 << 18

/**
 * @param file absolute path; must not be there yet
 * @param path its name in the export
 */
export const open = (file: string, path: string): Effect.Effect<HashedFile, ExportError, Scope.Scope> =>
  Effect.gen(function* () {
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          makeFolder(dirname(file))
          return await fs.open(file, "wx")
        },
        catch: notWritten
      }),
      (handle) => Effect.promise(() => handle.close().catch(() => undefined))
    )
    const hash = createHash("sha256")
    let waiting: Array<Uint8Array> = []
    let [size, bytes] = [0, 0]
    const flush = async () => {
      for (const chunk of waiting) {
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
      waiting = []
      size = 0
    }
    return {
      write: (chunk) =>
        Effect.suspend(() => {
          const buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk
          waiting.push(buffer)
          size += buffer.length
          bytes += buffer.length
          return size < BUFFER ? Effect.void : Effect.tryPromise({ try: flush, catch: notWritten })
        }),
      end: Effect.tryPromise({
        try: async () => {
          await flush()
          await handle.sync()
          await handle.close()
          return { path, bytes, sha256: hash.digest("hex") }
        },
        catch: notWritten
      })
    }
  })

/** What a file hashes to. */
export const sumOf = (file: string, path: string): Effect.Effect<FileSum, ExportError> =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      let bytes = 0
      const handle = await fs.open(file, "r")
      for await (const chunk of handle.createReadStream()) {
        hash.update(chunk)
        bytes += chunk.length
      }
      return { path, bytes, sha256: hash.digest("hex") }
    },
    catch: notWritten
  })
