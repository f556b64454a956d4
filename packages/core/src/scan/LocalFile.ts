import { Effect } from "effect"
import { createHash } from "node:crypto"
import { createReadStream, promises as fs } from "node:fs"
import { resolve } from "node:path"
import { Original } from "../stage/FileRef.js"
import { forNode } from "../stage/RawPath.js"
import { SourceError } from "./SourceError.js"

const read = async (path: string, signal: AbortSignal): Promise<Original> => {
  const stat = await fs.stat(forNode(path))
  if (!stat.isFile()) return Promise.reject(new Error("it is no regular file"))
  const hash = createHash("sha256")
  let size = 0
  for await (const chunk of createReadStream(forNode(path), { signal })) {
    hash.update(chunk)
    size += chunk.length
  }
  return new Original({ hash: hash.digest("hex"), size, path })
}

/**
 * The file at a path as stages take it, for a program of your own. In a run the scanner finds the files and the runner reads them.
 *
 * @example ingest.run({ original: yield* LocalFile.original("rain.wav") }, {})
 */
export const original = (path: string): Effect.Effect<Original, SourceError> =>
  Effect.tryPromise({
    try: (signal) => read(resolve(path), signal),
    catch: (cause) =>
      new SourceError({ code: "FileUnreadable", detail: `${path}: ${cause instanceof Error ? cause.message : String(cause)}` })
  })
