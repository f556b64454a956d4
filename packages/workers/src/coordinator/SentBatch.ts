import type { BulkJobOptions } from "bullmq"
import { randomUUID } from "node:crypto"
import type { StageBatch } from "../protocol/StageBatch.js"
import type { Passenger } from "./BatchPlan.js"
import type { SentJob } from "./SentJob.js"

/** A job that is out, and what was met on the way. */
export interface Out {
  readonly job: SentJob
  /** Where it is; in none: it is about to be sent, or has its answer. */
  batch: SentBatch | undefined
  /** A worker began it. */
  isActive: boolean
  /** How often it was sent. */
  times: number
  /** Workers whose process ended under it. */
  lostOn: ReadonlyArray<string>
  /** Whole machines that went away with it. */
  machinesLost: number
  /** The message that answered it. */
  message: string | undefined
}

/** A job of the queue. */
export interface SentBatch {
  readonly id: string
  readonly queue: string
  readonly sentAt: number
  /** What is out of it. */
  readonly jobs: Set<Out>
  /** It was not there at the last look: its last answers may still be on their way. */
  isMissing: boolean
}

export interface Boarding extends Passenger {
  readonly out: Out
}

/** Something ended under it. */
export const isSuspect = ({ lostOn, machinesLost }: Out): boolean => lostOn.length > 0 || machinesLost > 0

export const boarding = (out: Out): Boarding => {
  const { isMerged, node, text, weight } = out.job
  return { out, node, text, weight, isMerged, isSuspect: isSuspect(out) }
}

/** One that comes alone has the attempt's own name: after a restart the same one is not made twice. */
const idOf = ([first, ...others]: readonly [Boarding, ...Array<Boarding>]): string => {
  const { job, times } = first.out
  return others.length > 0 ? `${job.node.coordinator}-${randomUUID()}` : times === 0 ? job.id : `${job.id}-r${times}`
}

/** Attempts that leave together. */
export const depart = (queue: string, all: readonly [Boarding, ...Array<Boarding>]): SentBatch => {
  const batch: SentBatch = {
    id: idOf(all),
    queue,
    sentAt: Date.now(),
    jobs: new Set(all.map(({ out }) => out)),
    isMissing: false
  }
  for (const { out } of all) {
    out.batch = batch
    out.times++
  }
  return batch
}

/** The same, as the queue takes it. */
export const jobOf = (
  { id }: SentBatch,
  all: readonly [Boarding, ...Array<Boarding>]
): { readonly name: string; readonly data: StageBatch; readonly opts: BulkJobOptions } => {
  const [first, ...others] = all
  const { isMerged, node, out } = first
  const weight = all.reduce((sum, { weight }) => sum + weight, 0)
  const data: StageBatch = {
    ...node,
    ids: [out.job.id, ...others.map(({ out }) => out.job.id)],
    entries: `[${all.map(({ text }) => text).join(",")}]`,
    isMerged,
    weight: isMerged ? Math.min(1, weight) : 1,
    lostOn: out.lostOn,
    machinesLost: out.machinesLost
  }
  return { name: node.stage, data, opts: { jobId: id } }
}
