import { Effect } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import * as RawPath from "../stage/RawPath.js"
import type { FileStat } from "../store/FileStat.js"
import { same } from "./FoundFile.js"
import { changedSince, changedWhileRead, faultOf, FLAGS, type HashFault } from "./HashFault.js"
import { SourceError } from "./SourceError.js"

/** What is read at once. Hashing it takes the event loop about a millisecond. */
const CHUNK_BYTES = 1 << 20

const read = async (path: string, stamp: FileStat, signal: AbortSignal): Promise<string | HashFault> => {
  const handle = await fs.open(RawPath.forNode(path), FLAGS)
  try {
    const before = await handle.stat({ bigint: true })
    if (!before.isFile() || !same(before, stamp)) return changedSince(path)
    const hash = createHash("sha256")
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Number(stamp.size) + 1))
    // A file that grows meanwhile has another size afterwards.
    for (let size = 0; size < stamp.size && !signal.aborted;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, size)
      if (bytesRead === 0) break
      size += bytesRead
      hash.update(chunk.subarray(0, bytesRead))
    }
    if (!same(await handle.stat({ bigint: true }), stamp)) return changedWhileRead(path)
    return hash.digest("hex")
  } finally {
    await handle.close()
  }
}

/**
 * Sha-256 of a file's bytes in lower-case hex, if they are those that the scan saw: what is opened must have the stamp, before the
 * first byte is read and after the last.
 *
 * Fails with `FileVanished`, `FileUnreadable`, or `FileChanged` when somebody writes, replaced the file, or put something else there.
 */
export const of = (file: FileStat & { readonly path: string }): Effect.Effect<string, SourceError> =>
  Effect.tryPromise({
    try: (signal) => read(file.path, file, signal),
    catch: (cause) => new SourceError(faultOf(file.path, cause))
  }).pipe(Effect.flatMap((outcome) => (typeof outcome === "string" ? Effect.succeed(outcome) : new SourceError(outcome))))
