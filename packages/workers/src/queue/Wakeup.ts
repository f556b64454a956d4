import { Effect, type Scope } from "effect"
import type { Redis } from "ioredis"
import { ask } from "./QueueClient.js"
import type { WorkerError } from "../protocol/WorkerError.js"

/** Says at once what a look every half second would find too. */
const CHANNEL = "mediaspool:wakeup"

/** There are jobs. */
const JOBS = "jobs"

export const jobs = (client: Redis): Effect.Effect<void> => Effect.ignore(ask(() => client.publish(CHANNEL, JOBS)))

/** Nobody waits for this job any more. */
export const cancel = (client: Redis, job: string): Effect.Effect<void> =>
  Effect.ignore(ask(() => client.publish(CHANNEL, `cancel ${job}`)))

/** Calls back for everything that is said while the scope is open. */
export const listen = (
  client: Redis,
  on: { readonly jobs: () => void; readonly cancel: (job: string) => void }
): Effect.Effect<void, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const listener = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const copy = client.duplicate({ lazyConnect: false })
        copy.on("error", () => {})
        return copy
      }),
      (copy) => Effect.sync(() => copy.disconnect())
    )
    listener.on("message", (_, message) => {
      if (message === JOBS) on.jobs()
      else if (message.startsWith("cancel ")) on.cancel(message.slice("cancel ".length))
    })
    yield* ask(() => listener.subscribe(CHANNEL))
  })
