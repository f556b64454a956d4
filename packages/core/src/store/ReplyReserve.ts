import { Effect, type Scope } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { join } from "node:path"
import type { Value } from "../stage/Library.js"
import { makeFolder } from "../stage/makeFolder.js"
import { crashPoint } from "./CrashPoint.js"
import type { ProcessLock } from "./ProcessLock.js"
import { StoreError } from "./StoreError.js"

/** Bytes: more than all requests that are ever under way bring back. */
const ROOM = 1024 * 1024

/** A reply as the values of the statement that writes it. */
export type Line = ReadonlyArray<Value>

/**
 * Room on the disk for replies that are paid for and can't be written into the database because the disk is full. It is laid aside
 * before the first request, one file an owner, and written over in its place, which needs no more of the disk.
 */
export interface ReplyReserve {
  /** Lays the room aside; free when it is there. Without it no request may be made. */
  readonly ready: Effect.Effect<void, StoreError>
  /** Returns when the line is on the disk. */
  readonly keep: (line: Line) => Effect.Effect<void, StoreError>
  /** Forgets all lines: they are in the database. */
  readonly clear: Effect.Effect<void, StoreError>
  /** Hands over what dead owners kept, and removes it when that has been written. */
  readonly adopt: <E>(write: (lines: ReadonlyArray<Line>) => Effect.Effect<void, E>) => Effect.Effect<void, E | StoreError>
}

const notWritten = (cause: unknown) => new StoreError({ code: "DatabaseNotWritten", detail: String(cause) })
const attempt = <A>(act: () => Promise<A>): Effect.Effect<A, StoreError> =>
  Effect.uninterruptible(Effect.tryPromise({ try: act, catch: notWritten }))

const isValue = (value: unknown): value is Value => value === null || typeof value === "string" || typeof value === "number"

/** The lines that were written whole. */
const linesOf = (bytes: Buffer): ReadonlyArray<Line> => {
  const end = bytes.indexOf(0)
  return bytes
    .toString("utf8", 0, end === -1 ? bytes.length : end)
    .split("\n")
    .flatMap((text) => {
      try {
        const line: unknown = JSON.parse(text)
        return Array.isArray(line) && line.every(isValue) ? [line] : []
      } catch {
        // The process died while it wrote this one: it never said that it was kept.
        return []
      }
    })
}

/** Empty when another process has taken it over meanwhile. */
const readThere = async (file: string): Promise<Buffer> => (existsSync(file) ? fs.readFile(file) : Buffer.alloc(0))

/** @param folder absolute path of the state folder */
export const make = (folder: string, owner: ProcessLock["Type"]): Effect.Effect<ReplyReserve, never, Scope.Scope> =>
  Effect.gen(function* () {
    const all = join(folder, "replies")
    const mine = join(all, owner.id)
    let file: fs.FileHandle | undefined
    let used = 0
    const alone = yield* Effect.makeSemaphore(1)

    const layAside = async () => {
      makeFolder(all)
      const opened = await fs.open(mine, "w+")
      try {
        await opened.writeFile(Buffer.alloc(ROOM))
        await opened.sync()
      } catch (cause) {
        await opened.close()
        await fs.rm(mine, { force: true })
        throw cause
      }
      file = opened
    }
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        await file?.close()
        // What is still in it is the next run's.
        if (used === 0) await fs.rm(mine, { force: true })
      })
    )
    const write = async (to: fs.FileHandle, bytes: Buffer, at: number) => {
      crashPoint("keep")
      const { bytesWritten } = await to.write(bytes, 0, bytes.length, at)
      if (bytesWritten < bytes.length) throw new Error("the disk took only a part of it")
      await to.datasync()
    }
    const ready = Effect.suspend(() => (file === undefined ? attempt(layAside) : Effect.void))
    return {
      ready: Effect.suspend(() => (file === undefined ? alone.withPermits(1)(ready) : Effect.void)),
      keep: (line) =>
        alone.withPermits(1)(
          Effect.suspend(() => {
            const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
            const to = file
            if (to === undefined || used + bytes.length >= ROOM) return Effect.fail(notWritten("no room is left for replies"))
            return Effect.map(
              attempt(() => write(to, bytes, used)),
              () => void (used += bytes.length)
            )
          })
        ),
      clear: alone.withPermits(1)(
        Effect.suspend(() => {
          const to = file
          if (to === undefined || used === 0) return Effect.void
          return Effect.map(
            attempt(() => write(to, Buffer.alloc(used), 0)),
            () => void (used = 0)
          )
        })
      ),
      adopt: (hand) =>
        Effect.gen(function* () {
          const owners = existsSync(all) ? yield* attempt(() => fs.readdir(all)) : []
          for (const dead of owners.filter((id) => !owner.lives(id))) {
            const lines = linesOf(yield* attempt(() => readThere(join(all, dead))))
            if (lines.length > 0) yield* hand(lines)
            yield* attempt(() => fs.rm(join(all, dead), { force: true }))
          }
        })
    }
  })
