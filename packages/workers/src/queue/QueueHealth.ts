import { Effect, Schedule, type Scope } from "effect"
import { WorkerError } from "../protocol/WorkerError.js"

/** Looks in a row without an answer, after which the server counts as away: a connection to one that hangs stays open. */
const SILENT_LOOKS = 5
const LOOK = "1 second"

/** What a client says of its connection. */
export interface Connection {
  readonly on: (event: "close" | "ready", listener: () => void) => unknown
  readonly off: (event: "close" | "ready", listener: () => void) => unknown
}

/** Whether the queue's server can be worked with. */
export interface QueueHealth {
  /** To be told how each sign of life went. */
  readonly heard: (refusal: WorkerError | undefined) => void
}

/**
 * Watches a connection while the scope is open.
 *
 * @param shown the server's address, for people
 * @param changed what is wrong now, or nothing any more
 */
export const watch = (
  client: Connection,
  shown: string,
  changed: (trouble: WorkerError | undefined) => void
): Effect.Effect<QueueHealth, never, Scope.Scope> =>
  Effect.gen(function* () {
    let isOpen = true
    let refusal: WorkerError | undefined
    let silent = 0
    let told: string | undefined
    const trouble = (): WorkerError | undefined => {
      if (!isOpen) return new WorkerError({ code: "QueueAway", detail: `${shown} went away` })
      if (silent >= SILENT_LOOKS) return new WorkerError({ code: "QueueAway", detail: `${shown} doesn't answer` })
      return refusal
    }
    const look = (): void => {
      const now = trouble()
      if (now?.message === told) return
      told = now?.message
      changed(now)
    }
    const onClose = () => {
      isOpen = false
      look()
    }
    const onReady = () => {
      isOpen = true
      silent = 0
      look()
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        client.on("close", onClose)
        client.on("ready", onReady)
      }),
      () =>
        Effect.sync(() => {
          client.off("close", onClose)
          client.off("ready", onReady)
        })
    )
    const tick = Effect.sync(() => {
      silent++
      look()
    })
    yield* Effect.forkScoped(Effect.repeat(tick, Schedule.spaced(LOOK)))
    return {
      heard: (failure) => {
        silent = 0
        refusal = failure
        look()
      }
    }
  })
