import { Array, Effect, Either, Option, Schedule, Schema, type Scope } from "effect"
import type { Redis } from "ioredis"
import { Ask } from "../protocol/Ask.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import { ask, askAll, briefly } from "./QueueClient.js"
import type { QueueHealth } from "./QueueHealth.js"

/** Who has said nothing for so long is gone, in milliseconds. */
const SILENCE = 4_000
/** Between two signs of life. */
const HEARTBEAT = "1 second"

/** What every record says of its process. */
const Process = {
  id: Schema.String,
  host: Schema.String,
  pid: Schema.Int,
  /** Of `@mediaspool/workers`. */
  version: Schema.String,
  /** Milliseconds since 1970. */
  since: Schema.Number
}

/** A worker, as `spool workers` shows it. */
export const WorkerRecord = Schema.Struct({
  ...Process,
  /** Heavy jobs at the same time. */
  slots: Schema.Int,
  engine: Schema.Struct({ name: Schema.String, version: Schema.String }),
  /** Plugins by name, with the versions of their packages. */
  plugins: Schema.Record({ key: Schema.String, value: Schema.String }),
  roots: Schema.Array(Schema.String),
  /** It finishes what it has and takes nothing new. */
  draining: Schema.Boolean,
  /** Why it takes nothing for now. */
  hindrance: Schema.optional(Schema.String),
  /** Queues that it takes jobs from. */
  takes: Schema.Array(Schema.String),
  /** What is asked for and doesn't go there, and why. */
  refuses: Schema.Array(Schema.Struct({ stage: Schema.String, version: Schema.Int, reason: Schema.String })),
  /** Nodes that it works on right now. */
  running: Schema.Array(Schema.String),
  done: Schema.Int,
  failed: Schema.Int,
  /** Jobs in the last minute. */
  rate: Schema.Int
})
export type WorkerRecord = typeof WorkerRecord.Type

/**
 * A coordinator: what it asks for, and where its files are. Whoever reads the queue's server may fetch them. Processes that work on one
 * library (a run beside a watcher) share an id, and each has its own record.
 */
const CoordinatorRecord = Schema.Struct({
  ...Process,
  asks: Schema.Array(Ask),
  /** Of its file server; absent while none is open. */
  files: Schema.optional(Schema.Struct({ url: Schema.String, token: Schema.String }))
})
export type CoordinatorRecord = typeof CoordinatorRecord.Type

/** The records of one sort, each kept alive by its owner. */
export interface Roster<A> {
  /** Writes the record now and then again while the scope is open; takes it out at the end. */
  readonly join: (
    record: () => A,
    health: QueueHealth
  ) => Effect.Effect<{ readonly refresh: Effect.Effect<void> }, WorkerError, Scope.Scope>
  /** Those that gave a sign of life. */
  readonly list: Effect.Effect<ReadonlyArray<A>, WorkerError>
  /** Versions of those that gave a sign of life, also where their records have another form. */
  readonly versions: Effect.Effect<ReadonlyArray<string>, WorkerError>
}

const decodeVersion = Schema.decodeUnknownEither(Schema.parseJson(Schema.Struct({ version: Schema.String })))

const make =
  <A extends { readonly id: string; readonly pid: number }, I>(sort: string, schema: Schema.Schema<A, I>) =>
  (client: Redis): Roster<A> => {
    const members = `mediaspool:${sort}`
    const key = (member: string) => `${members}:${member}`
    const memberOf = ({ id, pid }: A) => `${id}-${pid}`
    const encode = Schema.encodeSync(Schema.parseJson(schema))
    const decode = Schema.decodeUnknownEither(Schema.parseJson(schema))
    const write = (record: A) => {
      const member = memberOf(record)
      return askAll(client.pipeline().sadd(members, member).set(key(member), encode(record), "PX", SILENCE))
    }
    const texts = Effect.gen(function* () {
      const ids = yield* ask(() => client.smembers(members))
      if (ids.length === 0) return []
      const found = yield* ask(() => client.mget(ids.map(key)))
      const gone = ids.filter((_, i) => typeof found[i] !== "string")
      if (gone.length > 0) yield* ask(() => client.srem(members, ...gone))
      return found.filter((text) => typeof text === "string")
    })
    return {
      // Those of another series may have another form.
      list: Effect.map(
        texts,
        Array.filterMap((text) => Either.getRight(decode(text)))
      ),
      versions: Effect.map(
        texts,
        Array.filterMap((text) => Option.map(Either.getRight(decodeVersion(text)), ({ version }) => version))
      ),
      join: (record, { heard }) =>
        Effect.gen(function* () {
          const now = Effect.suspend(() => write(record()))
          yield* Effect.acquireRelease(now, () =>
            Effect.suspend(() => {
              const member = memberOf(record())
              return briefly(askAll(client.pipeline().srem(members, member).del(key(member))), "1 second")
            })
          )
          // While the server is away the write waits in the client: one of them is enough.
          const beat = Effect.match(now, { onFailure: heard, onSuccess: () => heard(undefined) })
          yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(HEARTBEAT)))
          return { refresh: beat }
        })
    }
  }

export const workers = make("workers", WorkerRecord)
export const coordinators = make("coordinators", CoordinatorRecord)
