import { Effect, Layer } from "effect"
import { type SharedRate, SharedRates } from "../stage/SharedRates.js"
import { Database } from "./Database.js"

/**
 * An account's row: when the next request may go out by each of its rates, in seconds of the machine's monotonic clock, which all
 * processes share and no change of the date moves. A clock that is behind `seen` began anew since, with the machine.
 */
const RESERVE = `
  WITH asked (name, now, requests, units) AS (VALUES (?, ?, ?, ?)),
    turn (name, now, requests, units, start) AS MATERIALIZED (
      SELECT asked.name, now, requests, units,
        CASE WHEN now < fact.value ->> 'seen' THEN now
          ELSE max(now, coalesce(fact.value ->> 'requests', now), coalesce(fact.value ->> 'units', now)) END
      FROM asked LEFT JOIN fact ON fact.name = asked.name
    )
  INSERT INTO fact (name, value)
    SELECT name, json_object('seen', now, 'start', start, 'requests', start + requests, 'units', start + units) FROM turn WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
  RETURNING value ->> 'start' AS start`

const CORRECT = `UPDATE fact SET value = json_set(value, '$.units', (value ->> 'units') + ?) WHERE name = ?`

const now = (): number => Number(process.hrtime.bigint()) / 1e9

/** Accounts' rates in the library's database. Where it can't be written, nothing is paid for either: then no turn is waited for. */
export const layer: Layer.Layer<SharedRates, never, Database> = Layer.effect(
  SharedRates,
  Effect.map(Database, (database) => {
    const correct = database.prepare(CORRECT)
    return {
      of: (account): SharedRate => {
        const name = `rate:${account}`
        return {
          reserve: ({ requests, units }) =>
            Effect.suspend(() => {
              const asked = now()
              return database.write([{ sql: RESERVE, values: [name, asked, requests, units] }]).pipe(
                Effect.map(([written]) => Math.max(0, Number(written?.rows[0]?.["start"] ?? asked) - asked)),
                Effect.orElseSucceed(() => 0)
              )
            }),
          correct: (seconds) => Effect.sync(() => database.post(correct, [seconds, name]))
        }
      }
    }
  })
)
