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
  readonly write: (...chunks: ReadonlyArray<string | Uint8Array>) => Effect.Effect<void, ExportError>
  /** On disk when it returns; nothing can be written afterwards. */
  readonly end: Effect.Effect<FileSum, ExportError>
}

const BUFFER = 1 << 20

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
    // One buffer for all of it: as many as there are chunks would stay in memory until they are collected.
    const buffer = Buffer.allocUnsafe(BUFFER)
    let [size, bytes] = [0, 0]
    const put = async (chunk: Uint8Array) => {
      hash.update(chunk)
      bytes += chunk.length
      await handle.writeFile(chunk)
    }
    const flush = async () => {
      await put(buffer.subarray(0, size))
      size = 0
    }
    /** Takes a chunk into the buffer if it surely fits. */
    const take = (chunk: string | Uint8Array): boolean => {
      const room = BUFFER - size
      if (typeof chunk === "string") {
        if (chunk.length * 3 > room) return false
        size += buffer.write(chunk, size)
      } else {
        if (chunk.length > room) return false
        buffer.set(chunk, size)
        size += chunk.length
      }
      return true
    }
    return {
      write: (...chunks) =>
        Effect.suspend(() => {
          const taken = chunks.findIndex((chunk) => !take(chunk))
          if (taken === -1) return Effect.void
          return Effect.tryPromise({
            try: async () => {
              for (const chunk of chunks.slice(taken)) {
                if (take(chunk)) continue
                await flush()
                if (!take(chunk)) await put(typeof chunk === "string" ? Buffer.from(chunk) : chunk)
              }
            },
            catch: notWritten
          })
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
