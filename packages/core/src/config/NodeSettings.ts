import { Duration, Schema } from "effect"
import * as Field from "../stage/Field.js"
import { Timeout, Wait } from "./Interval.js"

/** How a node meets a failure that may pass at once. */
const Retry = Schema.Struct({
  times: Field.withDefault(Schema.Int.pipe(Schema.between(0, 100)), 2, "Tries after the first"),
  delay: Field.withDefault(Wait, Duration.seconds(1), "The wait before the first retry"),
  factor: Field.withDefault(Schema.Number.pipe(Schema.between(1, 10)), 2, "Factor by which each wait grows"),
  maxDelay: Field.withDefault(Wait, Duration.minutes(1), "No wait is longer")
})

const From = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Array(Schema.String)) })

/** Where a node's stage runs. */
export const On = Schema.Literal("workers", "coordinator")

/** What stands under a node's name: the same in the file and as the builder's third argument. */
export const NodeSettings = Schema.Struct({
  use: Field.maybe(Schema.String, "The stage; the node's own name when left out"),
  with: Field.maybe(Schema.Record({ key: Schema.String, value: Schema.Unknown }), "The stage's config"),
  from: Field.maybe(From, "Input → the node that gives it, where the kind alone doesn't say"),
  retry: Field.withDefault(
    Retry,
    { times: 2, delay: Duration.seconds(1), factor: 2, maxDelay: Duration.minutes(1) },
    "How a failure that may pass at once is met"
  ),
  timeout: Field.maybe(Timeout, "An attempt that takes longer fails; without it the stage knows best"),
  concurrency: Field.maybe(
    Schema.Int.pipe(Schema.between(1, 10_000)),
    "Attempts of this node at the same time; without it as many as there are items at work"
  ),
  on: Field.maybe(
    On,
    "Where the stage runs: on the machines of the 'workers' section, or on the coordinator, the machine that runs the pipeline"
  )
})
