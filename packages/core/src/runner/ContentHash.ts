import { Effect } from "effect"
import { createHash } from "node:crypto"
import { constants, promises as fs } from "node:fs"
import { type FoundFile, same } from "../source/FoundFile.js"
import { SourceError } from "../source/SourceError.js"
import { forNode } from "../stage/RawPath.js"

const CHUNK = 256 * 1024

/** The hash; `undefined` when the file isn't the one that was found, or is another one after reading. */
const read = async (file: FoundFile, signal: AbortSignal): Promise<string | undefined> => {
  const handle = await fs.open(forNode(file.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const hash = createHash("sha256")
    const buffer = Buffer.allocUnsafe(CHUNK)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK)
      if (bytesRead === 0 || signal.aborted) break
      hash.update(buffer.subarray(0, bytesRead))
    }
    return same(file, await handle.stat({ bigint: true })) ? hash.digest("hex") : undefined
  } finally {
    await handle.close()
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

const changed = new SourceError({ code: "FileChanged", detail: "it changed while it was read" })

/** sha-256 of a file's bytes in lower-case hex, when the file is the one that was found, before and after. */
export const readContent = (file: FoundFile): Effect.Effect<string, SourceError> =>
  Effect.tryPromise({
    try: (signal) => read(file, signal),
    catch: (cause) =>
      new SourceError({
        code: codeOf(cause) === "ENOENT" ? "FileVanished" : codeOf(cause) === "ELOOP" ? "FileChanged" : "FileUnreadable",
        detail: cause instanceof Error ? cause.message : String(cause)
      })
  }).pipe(Effect.flatMap((hash) => (hash === undefined ? Effect.fail(changed) : Effect.succeed(hash))))
