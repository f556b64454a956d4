import { Effect, Either, type Mailbox } from "effect"
import { lstatSync } from "node:fs"
import type { FoundFile } from "../source/FoundFile.js"
import type { Refusal, SourceError } from "../source/SourceError.js"
import { forNode } from "../stage/RawPath.js"
import type { Stamp } from "../store/Items.js"
import type { StoreError } from "../store/StoreError.js"
import * as Ending from "./Ending.js"
import type { RunState, Traveller } from "./RunState.js"

/** Files that get their rows in one commit. */
export const FILES_A_BATCH = 64
/** Files of a batch that are read at the same time. */
const READ_AT_ONCE = 8
/** How often content that another process works on is asked for again. */
const ASK_AGAIN = "250 millis"

/** A file that was found, with its content's hash where somebody knows it already. */
export type Found = FoundFile & { readonly contentHash?: string | undefined }

/** Gives the content hash of a file, unless it changes meanwhile. */
export type ReadContent = (file: FoundFile) => Effect.Effect<string, SourceError>

interface Identified {
  readonly file: Found
  readonly content: Either.Either<string, SourceError>
  readonly movedFrom: number | undefined
}

const unseen: Stamp = { dev: 0n, ino: 0n, size: 0n, mtimeNs: 0n, ctimeNs: 0n }

const isThere = (path: string): boolean => lstatSync(forNode(path), { throwIfNoEntry: false }) !== undefined

export interface Admission {
  /** Gives files their rows and leases, and lets them in. Returns when all of them have been handed over. */
  readonly admit: (files: ReadonlyArray<Found>) => Effect.Effect<void, StoreError>
  /** Writes down what can't be taken. */
  readonly refuse: (refusals: ReadonlyArray<Refusal>) => Effect.Effect<void, StoreError>
}

/**
 * @param door where admitted items wait for a free slot; bounded, so that a folder of any size costs the same memory
 */
export const make = (state: RunState, door: Mailbox.Mailbox<Traveller>, read: ReadContent): Admission => {
  const { database, items, leases, ready } = state
  const { id: plan } = ready
  const { pipeline } = ready.plan
  /** Rows that a renamed file has taken over in this run: hard links look like several renames of one file. */
  const moved = new Set<number>()

  /** The item that this file was under another name. */
  const formerly = (file: Found) =>
    database.reading(() => {
      const former = items.likeStamp(file.path, file).find(({ id, path }) => !moved.has(id) && !isThere(path))
      if (former !== undefined) moved.add(former.id)
      return former
    })

  const identify = (file: Found): Effect.Effect<Identified, StoreError> =>
    Effect.gen(function* () {
      if (file.contentHash !== undefined) return { file, content: Either.right(file.contentHash), movedFrom: undefined }
      if (file.status === "unfinished" && file.item !== undefined) {
        const id = file.item
        const known = yield* database.reading(() => items.byId(id)?.contentHash)
        if (known !== undefined) return { file, content: Either.right(known), movedFrom: undefined }
      }
      const former = file.status === "unfinished" ? undefined : yield* formerly(file)
      return former?.contentHash !== undefined
        ? { file, content: Either.right(former.contentHash), movedFrom: former.id }
        : { file, content: yield* Effect.either(read(file)), movedFrom: undefined }
    })

  const enter = (id: number, file: Found, contentHash: string): Effect.Effect<void> => {
    const traveller: Traveller = {
      item: id,
      path: file.path,
      relativePath: file.relativePath,
      contentHash,
      size: Number(file.size),
      outcomes: [],
      open: ready.nodes.map(({ needs }) => needs),
      flying: new Set()
    }
    state.travellers.add(traveller)
    return Effect.asVoid(door.offer(traveller))
  }

  /** An item whose lease is ours: somebody may have done it in the meantime. */
  const begin = (id: number, file: Found, contentHash: string, mayBeDone: boolean): Effect.Effect<void, StoreError> =>
    mayBeDone && state.rerun.size === 0
      ? Effect.flatMap(
          database.reading(() => items.isDone(id, pipeline, plan)),
          (done) => {
            if (!done) return enter(id, file, contentHash)
            leases.release(contentHash)
            state.tally.unchanged(1)
            return Effect.void
          }
        )
      : enter(id, file, contentHash)

  /** Waits for content that another process works on. */
  const later = (id: number, file: Found, contentHash: string): Effect.Effect<void, StoreError> =>
    Effect.flatMap(Effect.zipRight(Effect.sleep(ASK_AGAIN), leases.claim([contentHash])), ([got]) =>
      got === true ? begin(id, file, contentHash, true) : later(id, file, contentHash)
    )

  const batch = (files: ReadonlyArray<Found>): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      const identified = yield* Effect.forEach(files, identify, { concurrency: READ_AT_ONCE })
      const contents = identified.flatMap(({ content }) => (Either.isRight(content) ? [content.right] : []))
      const [ids, claims] = yield* Effect.all(
        [
          items.arrive(
            identified.map(({ content, file, movedFrom }) => ({
              path: file.path,
              stamp: file,
              contentHash: Either.getOrUndefined(content),
              movedFrom
            }))
          ),
          leases.claim(contents)
        ],
        { concurrency: 2 }
      )
      const claimed = claims[Symbol.iterator]()
      const elsewhere: Array<Effect.Effect<void, StoreError>> = []
      for (const [i, { content, file, movedFrom }] of identified.entries()) {
        const id = ids[i] ?? 0
        if (Either.isLeft(content)) Ending.refused(state, id, file.path, content.left)
        else if (claimed.next().value === true)
          yield* begin(id, file, content.right, file.status !== "new" || movedFrom !== undefined)
        else elsewhere.push(later(id, file, content.right))
      }
      yield* Effect.all(elsewhere, { concurrency: "unbounded", discard: true })
    })

  return {
    admit: batch,
    refuse: (refusals) =>
      Effect.map(items.arrive(refusals.map(({ path }) => ({ path, stamp: unseen, contentHash: undefined }))), (ids) =>
        refusals.forEach(({ error, path }, i) => Ending.refused(state, ids[i] ?? 0, path, error))
      )
  }
}
