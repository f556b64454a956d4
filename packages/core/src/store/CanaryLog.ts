import { Effect, Option, Schema, Stream, Schedule } from "effect"
import { Database } from "./Database.js"
import type { StoreError } from "./StoreError.js"

/**
 * An edit of a node that is being tried on a few files, while everything else keeps the results from before. It stands in the database,
 * where runs and watchers of all processes see it.
 */
export class Canary extends Schema.Class<Canary>("@mediaspool/Canary")({
  pipeline: Schema.String,
  node: Schema.String,
  /** The node's key template (a preimage without inputs) before the edit, whose results are served. */
  before: Schema.String,
  /** The same after it. */
  after: Schema.String,
  /** Milliseconds since 1970. */
  startedAt: Schema.Number,
  /** The items that it is tried on. */
  sample: Schema.Array(Schema.Int)
}) {}

const PREFIX = "canary "
const nameOf = (pipeline: string, node: string): string => `${PREFIX}${pipeline} ${node}`
const Stored = Schema.parseJson(Canary)

/** How often a watcher looks whether one was started or ended: a read of some microseconds. */
const EVERY = "500 millis"

/** All that are open. Synchronous: a short read. */
export const read = (database: Database["Type"]): ReadonlyArray<Canary> =>
  database
    .rows("SELECT value FROM fact WHERE name >= ? AND name < 'canary!' ORDER BY name", [PREFIX])
    .flatMap((row) => Option.toArray(Schema.decodeUnknownOption(Stored)(row["value"])))

/** All that are open. */
export const open: Effect.Effect<ReadonlyArray<Canary>, StoreError, Database> = Effect.flatMap(Database, (database) =>
  database.reading(() => read(database))
)

/** Those that are open now and from now on; the same ones may come again. */
export const changes: Stream.Stream<ReadonlyArray<Canary>, StoreError, Database> = Stream.repeatEffectWithSchedule(
  open,
  Schedule.spaced(EVERY)
)

/** Opens a canary, or puts it in the place of the node's last one. */
export const put = (canary: Canary): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.write([
      {
        sql: "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        values: [nameOf(canary.pipeline, canary.node), Schema.encodeSync(Stored)(canary)]
      }
    ])
  )

/** Ends a canary: the node's config holds from now on. */
export const remove = ({ node, pipeline }: Pick<Canary, "pipeline" | "node">): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.write([{ sql: "DELETE FROM fact WHERE name = ?", values: [nameOf(pipeline, node)] }])
  )

/** The plans that a pipeline's files stand under, that of most files first. */
const STANDING = `SELECT plan.description FROM item_state JOIN plan ON plan.id = item_state.plan JOIN item ON item.id = item_state.item
WHERE item_state.pipeline = ? AND item.gone_at = 0 GROUP BY plan.id ORDER BY count(*) DESC, plan.id DESC`

const Description = Schema.parseJson(
  Schema.Struct({ nodes: Schema.Array(Schema.Struct({ name: Schema.String, key: Schema.String })) })
)

/** A node's key templates under which files have their results, that of most files first. */
export const templatesOf = (pipeline: string, node: string): Effect.Effect<ReadonlyArray<string>, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.reading(() =>
      database.rows(STANDING, [pipeline]).flatMap((row) =>
        Option.match(Schema.decodeUnknownOption(Description)(row["description"]), {
          onNone: () => [],
          onSome: ({ nodes }) => nodes.flatMap(({ key, name }) => (name === node ? [key] : []))
        })
      )
    )
  )
