import { Either, Schema } from "effect"
import * as Mismatch from "./Mismatch.js"
import { JobEntry, jobId, JobNode } from "./StageJob.js"

const Id = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,160}$/))

/**
 * Attempts of one node that travel as one job of the queue. Who holds the job reads this; the attempts themselves are text to it, which
 * only the process that runs stages takes apart.
 */
export const StageBatch = Schema.Struct({
  ...JobNode.fields,
  /** Of the attempts, in their order. */
  ids: Schema.NonEmptyArray(Id),
  /** {@link JobEntry}s, as JSON. */
  entries: Schema.String,
  /** All at once, as the media engine merges them; otherwise one after the other: each is quicker than its way here. */
  isMerged: Schema.Boolean,
  /** The part of a slot that it fills, up to 1. */
  weight: Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(1)),
  /** Machines whose worker process ended while it worked on this: it comes alone by then. */
  lostOn: Schema.Array(Schema.String),
  /** Whole machines that went away with it. */
  machinesLost: Schema.NonNegativeInt
})
export type StageBatch = typeof StageBatch.Type

const decodeEntries = Schema.decodeEither(Schema.parseJson(Schema.Array(JobEntry)))

/** What a batch holds, or what is wrong with it. */
export const entriesOf = ({
  coordinator,
  entries,
  ids
}: Pick<StageBatch, "coordinator" | "entries" | "ids">): Either.Either<ReadonlyArray<JobEntry>, string> =>
  Either.filterOrLeft(
    Either.mapLeft(decodeEntries(entries), Mismatch.describe),
    (found) => found.length === ids.length && found.every((entry, i) => jobId({ coordinator, ...entry }) === ids[i]),
    () => "its attempts have other names than their keys"
  )
