import { Effect } from "effect"
import { digestFile, RawPath } from "@mediaspool/core"
import { createHash } from "node:crypto"
import { closeSync, constants, fstatSync, openSync, promises as fs, readSync } from "node:fs"
import type { JobFile } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { open, type Roots, type SharedPlace } from "./Roots.js"

/** Files up to this size are read at once: five turns through the thread pool take longer. */
const SMALL_BYTES = 64 * 1024
/** So many larger files are remembered as verified. */
const REMEMBERED = 10_000

/** Files on a share, verified before a stage sees them. */
export interface SharedFiles {
  readonly open: (file: JobFile, place: SharedPlace) => Effect.Effect<string, WorkerError>
}

const there = ({ path, root }: SharedPlace): string => (root === "" ? path : `${root}:${path}`)

const sizes = (there: number | bigint, wanted: number) => `it has ${there} bytes instead of ${wanted}`

/** What keeps a small file from being the one that is meant. Throws where it can't be read; never waits for a pipe's other end. */
const mismatch = (path: string, { hash, size }: JobFile): string | undefined => {
  const file = openSync(RawPath.forNode(path), constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return "it is no file"
    if (stat.size !== size) return sizes(stat.size, size)
    const bytes = Buffer.allocUnsafe(size)
    const read = readSync(file, bytes, 0, size, 0)
    if (read !== size) return sizes(read, size)
    return createHash("sha256").update(bytes).digest("hex") === hash ? undefined : "the bytes are others"
  } finally {
    closeSync(file)
  }
}

/** Bytes that were hashed are not hashed again while size and time of the file stay as they were. */
export const make = (roots: Roots): SharedFiles => {
  const verified = new Map<string, string>()
  return {
    open: (file, place) =>
      Effect.gen(function* () {
        const path = yield* open(roots, place)
        const differs = (what: string) =>
          new WorkerError({
            code: "FileDiffers",
            detail: `${RawPath.display(there(place))} of the coordinator is not ${RawPath.display(path)} here: ${what}`
          })
        if (file.size <= SMALL_BYTES) {
          const what = yield* Effect.try({ try: () => mismatch(path, file), catch: () => differs("nothing can be read there") })
          return what === undefined ? path : yield* differs(what)
        }
        const stat = yield* Effect.tryPromise({
          try: () => fs.stat(RawPath.forNode(path), { bigint: true }),
          catch: () => differs("nothing can be read there")
        })
        if (!stat.isFile()) return yield* differs("it is no file")
        if (Number(stat.size) !== file.size) return yield* differs(sizes(stat.size, file.size))
        const stamp = `${file.hash} ${stat.size} ${stat.mtimeNs} ${stat.ino}`
        if (verified.get(path) === stamp) return path
        const { hash } = yield* Effect.mapError(digestFile(path), () => differs("it can't be read"))
        if (hash !== file.hash) return yield* differs("the bytes are others")
        if (verified.size >= REMEMBERED) verified.clear()
        verified.set(path, stamp)
        return path
      })
  }
}
