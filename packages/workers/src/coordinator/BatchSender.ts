import { Chunk, Effect, Queue as EffectQueue, Schedule, type Scope } from "effect"
import { ask } from "../queue/QueueClient.js"
import type { Producer } from "../queue/StageQueue.js"
import * as BatchPlan from "./BatchPlan.js"
import { boarding, depart, jobOf, type Out, type SentBatch } from "./SentBatch.js"

/** Sends what is ready for one queue. */
export interface BatchSender {
  readonly offer: (out: Out) => void
}

/** Who is there to work. */
export interface Crew {
  readonly workers: number
  readonly slots: number
}

/** Jobs that leave together. */
const BULK = 512
/** What begins together travels together. */
const MOMENT = "8 millis"
/** What is quick, or short media, waits so many moments for company while the workers have enough. */
const MOMENTS = 12
/** That is so many batches for each: one at work, one at hand. */
const BATCHES_A_WORKER = 2

/**
 * @param out batches of this queue that are out
 * @param isWanted whether it still is to be sent
 * @param sent before its batch leaves
 */
export const make = (options: {
  readonly name: string
  readonly queue: Producer
  /** How many travel together at most, as far as it is known. */
  readonly most: () => number
  readonly crew: () => Crew
  readonly out: () => number
  readonly isWanted: (out: Out) => boolean
  readonly sent: (batch: SentBatch) => void
  /** Tells the workers. */
  readonly left: Effect.Effect<void>
}): Effect.Effect<BatchSender, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { crew, isWanted, left, most, name, out, queue, sent } = options
    const outgoing = yield* EffectQueue.unbounded<Out>()

    const gathered = Effect.gen(function* () {
      const ready = [yield* EffectQueue.take(outgoing)]
      for (let moment = 0; moment < MOMENTS; moment++) {
        yield* Effect.sleep(MOMENT)
        const more = yield* EffectQueue.takeUpTo(outgoing, BULK - ready.length)
        ready.push(...more)
        if (ready.length >= most()) break
        if (Chunk.isEmpty(more) && out() < crew().workers * BATCHES_A_WORKER) break
      }
      return ready.filter(isWanted)
    })
    const sending = Effect.gen(function* () {
      const ready = yield* gathered
      if (ready.length === 0) return
      const jobs = BatchPlan.plan(ready.map(boarding), crew().slots).map((together) => {
        const batch = depart(name, together)
        sent(batch)
        return jobOf(batch, together)
      })
      yield* Effect.retry(
        ask(() => queue.addBulk(jobs)),
        Schedule.spaced("1 second")
      )
      yield* left
    })
    yield* Effect.forkScoped(Effect.forever(sending))
    return { offer: (out) => void outgoing.unsafeOffer(out) }
  })
