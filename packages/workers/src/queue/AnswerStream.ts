import { Effect, Schedule, type Scope } from "effect"
import type { Redis } from "ioredis"
import { ask } from "./QueueClient.js"
import type { WorkerError } from "../protocol/WorkerError.js"

/** Messages that the server remembers for a coordinator that is away; the oldest go first. */
const REMEMBERED = 20_000
/** How long they are kept, in seconds. */
const KEPT_SECONDS = 3_600
/** Messages of one reading. */
const AT_ONCE = 64
/** A reading waits so long for the first message, in milliseconds. */
const PATIENCE = 2_000
/** Milliseconds between two readings: each wakes the server and the reader up, and answers that came meanwhile come together. */
const EVERY = 4

const keyOf = (coordinator: string): string => `mediaspool:answers:${coordinator}`

/** An answer counts only while its worker holds the job: the lock has the token that it was taken with. */
const SAY = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("XADD", KEYS[2], "MAXLEN", "~", ${REMEMBERED}, "*", "m", ARGV[2])
redis.call("EXPIRE", KEYS[2], ${KEPT_SECONDS})
return 1`

/** A message, with the name that it is removed by. */
export interface Message {
  readonly id: string
  readonly text: string
}

/**
 * Says something to a coordinator, for a job that this worker holds.
 *
 * @param lock the lock's key
 * @returns whether it still held the job
 */
export const say = (
  client: Redis,
  job: { readonly lock: string; readonly token: string; readonly coordinator: string },
  text: string
): Effect.Effect<boolean, WorkerError> =>
  Effect.map(
    ask(() => client.eval(SAY, 2, job.lock, keyOf(job.coordinator), job.token, text)),
    (said) => said === 1
  )

/** Forgets messages that were taken. */
export const remove = (client: Redis, coordinator: string, ids: ReadonlyArray<string>): Effect.Effect<void> =>
  ids.length === 0 ? Effect.void : Effect.ignore(ask(() => client.xdel(keyOf(coordinator), ...ids)))

/** Calls back with all messages that are there, and with those that come, while the scope is open. */
export const listen = (
  client: Redis,
  coordinator: string,
  heard: (messages: ReadonlyArray<Message>) => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const copy = client.duplicate({ lazyConnect: false })
        copy.on("error", () => {})
        return copy
      }),
      (copy) => Effect.sync(() => copy.disconnect())
    )
    let last = "0-0"
    // A server that lost everything counts anew, and what was heard already is known.
    reader.on("ready", () => (last = "0-0"))
    const read = Effect.map(
      ask(() => reader.xread("COUNT", AT_ONCE, "BLOCK", PATIENCE, "STREAMS", keyOf(coordinator), last)),
      (found) => {
        const messages = (found?.[0]?.[1] ?? []).map(([id, fields]) => ({ id, text: fields[1] ?? "" }))
        last = messages.at(-1)?.id ?? last
        if (messages.length > 0) heard(messages)
      }
    )
    const paced = Effect.zipRight(Effect.sleep(EVERY), Effect.retry(read, Schedule.spaced("1 second")))
    yield* Effect.forkScoped(Effect.forever(paced))
  })
