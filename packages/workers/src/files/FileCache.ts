import { Data, Effect, RcMap, type Scope } from "effect"
import { digestFile } from "@mediaspool/core"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import type { JobFile } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { fetch, type FileSource } from "./FileTransfer.js"

/** Fetched files, kept for the next job that reads them. */
export interface FileCache {
  /** The file's path while the scope is open: fetched when it isn't there, its bytes verified. */
  readonly open: (file: JobFile, coordinator: string) => Effect.Effect<string, WorkerError, Scope.Scope>
}

/** A part that nobody has written to for so long belongs to a process that died, in milliseconds. */
const ABANDONED_MILLIS = 24 * 3_600_000
const PART = ".part"

class Fetched extends Data.Class<{
  readonly hash: string
  readonly size: number
  readonly extension: string
  readonly coordinator: string
}> {}

const failed = (cause: unknown) => new WorkerError({ code: "WorkFolderUnusable", detail: String(cause) })

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, WorkerError> => Effect.tryPromise({ try: work, catch: failed })

/**
 * @param folder absolute; made when it isn't there, shared with other workers of this machine
 * @param ceiling bytes: what was not used for longest goes first, and what is in use never does
 * @param source where a coordinator's files are now
 */
export const make = (
  folder: string,
  ceiling: number,
  source: (coordinator: string) => Effect.Effect<FileSource, WorkerError>
): Effect.Effect<FileCache, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* attempt(() => fs.mkdir(folder, { recursive: true, mode: 0o700 }))
    const used = new Map<string, number>()
    /** Bytes in the folder, as far as this process knows: the folder itself is only looked through when they seem too many. */
    let total = 0

    const makeRoom = attempt(async () => {
      const names = await fs.readdir(folder)
      const files = (
        await Promise.all(
          names.map(async (name) => {
            const { mtimeMs, size } = await fs.stat(join(folder, name)).catch(() => ({ mtimeMs: 0, size: 0 }))
            return { name, size, mtimeMs }
          })
        )
      ).sort((a, b) => a.mtimeMs - b.mtimeMs)
      total = files.reduce((sum, { size }) => sum + size, 0)
      for (const { mtimeMs, name, size } of files) {
        const isPart = name.endsWith(PART)
        const goes = isPart ? Date.now() - mtimeMs > ABANDONED_MILLIS : total > ceiling && !used.has(name)
        if (!goes) continue
        await fs.rm(join(folder, name), { force: true })
        total -= size
      }
    })

    yield* Effect.ignore(makeRoom)

    const verified = (path: string, { hash, size }: Fetched) =>
      Effect.map(
        Effect.option(digestFile(path)),
        (found) => found._tag === "Some" && found.value.hash === hash && found.value.size === size
      )

    const lookup = (file: Fetched) =>
      Effect.gen(function* () {
        const name = `${file.hash}${file.extension}`
        const path = join(folder, name)
        yield* Effect.acquireRelease(
          Effect.sync(() => void used.set(name, (used.get(name) ?? 0) + 1)),
          () =>
            Effect.sync(() => {
              const left = (used.get(name) ?? 1) - 1
              if (left === 0) used.delete(name)
              else used.set(name, left)
            })
        )
        if (yield* verified(path, file)) {
          // It was used now: others go first.
          yield* Effect.ignore(attempt(() => fs.utimes(path, new Date(), new Date())))
          return path
        }
        const part = join(folder, `${file.hash}.${randomUUID()}${PART}`)
        yield* Effect.gen(function* () {
          yield* fetch(source(file.coordinator), file.hash, part)
          if (!(yield* verified(part, file)))
            return yield* new WorkerError({
              code: "FileNotFetched",
              detail: `${file.hash} from the coordinator: other bytes came`
            })
          yield* attempt(() => fs.rename(part, path))
        }).pipe(Effect.onError(() => Effect.ignore(attempt(() => fs.rm(part, { force: true })))))
        total += file.size
        if (total > ceiling) yield* Effect.ignore(makeRoom)
        return path
      })

    const files = yield* RcMap.make({ lookup })
    return {
      open: ({ extension, hash, size }, coordinator) => RcMap.get(files, new Fetched({ hash, size, extension, coordinator }))
    }
  })
