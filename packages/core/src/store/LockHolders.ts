// Loaded by the writer's thread: no import but Node's.
import { readFileSync, statSync } from "node:fs"

/**
 * Of a file, which other processes have a lock that keeps writers out, as "process 12 (python3)" or "process 12 (node, stopped)". Empty
 * where the system doesn't say.
 */
export const of = (file: string): ReadonlyArray<string> => {
  try {
    return pids(readFileSync("/proc/locks", "utf8"), [inode(file), inode(`${file}-shm`)]).map(
      (pid) => `process ${pid} (${nameOf(pid)}${isStopped(pid) ? ", stopped" : ""})`
    )
  } catch {
    return []
  }
}

/** @param locks the text of Linux's `/proc/locks` */
export const pids = (locks: string, inodes: ReadonlyArray<string>): ReadonlyArray<number> => {
  const found = new Set<number>()
  for (const line of locks.split("\n")) {
    const [, , , mode, pid, place] = line.trim().split(/\s+/)
    const holder = Number(pid)
    if (mode === "WRITE" && inodes.includes(place?.split(":")[2] ?? "") && holder > 0 && holder !== process.pid) found.add(holder)
  }
  return [...found]
}

const inode = (path: string): string => String(statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? "none")

const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim()

/** Whether a signal has stopped it: it goes on when another one tells it to, and holds what it holds. */
const isStopped = (pid: number): boolean => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  return /^[Tt]/.test(stat.slice(stat.lastIndexOf(")") + 2))
}
