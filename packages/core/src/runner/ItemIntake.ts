import { Effect, Either, type Mailbox } from "effect"
import { lstatSync } from "node:fs"
import type { FoundFile } from "../scan/FoundFile.js"
import type { Refusal, SourceError } from "../scan/SourceError.js"
import { forNode } from "../stage/RawPath.js"
import type { ArrivedRow } from "../store/Arrived.js"
import type { Alike } from "../store/Items.js"
import type { FileStat } from "../store/FileStat.js"
import type { StoreError } from "../store/StoreError.js"
import * as ItemCompletion from "./ItemCompletion.js"
import type { RunState, ItemContext } from "./RunState.js"

/** Files that get their rows in one commit. */
export const FILES_A_BATCH = 64
/** How often content that another process works on is asked for again. */
const ASK_AGAIN = "250 millis"
/** After so long it is said which process that is. */
const NOTICE = "10 seconds"

/** A file that was found, with its content's hash where somebody knows it already. */
export type Found = FoundFile & { readonly contentHash?: string | undefined }

interface Identified {
  readonly file: Found
  readonly content: Either.Either<string, SourceError>
  readonly movedFrom: Alike | undefined
}

/** What is known of a file before it is read. */
interface Known {
  /** `undefined` where it must be read. */
  readonly content: string | undefined
  /** The item that it was under another name, if it has its content. */
  readonly former: Alike | undefined
}

const unseen: FileStat = { dev: 0n, ino: 0n, size: 0n, mtimeNs: 0n, ctimeNs: 0n }

const isThere = (path: string): boolean => lstatSync(forNode(path), { throwIfNoEntry: false }) !== undefined

export interface ItemIntake {
  /** Gives files their rows and locks, and lets them in. Returns when all of them have been handed over. */
  readonly admit: (files: ReadonlyArray<Found>) => Effect.Effect<void, StoreError>
  /** Writes down what can't be taken. */
  readonly refuse: (refusals: ReadonlyArray<Refusal>) => Effect.Effect<void, StoreError>
}

/**
 * @param queue where admitted items wait for a free slot; bounded, so that a folder of any size costs the same memory
 */
export const make = (state: RunState, queue: Mailbox.Mailbox<ItemContext>): ItemIntake => {
  const { database, hasher, hub, items, locks, compiled } = state
  const { id: plan } = compiled
  const { pipeline } = compiled.plan
  /** Rows that a renamed file has taken over in this run: hard links look like several renames of one file. */
  const moved = new Set<number>()

  /** The item that this file was under another name. Synchronous: short reads. */
  const formerly = (file: Found): Alike | undefined => {
    const former = items.likeStamp(file.path, file).find(({ id, path }) => !moved.has(id) && !isThere(path))
    if (former !== undefined) moved.add(former.id)
    return former
  }

  /** Synchronous: short reads. */
  const recognise = (file: Found): Known => {
    if (file.contentHash !== undefined) return { content: file.contentHash, former: undefined }
    if (file.status === "unfinished") {
      const item = file.item === undefined ? undefined : items.byId(file.item)
      return { content: item?.contentHash, former: undefined }
    }
    const former = formerly(file)
    // A new name can't be told from a change whose times were put back.
    return { content: former?.isTouched === false ? former.contentHash : undefined, former }
  }

  /** The content that these bytes are a form of: a file with other tags is filed under the hash that it had. */
  const filedUnder = (hash: string): string => {
    const row = database.row("SELECT content_hash FROM content_alias WHERE hash = ?", [hash])
    return row === undefined ? hash : String(row["content_hash"])
  }

  const identify = (files: ReadonlyArray<Found>): Effect.Effect<ReadonlyArray<Identified>, StoreError> =>
    Effect.gen(function* () {
      const known = yield* database.reading(() => files.map(recognise))
      const unread = files.filter((_, i) => known[i]?.content === undefined)
      const hashes = unread.length === 0 ? [] : yield* hasher.of(unread)
      const contents = yield* database.reading(() => hashes.map(Either.map(filedUnder)))
      const next = contents.values()
      return files.flatMap((file, i): ReadonlyArray<Identified> => {
        const { content: found, former } = known[i] ?? { content: undefined, former: undefined }
        const content = found === undefined ? next.next().value : Either.right(found)
        if (content === undefined) return []
        const isMoved = former !== undefined && Either.isRight(content) && content.right === former.contentHash
        return [{ file, content, movedFrom: isMoved ? former : undefined }]
      })
    })

  const enter = ({ id }: ArrivedRow, file: Found, contentHash: string): Effect.Effect<void> => {
    const itemContext: ItemContext = {
      item: id,
      path: file.path,
      relativePath: file.relativePath,
      contentHash,
      stat: file,
      size: Number(file.size),
      outcomes: [],
      open: compiled.nodes.map(({ needs }) => needs),
      held: []
    }
    state.inFlight.add(itemContext)
    return Effect.asVoid(queue.offer(itemContext))
  }

  /** An item whose lease is ours: somebody may have done it in the meantime. */
  const begin = (row: ArrivedRow, file: Found, contentHash: string): Effect.Effect<void, StoreError> =>
    row.isNew || state.rerun.size > 0 || state.dryRun?.purpose === "canary"
      ? enter(row, file, contentHash)
      : Effect.flatMap(
          database.reading(() => items.isDone(row.id, pipeline, plan)),
          (done) => {
            if (!done) return enter(row, file, contentHash)
            locks.release(contentHash)
            state.stats.unchanged(1)
            state.ended(row.id, file.path, "done")
            return Effect.void
          }
        )

  /** Waits for content that another process works on. */
  const later = ({ id }: ArrivedRow, file: Found, contentHash: string): Effect.Effect<void, StoreError> => {
    const row = { id, isNew: false }
    return Effect.flatMap(Effect.zipRight(Effect.sleep(ASK_AGAIN), locks.acquire([contentHash])), ([got]) =>
      got === true ? begin(row, file, contentHash) : later(row, file, contentHash)
    )
  }

  let isTold = false
  /** Says once a run whom it waits for: a process that was stopped keeps its files until it goes on or ends. */
  const tellHolder = (content: string, files: number) =>
    Effect.flatMap(locks.holder(content), (holder) => {
      if (isTold || holder === undefined) return Effect.void
      isTold = true
      return Effect.logWarning(
        `Waiting for ${holder}, which works on ${files === 1 ? "a file" : `${files} files`} of this library`
      )
    })

  const batch = (files: ReadonlyArray<Found>): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      const identified = yield* identify(files)
      const contents = identified.flatMap(({ content }) => (Either.isRight(content) ? [content.right] : []))
      const [rows, claims] = yield* Effect.all(
        [
          items.arrive(
            identified.map(({ content, file, movedFrom }) => ({
              path: file.path,
              stamp: file,
              contentHash: Either.getOrUndefined(content),
              movedFrom: movedFrom?.id,
              isNew: file.status === "new" && movedFrom === undefined
            }))
          ),
          locks.acquire(contents)
        ],
        { concurrency: 2 }
      )
      const claimed = claims[Symbol.iterator]()
      const elsewhere: Array<Effect.Effect<void, StoreError>> = []
      let awaited = ""
      for (const [i, { content, file, movedFrom }] of identified.entries()) {
        const row = rows[i]
        if (row === undefined) continue
        if (movedFrom !== undefined && hub.isHeard())
          hub.tell({ _tag: "ItemMoved", pipeline, item: row.id, path: file.path, from: movedFrom.path })
        if (Either.isLeft(content)) ItemCompletion.refused(state, row.id, file.path, content.left)
        else if (claimed.next().value === true) yield* begin(row, file, content.right)
        else {
          awaited = content.right
          elsewhere.push(later(row, file, content.right))
        }
      }
      if (elsewhere.length === 0) return
      yield* Effect.raceFirst(
        Effect.all(elsewhere, { concurrency: "unbounded", discard: true }),
        Effect.zipRight(Effect.delay(tellHolder(awaited, elsewhere.length), NOTICE), Effect.never)
      )
    })

  return {
    admit: batch,
    refuse: (refusals) =>
      Effect.map(items.arrive(refusals.map(({ path }) => ({ path, stamp: unseen, contentHash: undefined }))), (rows) =>
        rows.forEach((row, i) => {
          const refusal = refusals[i]
          if (refusal !== undefined) ItemCompletion.refused(state, row.id, refusal.path, refusal.error)
        })
      )
  }
}
