import { Effect } from "effect"
import { createHash } from "node:crypto"
import { constants, promises as fs } from "node:fs"
import * as RawPath from "../stage/RawPath.js"
import type { FileStat } from "../store/FileStat.js"
import { same } from "./FoundFile.js"
import { SourceError } from "./SourceError.js"
import { vanished } from "./Walk.js"

/** What is read at once. Hashing it takes the event loop about a millisecond. */
const CHUNK_BYTES = 1 << 20
// Never through a link that somebody put there since the scan, and never waiting for a pipe's other end.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A link is there now, where the scan saw a file. */
const isLink = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ELOOP"

const failed = (path: string, cause: unknown): SourceError =>
  new SourceError({
    code: vanished(cause) ? "FileVanished" : isLink(cause) ? "FileChanged" : "FileUnreadable",
    detail: `${RawPath.display(path)}: ${cause instanceof Error ? cause.message : String(cause)}`
  })

const changed = (path: string, when: string): SourceError =>
  new SourceError({ code: "FileChanged", detail: `${RawPath.display(path)} changed ${when}` })

const read = async (path: string, stamp: FileStat, signal: AbortSignal): Promise<string | SourceError> => {
  const handle = await fs.open(RawPath.forNode(path), FLAGS)
  try {
    const before = await handle.stat({ bigint: true })
    if (!before.isFile() || !same(before, stamp)) return changed(path, "since it was found")
    const hash = createHash("sha256")
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Number(stamp.size) + 1))
    // A file that grows meanwhile has another size afterwards.
    for (let size = 0; size < stamp.size && !signal.aborted;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, size)
      if (bytesRead === 0) break
      size += bytesRead
      hash.update(chunk.subarray(0, bytesRead))
    }
    if (!same(await handle.stat({ bigint: true }), stamp)) return changed(path, "while it was read")
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
  Effect.tryPromise({ try: (signal) => read(file.path, file, signal), catch: (cause) => failed(file.path, cause) }).pipe(
    Effect.filterOrFail(
      (outcome) => typeof outcome === "string",
      (outcome) => outcome
    )
  )
