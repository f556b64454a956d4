import type { Event } from "@mediaspool/core"
import { Effect, Schedule } from "effect"
import { WorkerError } from "../protocol/WorkerError.js"
import type { Dispatcher } from "./Dispatcher.js"

const RESOURCE_QUEUE = "workers' queue"
const RESOURCE_WORKERS = "workers"

/** Tells when the queue's server is away, and when it is back. */
export const watchQueue = (
  client: { on: (event: "close" | "ready", listener: () => void) => unknown },
  shown: string,
  tell: (event: Event) => void
) =>
  Effect.sync(() => {
    let isThere = true
    client.on("close", () => {
      if (!isThere) return
      isThere = false
      const failure = new WorkerError({ code: "QueueAway", detail: `${shown} went away` })
      tell({ _tag: "ResourceClosed", resource: RESOURCE_QUEUE, failure, probeInMillis: 1_000 })
    })
    client.on("ready", () => {
      if (isThere) return
      isThere = true
      tell({ _tag: "ResourceOpened", resource: RESOURCE_QUEUE })
    })
  })

/** Tells when work waits because nobody is there to do it. */
export const watchWorkers = (count: () => number, dispatcher: Dispatcher, tell: (event: Event) => void) =>
  Effect.gen(function* () {
    let isTold = false
    const look = Effect.sync(() => {
      const isStranded = count() === 0 && dispatcher.stranded().length > 0
      if (isStranded === isTold) return
      isTold = isStranded
      const failure = new WorkerError({
        code: "NoWorkers",
        detail: "no worker is there, and this machine takes no such work (local: none)"
      })
      tell(
        isStranded
          ? { _tag: "ResourceClosed", resource: RESOURCE_WORKERS, failure, probeInMillis: 1_000 }
          : { _tag: "ResourceOpened", resource: RESOURCE_WORKERS }
      )
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("2 seconds")))
  })
