import { Effect, Queue, Stream } from "effect"
import type { Event } from "./Event.js"

/** A reader that is slower than this many events loses the oldest: a progress line must never hold up the work. */
const EVENTS_KEPT = 16_384

export interface EventHub {
  /** Whether anybody listens: without it an event need not be made. */
  readonly isHeard: () => boolean
  readonly tell: (event: Event) => void
  /** Everything told from now on. */
  readonly stream: Stream.Stream<Event>
}

export const make = (): EventHub => {
  const readers = new Set<Queue.Queue<Event>>()
  return {
    isHeard: () => readers.size > 0,
    tell: (event) => {
      for (const reader of readers) reader.unsafeOffer(event)
    },
    stream: Stream.unwrapScoped(
      Effect.acquireRelease(
        Effect.tap(Queue.sliding<Event>(EVENTS_KEPT), (queue) => Effect.sync(() => readers.add(queue))),
        (queue) =>
          Effect.zipRight(
            Effect.sync(() => readers.delete(queue)),
            Queue.shutdown(queue)
          )
      ).pipe(Effect.map((queue) => Stream.fromQueue(queue)))
    )
  }
}
