import { type FoundFile, same } from "../scan/FoundFile.js"
import type { Refusal } from "../scan/SourceError.js"
import * as StabilityCheck from "../scan/StabilityCheck.js"
import type { State } from "../store/Items.js"
import type { FileStat } from "../store/FileStat.js"

/** Above this a scan waits: what is seen and not yet handed over must fit in memory. */
const MOST_SCANNED = 10_000
/** Above this events are let go too; a scan finds the files again. */
const MOST = 50_000
/** How many of the files that wait for an outside service are tried before all are. */
const PROBES = 8

/** What a session knows of files that are seen and not done, so that each is handed over once for each state it is in. */
export interface PendingFiles {
  /** Takes in what a look saw, which was made between `from` and `to` by a clock that only goes forward; nanoseconds. */
  readonly take: (files: ReadonlyArray<FoundFile>, from: bigint, to: bigint) => void
  readonly refuse: (refusals: ReadonlyArray<Refusal>) => void
  readonly forget: (path: string) => void

  /** The next files to be worked on, from now on counted as under way. */
  readonly ready: (limit: number) => ReadonlyArray<FoundFile>
  /** Refusals that nobody was told of. */
  readonly refused: () => ReadonlyArray<Refusal>
  /** Files to look at once more. */
  readonly due: (at: bigint, limit: number) => ReadonlyArray<FoundFile>
  /** When the next one is due. */
  readonly next: () => bigint | undefined
  /** A file that was handed over has ended. */
  readonly ended: (item: number, path: string, state: State) => void

  readonly isFull: () => boolean
  /** Whether files were let go since the last question, and there is room for them now. */
  readonly hasMissed: () => boolean
  /** Paths of files that wait for an outside service and are tried again now: a few, and once one of those did better, all. */
  readonly retry: () => ReadonlyArray<string>
  /** All of them. */
  readonly retryAll: () => ReadonlyArray<string>
  /** Whether the last file that ended did not have to wait. */
  readonly isServed: () => boolean
}

/**
 * @param settle nanoseconds
 * @param hasFailed whether the item table says now that the item failed: nobody asked for it to be tried again
 */
export const make = (settle: bigint, hasFailed: (item: number) => boolean): PendingFiles => {
  const settled = StabilityCheck.make<FoundFile>(settle)
  const ready = new Map<string, FoundFile>()
  const underWay = new Map<string, FileStat>()
  /** Rows of items that failed since the session began. */
  const failed = new Set<number>()
  const waiting = new Map<string, FileStat>()
  const refusedBefore = new Map<string, string>()
  let refused: Array<Refusal> = []
  let missed = false
  let isServed = true

  const again = (paths: ReadonlyArray<string>): ReadonlyArray<string> => {
    for (const path of paths) waiting.delete(path)
    return paths
  }
  const size = () => settled.size() + ready.size
  const isKnown = (file: FoundFile): boolean => {
    const handed = ready.get(file.path) ?? underWay.get(file.path) ?? waiting.get(file.path)
    if (handed !== undefined && same(handed, file)) return true
    if (file.status !== "unfinished" || file.item === undefined || !failed.has(file.item)) return false
    if (hasFailed(file.item)) return true
    failed.delete(file.item)
    return false
  }
  const take = (file: FoundFile, from: bigint, to: bigint): void => {
    refusedBefore.delete(file.path)
    if (isKnown(file)) return settled.forget(file.path)
    if (size() >= MOST && !settled.has(file.path)) {
      missed = true
      return
    }
    ready.delete(file.path)
    // An unfinished file is as it was when it had settled before.
    if (file.status !== "unfinished" && !settled.see(file, from, to)) return
    settled.forget(file.path)
    waiting.delete(file.path)
    ready.set(file.path, file)
  }
  return {
    take: (files, from, to) => {
      for (const file of files) take(file, from, to)
    },
    refuse: (refusals) => {
      for (const refusal of refusals) {
        settled.forget(refusal.path)
        if (refusedBefore.get(refusal.path) === refusal.error.code) continue
        refusedBefore.set(refusal.path, refusal.error.code)
        refused.push(refusal)
      }
    },
    forget: (path) => {
      settled.forget(path)
      ready.delete(path)
      refusedBefore.delete(path)
    },
    ready: (limit) => {
      const files: Array<FoundFile> = []
      for (const file of ready.values()) {
        if (files.length === limit) break
        files.push(file)
      }
      for (const file of files) {
        ready.delete(file.path)
        underWay.set(file.path, file)
      }
      return files
    },
    refused: () => {
      const taken = refused
      refused = []
      return taken
    },
    due: settled.due,
    next: settled.next,
    ended: (item, path, state) => {
      const stamp = underWay.get(path)
      underWay.delete(path)
      isServed = state !== "waiting"
      if (state === "failed") failed.add(item)
      if (state === "waiting" && stamp !== undefined) waiting.set(path, stamp)
    },
    isFull: () => size() > MOST_SCANNED,
    hasMissed: () => {
      if (!missed || size() > MOST_SCANNED) return false
      missed = false
      return true
    },
    retry: () => again([...waiting.keys()].slice(0, isServed ? waiting.size : PROBES)),
    retryAll: () => again([...waiting.keys()]),
    isServed: () => isServed
  }
}
