import { ContentHash } from "@mediaspool/core"
import { Schema } from "effect"

/** A result key: sha-256 in base64url. It becomes a part of paths. */
const ResultKey = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{43}$/)).annotations({ identifier: "ResultKey" })

/** A file that a job reads: never its bytes. */
export const JobFile = Schema.Struct({
  /** sha-256 of the bytes, in lower-case hex. */
  hash: ContentHash,
  /** Bytes */
  size: Schema.NonNegativeInt,
  /** The last extension, with its dot; empty for none. */
  extension: Schema.String.pipe(Schema.pattern(/^(\.[A-Za-z0-9]{1,16})?$/)),
  /** Where it lies; absent: the coordinator serves it. */
  place: Schema.optional(
    Schema.Struct({
      /** The root's name; empty where paths are the same on every machine. */
      root: Schema.String,
      /** Relative to the root, with `/`; absolute where there is no root. A RawPath. */
      path: Schema.String
    })
  )
})
export type JobFile = typeof JobFile.Type

/** A value of an input, with the identifier of its kind; the paths of its files are empty. */
export const JobValue = Schema.Struct({ node: Schema.String, kind: Schema.String, value: Schema.Unknown })
export type JobValue = typeof JobValue.Type

/** By port; none for a port that nobody fills. */
export const JobInputs = Schema.Record({ key: Schema.String, value: Schema.Array(JobValue) })
export type JobInputs = typeof JobInputs.Type

/** What all jobs of a node have in common: a batch says it once. It holds no secret. */
export const JobNode = Schema.Struct({
  /** Who asks: its record says where its files are. */
  coordinator: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{16}$/)),
  pipeline: Schema.String,
  node: Schema.String,
  stage: Schema.String,
  /** That gives the stage: another may give one of the same name. Absent: the only one of this name. */
  plugin: Schema.optional(Schema.String),
  version: Schema.Int,
  /** Encoded. */
  config: Schema.Unknown,
  /** Whether results go into the outbox, and its place; absent: they are uploaded. */
  outbox: Schema.optional(Schema.Struct({ root: Schema.String, path: Schema.String }))
})
export type JobNode = typeof JobNode.Type

/** One attempt, in a batch of its node's. */
export const JobEntry = Schema.Struct({
  key: ResultKey,
  try: Schema.Int,
  /** Of a result that is made anew: which time. */
  round: Schema.optional(Schema.String.pipe(Schema.pattern(/^[0-9a-z]{1,16}$/))),
  inputs: JobInputs,
  /** Where the inputs are, as JSON, when they are too large for the queue: the coordinator serves it. */
  inputsFile: Schema.optional(JobFile),
  files: Schema.Array(JobFile)
})
export type JobEntry = typeof JobEntry.Type

/** One attempt of a stage, for a worker. */
export type StageJob = JobNode & JobEntry

/** The identity of an attempt, in its batch and in its answer. */
export const jobId = ({
  coordinator,
  key,
  round,
  try: number
}: Pick<StageJob, "coordinator" | "key" | "try"> & { readonly round?: string | undefined }): string =>
  `${coordinator}-${key}-${number}${round === undefined ? "" : `-${round}`}`

/** The key in the identity of an attempt: a coordinator has 16 characters, a key 43. */
export const keyIn = (id: string): string => id.slice(17, 60)
