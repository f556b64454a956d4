import { Effect, Option, type Scope } from "effect"
import { Database } from "../store/Database.js"
import { Owner } from "../store/Owner.js"
import type { StoreError } from "../store/StoreError.js"
import { WatchError } from "./WatchError.js"

const NAME = "watcher"

const TAKE = `INSERT INTO fact (name, value) VALUES ('${NAME}', ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value = ? RETURNING value`
const LEAVE = `DELETE FROM fact WHERE name = '${NAME}' AND value = ?`

/** The owner that said last that it watches. */
const named: Effect.Effect<Option.Option<string>, StoreError, Database> = Effect.flatMap(Database, (database) =>
  database.reading(() => {
    const row = database.row(`SELECT value FROM fact WHERE name = '${NAME}'`, [])
    return Option.map(Option.fromNullable(row?.["value"]), String)
  })
)

/** The owner that watches with this state folder, if it lives. */
export const holder: Effect.Effect<Option.Option<string>, StoreError, Database | Owner> = Effect.gen(function* () {
  const owner = yield* Owner
  return Option.filter(yield* named, owner.lives)
})

/**
 * Makes this process the state folder's one watcher until the scope closes. A watcher that died, however it did, is in nobody's way:
 * the system has taken its owner's lock.
 */
export const take: Effect.Effect<void, WatchError | StoreError, Database | Owner | Scope.Scope> = Effect.gen(function* () {
  const database = yield* Database
  const owner = yield* Owner
  const runs = new WatchError({ code: "WatcherRuns", detail: "there is a watcher already" })
  const former = yield* named
  if (Option.exists(former, owner.lives)) return yield* runs
  yield* Effect.acquireRelease(
    Effect.flatMap(database.write([{ sql: TAKE, values: [owner.id, Option.getOrElse(former, () => "")] }]), ([written]) =>
      written?.rows.length === 1 ? Effect.void : Effect.fail(runs)
    ),
    () => Effect.ignore(database.write([{ sql: LEAVE, values: [owner.id] }]))
  )
})
