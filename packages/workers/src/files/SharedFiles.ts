import { Effect } from "effect"
import { digestFile, RawPath } from "@mediaspool/core"
import { promises as fs } from "node:fs"
import type { JobFile } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { open, type Roots, type SharedPlace } from "./Roots.js"

/** So many files are remembered as verified. */
const REMEMBERED = 10_000

/** Files on a share, verified before a stage sees them. */
export interface SharedFiles {
  readonly open: (file: JobFile, place: SharedPlace) => Effect.Effect<string, WorkerError>
}

const there = ({ path, root }: SharedPlace): string => (root === "" ? path : `${root}:${path}`)

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
        const stat = yield* Effect.tryPromise({
          try: () => fs.stat(RawPath.forNode(path), { bigint: true }),
          catch: () => differs("nothing can be read there")
        })
        if (!stat.isFile()) return yield* differs("it is no file")
        if (Number(stat.size) !== file.size) return yield* differs(`it has ${stat.size} bytes instead of ${file.size}`)
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
