import Sqlite from "better-sqlite3"
import { Context, Effect, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { platform } from "node:os"
import { join } from "node:path"
import { makeFolder } from "../stage/makeFolder.js"
import * as LockHolders from "./LockHolders.js"
import { type StoreError, unusable } from "./StoreError.js"

/**
 * This process, as others see it. It holds an exclusive lock on `owners/<id>.lock`, which the system takes away when it dies,
 * however it dies: no clock, no process id that another one may have got, and it holds across containers of one kernel.
 * (SQLite takes the lock: Node has no call for it.)
 */
export interface Service {
  readonly id: string
  /** Whether that owner's process lives. */
  readonly lives: (id: string) => boolean
  /** That owner's process, for people: "process 12 (node)"; `undefined` where the system doesn't say. */
  readonly nameOf: (id: string) => string | undefined
  /** Absolute; this process's own, on the artifacts' file system. */
  readonly temporary: string
  /** Remembers a child process while the scope is open: the next start ends it if this process dies without doing so. */
  readonly child: (pid: number) => Effect.Effect<void, never, Scope.Scope>
}

/** Nothing is ever written: without this setting SQLite would still lay a journal beside the file. */
const exclude = (connection: Sqlite.Database): void => {
  connection.pragma("journal_mode = MEMORY")
  connection.exec("BEGIN EXCLUSIVE")
}

const lock = (file: string): Sqlite.Database => {
  const connection = new Sqlite(file, { timeout: 0 })
  exclude(connection)
  return connection
}

/** The lock when nobody holds it. */
const tryLock = (file: string): Sqlite.Database | undefined => {
  let connection: Sqlite.Database | undefined
  try {
    connection = new Sqlite(file, { timeout: 0, fileMustExist: true })
    exclude(connection)
    return connection
  } catch {
    connection?.close()
    return undefined
  }
}

/** What tells a process from a later one with the same id; empty where the system doesn't say. */
const startTime = (pid: number): string => {
  if (platform() !== "linux") return ""
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    return ""
  }
}

/** Whether the process of an owner lives, for whoever only reads. @param folder absolute path of the state folder */
export const isAlive = (folder: string, id: string): boolean => {
  const file = join(folder, "owners", `${id}.lock`)
  const held = tryLock(file)
  held?.close()
  return held === undefined && existsSync(file)
}

const names = (folder: string): ReadonlyArray<string> => (existsSync(folder) ? readdirSync(folder) : [])

const endChildren = (folder: string): void => {
  for (const name of names(folder)) {
    const started = readFileSync(join(folder, name), "utf8")
    if (started === "" || started !== startTime(Number(name))) continue
    try {
      process.kill(Number(name), "SIGKILL")
    } catch {
      // It ended in the meantime.
    }
  }
}

/** Milliseconds after which nobody is between making a lock and naming it. */
const NAMING = 60_000

/** Locks whose owner died, or failed, before they had their name. */
const removeNameless = (folder: string): void => {
  for (const name of names(folder).filter((name) => name.endsWith(".lock.new"))) {
    const file = join(folder, name)
    const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - made < NAMING) continue
    const held = tryLock(file)
    if (held === undefined) continue
    rmSync(file, { force: true })
    held.close()
  }
}

/** Ends the children of dead owners and removes what they left half done. */
const reap = (folder: string): void => {
  removeNameless(join(folder, "owners"))
  for (const name of names(join(folder, "owners")).filter((name) => name.endsWith(".lock"))) {
    const held = tryLock(join(folder, "owners", name))
    if (held === undefined) continue
    const id = name.slice(0, -".lock".length)
    endChildren(join(folder, "children", id))
    rmSync(join(folder, "children", id), { recursive: true, force: true })
    rmSync(join(folder, "temporary", id), { recursive: true, force: true })
    rmSync(join(folder, "owners", name), { force: true })
    held.close()
  }
}

/** @param folder absolute path of the state folder */
export const make = (folder: string): Effect.Effect<Service, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const id = randomUUID()
    const file = join(folder, "owners", `${id}.lock`)
    const children = join(folder, "children", id)
    const temporary = join(folder, "temporary", id)
    yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          makeFolder(join(folder, "owners"))
          reap(folder)
          // Locked before it has its name: a name without a lock means death.
          const held = lock(`${file}.new`)
          renameSync(`${file}.new`, file)
          makeFolder(temporary)
          makeFolder(children)
          return held
        },
        catch: unusable(folder)
      }).pipe(Effect.tapError(() => Effect.sync(() => rmSync(`${file}.new`, { force: true })))),
      (held) =>
        Effect.sync(() => {
          rmSync(children, { recursive: true, force: true })
          rmSync(temporary, { recursive: true, force: true })
          rmSync(file, { force: true })
          held.close()
        })
    )
    return {
      id,
      lives: (other) => other === id || isAlive(folder, other),
      nameOf: (other) => LockHolders.of(join(folder, "owners", `${other}.lock`))[0],
      temporary,
      child: (pid) =>
        Effect.acquireRelease(
          Effect.sync(() => writeFileSync(join(children, String(pid)), startTime(pid))),
          () => Effect.sync(() => rmSync(join(children, String(pid)), { force: true }))
        )
    }
  })

/** This process among those that work with a state folder. */
export class ProcessLock extends Context.Tag("@mediaspool/core/Owner")<ProcessLock, Service>() {}
