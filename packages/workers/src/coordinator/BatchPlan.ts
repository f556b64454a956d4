import type { JobNode } from "../protocol/StageJob.js"
import { MOST } from "./Pace.js"

/** What a batch is made of. */
export interface Passenger {
  readonly node: JobNode
  /** Its entry, as JSON. */
  readonly text: string
  readonly weight: number
  readonly isMerged: boolean
  /** A process or a machine ended under it: nobody else is to share its fate. */
  readonly isSuspect: boolean
}

/** Short media in a batch: what a process of the engine merges. */
export const MOST_MERGED = 64
/** Fewer than these aren't worth a process of the engine's own. */
const LEAST_MERGED = 10
/** Characters of a batch: the queue's server keeps it in memory. */
const MOST_TEXT = 256 * 1024
/** What sums of fractions may be off by. */
const EPSILON = 1e-6

/**
 * Attempts that are ready at the same time, as batches: those of a node together, up to a slot's worth of work. Short media are shared
 * out among the slots, as each batch of them takes a while.
 *
 * @param slots of all workers
 */
export const plan = <A extends Passenger>(ready: ReadonlyArray<A>, slots: number): ReadonlyArray<readonly [A, ...Array<A>]> => {
  const batches: Array<[A, ...Array<A>]> = []
  const open = new Map<JobNode, { readonly batch: [A, ...Array<A>]; weight: number; length: number }>()
  const share = Math.ceil(ready.filter(({ isMerged }) => isMerged).length / Math.max(1, slots))
  const mostMerged = Math.min(MOST_MERGED, Math.max(LEAST_MERGED, share))
  for (const one of ready) {
    const there = open.get(one.node)
    const most = one.isMerged ? mostMerged : MOST
    if (
      there !== undefined &&
      !one.isSuspect &&
      there.batch.length < most &&
      there.weight + one.weight <= 1 + EPSILON &&
      there.length + one.text.length <= MOST_TEXT
    ) {
      there.batch.push(one)
      there.weight += one.weight
      there.length += one.text.length
      continue
    }
    const batch: [A, ...Array<A>] = [one]
    batches.push(batch)
    if (!one.isSuspect) open.set(one.node, { batch, weight: one.weight, length: one.text.length })
  }
  return batches
}
