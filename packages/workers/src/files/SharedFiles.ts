import { Effect } from "effect"
import { digestFile, RawPath } from "@mediaspool/core"
import { createHash } from "node:crypto"
import { type BigIntStats, closeSync, constants, fstatSync, openSync, promises as fs, readSync, statSync } from "node:fs"
import type { JobFile } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { open, type Roots, type SharedPlace } from "./Roots.js"

/** Files up to this size are read at once: five turns through the thread pool take longer. */
const SMALL_BYTES = 64 * 1024
/** So many files are remembered as verified. */
const REMEMBERED = 10_000
/** A file that was written this recently may be written again in the same tick of its file system's clock, in milliseconds. */
const FRESH_MILLIS = 2_000

/** Files on a share, verified before a stage sees them. */
export interface SharedFiles {
  readonly open: (file: JobFile, place: SharedPlace) => Effect.Effect<string, WorkerError>
}

const there = ({ path, root }: SharedPlace): string => (root === "" ? path : `${root}:${path}`)

const sizes = (there: number | bigint, wanted: number) => `it has ${there} bytes instead of ${wanted}`

const stampOf = (hash: string, { ino, mtimeNs, size }: BigIntStats): string => `${hash} ${size} ${mtimeNs} ${ino}`

/**
 * What keeps a small file from being the one that is meant. Throws where it can't be read; never waits for a pipe's other end.
 *
 * @param verified is told of one that is
 */
const mismatch = (path: string, { hash, size }: JobFile, verified: (stat: BigIntStats) => void): string | undefined => {
  const file = openSync(RawPath.forNode(path), constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file, { bigint: true })
    if (!stat.isFile()) return "it is no file"
    if (Number(stat.size) !== size) return sizes(stat.size, size)
    const bytes = Buffer.allocUnsafe(size)
    const read = readSync(file, bytes, 0, size, 0)
    if (read !== size) return sizes(read, size)
    if (createHash("sha256").update(bytes).digest("hex") !== hash) return "the bytes are others"
    verified(stat)
    return undefined
  } finally {
    closeSync(file)
  }
}

/** Bytes that were hashed are not hashed again while size and time of the file stay as they were. */
export const make = (roots: Roots): SharedFiles => {
  const verified = new Map<string, string>()
  const remember = (path: string, hash: string, stat: BigIntStats): void => {
    if (Date.now() - Number(stat.mtimeMs) < FRESH_MILLIS) return
    if (verified.size >= REMEMBERED) verified.clear()
    verified.set(path, stampOf(hash, stat))
  }
  /** What several nodes read is hashed once. Throws where it can't be looked at. */
  const isUntouched = (path: string, { hash }: JobFile): boolean => {
    const stamp = verified.get(path)
    return stamp !== undefined && stamp === stampOf(hash, statSync(RawPath.forNode(path), { bigint: true }))
  }
  const small = (path: string, file: JobFile): string | undefined =>
    isUntouched(path, file) ? undefined : mismatch(path, file, (stat) => remember(path, file.hash, stat))
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
          const what = yield* Effect.try({ try: () => small(path, file), catch: () => differs("nothing can be read there") })
          return what === undefined ? path : yield* differs(what)
        }
        const stat = yield* Effect.tryPromise({
          try: () => fs.stat(RawPath.forNode(path), { bigint: true }),
          catch: () => differs("nothing can be read there")
        })
        if (!stat.isFile()) return yield* differs("it is no file")
        if (Number(stat.size) !== file.size) return yield* differs(sizes(stat.size, file.size))
        if (verified.get(path) === stampOf(file.hash, stat)) return path
        const { hash } = yield* Effect.mapError(digestFile(path), () => differs("it can't be read"))
        if (hash !== file.hash) return yield* differs("the bytes are others")
        remember(path, hash, stat)
        return path
      })
  }
}
