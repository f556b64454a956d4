import { Data, Effect, Option, RcMap, Schedule, type Scope } from "effect"
import { digestFile } from "@mediaspool/core"
import { createHash, randomUUID } from "node:crypto"
import { promises as fs, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { JobFile } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { fetch, fetchBytes, type FileSource } from "./FileTransfer.js"
import { freeBytes, LEAST_FREE } from "./FreeSpace.js"
import { ONE_PIECE } from "./OnePiece.js"

/** Fetched files, kept for the next job that reads them. */
export interface FileCache {
  /** The file's path while the scope is open: fetched when it isn't there, its bytes verified. */
  readonly open: (file: JobFile, coordinator: string) => Effect.Effect<string, WorkerError, Scope.Scope>
}

/** A part that nobody has written to for so long belongs to a process that died, in milliseconds. */
const ABANDONED_MILLIS = 24 * 3_600_000
const PART = ".part"
/** Between two looks whether the disk gets full, by whoever. */
const LOOK = "5 seconds"
/** What is in use is touched so often, for other workers with this folder. */
const TOUCH = "30 seconds"
/** What another worker touched within so long may be in use there, in milliseconds. */
const BUSY_MILLIS = 90_000
/** So many files are remembered as verified. */
const REMEMBERED = 10_000

/** Another for other bytes, also where size and time are put back. */
const stampOf = (path: string): string | undefined => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found?.isFile() === true ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : undefined
}

class Fetched extends Data.Class<{
  readonly hash: string
  readonly size: number
  readonly extension: string
  readonly coordinator: string
}> {}

const failed = (cause: unknown) => new WorkerError({ code: "WorkFolderUnusable", detail: String(cause) })

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, WorkerError> => Effect.tryPromise({ try: work, catch: failed })

/**
 * What is in use never goes. Of the rest what was not used for longest goes first: above the ceiling, and where others need the disk.
 *
 * @param folder absolute; made when it isn't there, shared with other workers of this machine
 * @param ceiling bytes
 * @param source where a coordinator's files are now
 * @param free bytes that may still be written there
 */
export const make = (
  folder: string,
  ceiling: number,
  source: (coordinator: string) => Effect.Effect<FileSource, WorkerError>,
  free: (folder: string) => number = freeBytes
): Effect.Effect<FileCache, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* attempt(() => fs.mkdir(folder, { recursive: true, mode: 0o700 }))
    const used = new Map<string, number>()
    /** Of files that were verified, by path. */
    const stamps = new Map<string, string>()
    /** Bytes in the folder, as far as this process knows: the folder itself is only looked through when they seem too many. */
    let total = 0

    /** Here, or at another worker that has touched it since. */
    const isBusy = (name: string, age: number): boolean => {
      const path = join(folder, name)
      return used.has(name) || (age < BUSY_MILLIS && stamps.get(path) !== stampOf(path))
    }
    const isTight = (size = 0): boolean => free(folder) < 2 * LEAST_FREE + size
    const makeRoomFor = (size: number) =>
      attempt(async () => {
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
        const most = Math.min(ceiling, Math.max(0, total + free(folder) - 2 * LEAST_FREE - size))
        for (const { mtimeMs, name, size } of files) {
          const age = Date.now() - mtimeMs
          const goes = name.endsWith(PART) ? age > ABANDONED_MILLIS : total > most && !isBusy(name, age)
          if (!goes) continue
          await fs.rm(join(folder, name), { force: true })
          total -= size
        }
      })

    const makeRoom = Effect.ignore(makeRoomFor(0))
    yield* makeRoom
    const look = Effect.suspend(() => (total > 0 && isTight() ? makeRoom : Effect.void))
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(LOOK)))

    const isMeant = ({ hash, size }: Fetched, found: { readonly hash: string; readonly size: number }): boolean =>
      found.hash === hash && found.size === size
    const verified = (path: string, file: Fetched) =>
      Effect.map(Effect.option(digestFile(path)), (found) => found._tag === "Some" && isMeant(file, found.value))

    /** Others go before a file that is used now. Its bytes are not hashed again while nobody has touched it. */
    const remember = (path: string) =>
      Effect.ignore(
        Effect.try(() => {
          const now = new Date()
          utimesSync(path, now, now)
          if (stamps.size >= REMEMBERED) stamps.clear()
          stamps.set(path, stampOf(path) ?? "")
        })
      )
    const touchUsed = Effect.suspend(() => {
      const whole = [...used.keys()].map((name) => join(folder, name)).filter((path) => stamps.get(path) === stampOf(path))
      return Effect.forEach(whole, remember, { discard: true })
    })
    yield* Effect.forkScoped(Effect.repeat(touchUsed, Schedule.spaced(TOUCH)))
    const isThere = (path: string, file: Fetched) =>
      Effect.flatMap(Effect.option(Effect.try(() => stampOf(path))), (found) => {
        const stamp = Option.getOrUndefined(found)
        if (stamp === undefined) return Effect.succeed(false)
        return stamps.get(path) === stamp ? Effect.succeed(true) : verified(path, file)
      })

    const otherBytes = (hash: string) =>
      new WorkerError({ code: "FileNotFetched", detail: `${hash} from the coordinator: other bytes came` })
    const fetchWhole = (file: Fetched, part: string) =>
      Effect.gen(function* () {
        const bytes = yield* fetchBytes(source(file.coordinator), file.hash)
        const hash = createHash("sha256").update(bytes).digest("hex")
        if (!isMeant(file, { hash, size: bytes.length })) return yield* otherBytes(file.hash)
        yield* Effect.try({ try: () => writeFileSync(part, bytes), catch: failed })
      })
    const fetchLarge = (file: Fetched, part: string) =>
      Effect.gen(function* () {
        yield* fetch(source(file.coordinator), file.hash, part)
        if (!(yield* verified(part, file))) return yield* otherBytes(file.hash)
      })

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
        if (yield* isThere(path, file)) {
          yield* remember(path)
          return path
        }
        if (isTight(file.size)) yield* Effect.ignore(makeRoomFor(file.size))
        const part = join(folder, `${file.hash}.${randomUUID()}${PART}`)
        yield* (file.size <= ONE_PIECE ? fetchWhole(file, part) : fetchLarge(file, part)).pipe(
          Effect.zipRight(attempt(() => fs.rename(part, path))),
          Effect.onError(() => Effect.ignore(attempt(() => fs.rm(part, { force: true }))))
        )
        yield* remember(path)
        total += file.size
        if (total > ceiling) yield* makeRoom
        return path
      })

    const files = yield* RcMap.make({ lookup })
    return {
      open: ({ extension, hash, size }, coordinator) => RcMap.get(files, new Fetched({ hash, size, extension, coordinator }))
    }
  })
