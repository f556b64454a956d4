import { Effect, type Scope } from "effect"
import { createHash } from "node:crypto"
import { promises as fs, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import { basename, dirname, join } from "node:path"

/** Bytes of a file's name that its copy's name begins with: a name may have 255. */
const NAME_BYTES = 180

/** Who the numbers of processes belong to: this machine, and in a container this container. */
const machine = (): string => {
  const space = (() => {
    try {
      return readlinkSync("/proc/self/ns/pid")
    } catch {
      return ""
    }
  })()
  return createHash("sha256").update(`${hostname()} ${space}`).digest("hex").slice(0, 6)
}

/** The end of a copy's name: machine, process. What a program that helps writes beside it ends in `.xml`. */
const ENDING = /\.([0-9a-f]{6})-(\d+)\.part(?:\.xml)?$/

const shortened = (name: string): string => {
  const bytes = Buffer.from(name)
  return bytes.length <= NAME_BYTES
    ? name
    : bytes
        .subarray(0, NAME_BYTES)
        .toString("utf8")
        .replace(/\ufffd$/, "")
}

/** A name beside a file for the copy that is to take its place; nothing stays under it when the scope ends. */
export const nameFor = (path: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => join(dirname(path), `.${shortened(basename(path))}.${machine()}-${process.pid}.part`)),
    (copy) => Effect.promise(() => fs.rm(copy, { force: true }))
  )

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM"
  }
}

/** Removes from a folder the copies of processes of this machine that were killed. What can't be removed stays: it is in nobody's way. */
export const removeLeft = (folder: string): Effect.Effect<void> =>
  Effect.ignore(
    Effect.tryPromise(async () => {
      const here = machine()
      for (const name of await fs.readdir(folder)) {
        const [, on, pid] = ENDING.exec(name) ?? []
        if (name.startsWith(".") && on === here && !isAlive(Number(pid))) await fs.rm(join(folder, name), { force: true })
      }
    })
  )
