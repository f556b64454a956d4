import { Effect, Option, Schedule, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { confirmEmptied } from "../scan/FolderIdentity.js"
import { Database } from "../store/Database.js"
import type { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import { WatchError } from "./WatchError.js"
import * as WatchLock from "./WatchLock.js"

/**
 * What a person wants of a watcher. It stands in the database, where any process can write it, and a pause outlives the watcher.
 * Every wish is new text, so that the same wish again is noticed.
 */
const PREFIX = "watch "
const DRAIN = "watch-drain"
const RESCAN = "watch-rescan"

/** How often a watcher reads its wishes: a read of some microseconds. */
const EVERY = "500 millis"

const put = (name: string, value: string) => ({
  sql: "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  values: [name, value]
})
const write = (name: string, value: string): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, (database) => database.write([put(name, value)]))

/** The pipeline begins nothing new, in the watcher that runs and in later ones, until it is resumed. */
export const pause = (pipeline: string): Effect.Effect<void, StoreError, Database> =>
  Effect.suspend(() => write(PREFIX + pipeline, `paused ${randomUUID()}`))

/**
 * Ends a pause. It is also the word of a person who has mended what stopped the pipeline, or says that what vanished from its
 * folder is really gone.
 *
 * @param folder the pipeline's source folder
 */
export const resume = (pipeline: string, folder: string): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(confirmEmptied(folder), () => write(PREFIX + pipeline, `resumed ${randomUUID()}`))

const watcher: Effect.Effect<WatchLock.Holder, WatchError | StoreError, Database | ProcessLock> = Effect.flatMap(
  WatchLock.holder,
  Option.match({
    onNone: () => Effect.fail(new WatchError({ code: "NoWatcher", detail: "no watcher is running" })),
    onSome: Effect.succeed
  })
)

/** The watcher finishes what it has begun, and ends. Gives which one that is. */
export const drain: Effect.Effect<WatchLock.Holder, WatchError | StoreError, Database | ProcessLock> = Effect.tap(
  watcher,
  ({ owner }) => write(DRAIN, owner)
)

/** The watcher scans its folders now, and takes up what was requeued. Without a watcher there is nothing to tell. */
export const rescan: Effect.Effect<void, StoreError, Database> = Effect.suspend(() => write(RESCAN, randomUUID()))

/** A person's wishes as they stand. */
export interface WatcherCommands {
  /** By pipeline. */
  readonly pipelines: ReadonlyMap<string, { readonly isPaused: boolean; readonly wish: string }>
  /** The owner that is to drain. */
  readonly drain: string | undefined
  readonly rescan: string | undefined
}

/** What people have asked of the watcher, and still holds. */
export const read: Effect.Effect<WatcherCommands, StoreError, Database> = Effect.flatMap(Database, (database) =>
  database.reading(() => {
    const rows = database.rows("SELECT name, value FROM fact WHERE name >= 'watch' AND name < 'wati'", [])
    const facts = rows.map((row) => [String(row["name"]), String(row["value"])] as const)
    const value = (name: string) => facts.find(([other]) => other === name)?.[1]
    const pipelines = facts.flatMap(([name, wish]) =>
      name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), { isPaused: wish.startsWith("paused"), wish }] as const] : []
    )
    return { pipelines: new Map(pipelines), drain: value(DRAIN), rescan: value(RESCAN) }
  })
)

/** Whether a person has said since that work should go on: `resume`, `requeue`. */
export const isGoAhead = (before: WatcherCommands, now: WatcherCommands): boolean =>
  now.rescan !== before.rescan ||
  [...now.pipelines].some(([name, { isPaused, wish }]) => !isPaused && wish !== before.pipelines.get(name)?.wish)

/** The wishes now and from now on; the same ones may come again. */
export const commands: Stream.Stream<WatcherCommands, StoreError, Database> = Stream.repeatEffectWithSchedule(
  read,
  Schedule.spaced(EVERY)
)
