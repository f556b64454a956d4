import { Failure, ThreadClient } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { Worker } from "node:worker_threads"

class CountError extends Failure.Class<CountError>()("CountError", {
  CountEnded: { retry: "now", help: "The thread that counts ended; it is tried again." }
}) {}

/** `count.worker.ts` beside it answers each `{ ticket, value }` with one of the same ticket. */
export const counter: Effect.Effect<(text: string) => Effect.Effect<number, CountError>, never, Scope.Scope> = Effect.map(
  ThreadClient.make<string, number, CountError>(
    () => new Worker(ThreadClient.file(import.meta.url, "count.worker")),
    (cause) => new CountError({ code: "CountEnded", detail: cause })
  ),
  ({ ask }) => ask
)
