import { Effect, Option, Schema, type Scope } from "effect"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { Database } from "../store/Database.js"
import { isAlive, ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import { WatchError } from "./WatchError.js"

/** The process that watches, as it said of itself. Whether it lives, its owner's lock tells; the rest is for people. */
export class Holder extends Schema.Class<Holder>("@mediaspool/WatchLock/Holder")({
  owner: Schema.String,
  pid: Schema.Number,
  host: Schema.String
}) {
  /** `process 4711`; on which machine, or in which container, where that is another one. */
  get name(): string {
    return `process ${this.pid}${this.host === hostname() ? "" : ` on ${this.host}`}`
  }
}

const NAME = "watcher"
const Stored = Schema.parseJson(Holder)

const TAKE = `INSERT INTO fact (name, value) VALUES ('${NAME}', ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value = ? RETURNING value`
const LEAVE = `DELETE FROM fact WHERE name = '${NAME}' AND value = ?`

/** What the last watcher left, if it did not leave in good order. */
const left: Effect.Effect<string, StoreError, Database> = Effect.flatMap(Database, (database) =>
  database.reading(() => String(database.row(`SELECT value FROM fact WHERE name = '${NAME}'`, [])?.["value"] ?? ""))
)

/** Who watches with this state folder, if anybody. */
export const holder: Effect.Effect<Option.Option<Holder>, StoreError, Database | ProcessLock> = Effect.gen(function* () {
  const owner = yield* ProcessLock
  return Option.filter(Schema.decodeOption(Stored)(yield* left), (known) => owner.lives(known.owner))
})

/** The same for whoever only reads. */
export const present: Effect.Effect<Option.Option<Holder>, StoreError, Database> = Effect.gen(function* () {
  const { file } = yield* Database
  return Option.filter(Schema.decodeOption(Stored)(yield* left), ({ owner }) => isAlive(dirname(file), owner))
})

/**
 * Makes this process the state folder's one watcher until the scope closes. A watcher that died, however it did, is in nobody's way:
 * the system has taken its owner's lock.
 */
export const take: Effect.Effect<void, WatchError | StoreError, Database | ProcessLock | Scope.Scope> = Effect.gen(function* () {
  const database = yield* Database
  const { id } = yield* ProcessLock
  const former = yield* left
  const runs = Effect.flatMap(
    holder,
    Option.match({
      onNone: () => Effect.void,
      onSome: ({ name }) => new WatchError({ code: "WatcherRuns", detail: `${name} watches already` })
    })
  )
  yield* runs
  const own = Schema.encodeSync(Stored)(new Holder({ owner: id, pid: process.pid, host: hostname() }))
  yield* Effect.acquireRelease(database.write([{ sql: TAKE, values: [own, former] }]), () =>
    Effect.ignore(database.write([{ sql: LEAVE, values: [own] }]))
  )
  // Somebody else may have been faster.
  if ((yield* left) !== own) {
    yield* runs
    return yield* new WatchError({ code: "WatcherRuns", detail: "another process began to watch at the same moment" })
  }
})
