import { Effect, Schedule } from "effect"
import { Database } from "../store/Database.js"
import { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"

/** What a person wants of a run. It stands in the database, where any process can write it, and goes when the run ends. */
const nameOf = (run: number): string => `run-drain ${run}`

/** How often a run looks whether it is asked to stop: a read of some microseconds. */
const EVERY = "500 millis"

/** The run finishes what it has begun, and ends; whichever process it runs in. One that has ended hears nothing of it. */
export const drain = (run: number): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.write([
      {
        sql: "INSERT INTO fact (name, value) SELECT ?, '' FROM run WHERE id = ? AND outcome IS NULL ON CONFLICT DO NOTHING",
        values: [nameOf(run), run]
      }
    ])
  ).pipe(Effect.asVoid)

const isAsked = (database: Database["Type"], run: number): Effect.Effect<boolean, StoreError> =>
  database.reading(() => database.row("SELECT 1 AS found FROM fact WHERE name = ?", [nameOf(run)]) !== undefined)

/** Whether the process of a run's owner lives. */
export const alive: Effect.Effect<(owner: string) => boolean, never, ProcessLock> = Effect.map(ProcessLock, ({ lives }) => lives)

/** Ends when the run is asked to. */
export const asked = (database: Database["Type"], run: number): Effect.Effect<void, StoreError> =>
  Effect.asVoid(Effect.repeat(isAsked(database, run), { until: (isAsked) => isAsked, schedule: Schedule.spaced(EVERY) }))

/** What was asked of a run that has ended. */
export const clear = (database: Database["Type"], run: number): Effect.Effect<void, StoreError> =>
  Effect.flatMap(isAsked(database, run), (asked) =>
    asked ? Effect.asVoid(database.write([{ sql: "DELETE FROM fact WHERE name = ?", values: [nameOf(run)] }])) : Effect.void
  )
