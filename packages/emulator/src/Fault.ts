import { Schema } from "effect"

/** What can go wrong with an answer, on demand. */
export const Fault = Schema.Struct({
  kind: Schema.Literal(
    // Refusals, with the service's own status and code.
    "limit_requests",
    "insufficient_quota",
    "limit_burst_rate",
    "internal_error",
    "timeout",
    "model_serving_error",
    "unavailable",
    "moderation",
    "arrearage",
    "access_denied",
    // Of the wire.
    "html",
    "redirect",
    "flat_error",
    "reset",
    "slow",
    // Inside a stream that began well.
    "moderation_midway",
    "sse_error",
    "truncated",
    "no_usage",
    "no_finish",
    "aborted",
    "stall",
    "drip",
    "oversized",
    "reset_midway",
    // After an answer that is whole.
    "reset_after",
    "stays_open",
    // Of the model.
    "fenced",
    "prose",
    "chinese",
    "repetition",
    "empty",
    "not_json"
  ),
  /** How many requests meet it; default 1. */
  times: Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { default: () => 1 }),
  /** How many that would meet it are spared first. */
  after: Schema.optionalWith(Schema.NonNegativeInt, { default: () => 0 }),
  /** Only requests for this model. */
  model: Schema.optional(Schema.String),
  /** Only requests whose audio lies within, in seconds. */
  seconds: Schema.optional(Schema.Tuple(Schema.Number, Schema.Number)),
  /** Only requests whose prompt holds this. */
  prompt: Schema.optional(Schema.String),
  /** For `slow`, `stall`, `drip` and `stays_open`. */
  millis: Schema.optionalWith(Schema.NonNegative, { default: () => 10_000 }),
  /** For refusals: the header `Retry-After`, seconds or whatever else a service may say. */
  retryAfter: Schema.optional(Schema.Union(Schema.Number, Schema.String))
})
export type Fault = typeof Fault.Type

/** What a request is matched by. */
export interface Subject {
  readonly model: string
  readonly seconds: number | undefined
  readonly prompt: string
}

/** The faults that are still to come. */
export interface Script {
  readonly add: (faults: ReadonlyArray<Fault>) => void
  readonly clear: () => void
  /** The fault that this request meets, counted down. */
  readonly next: (subject: Subject) => Fault | undefined
}

export const script = (): Script => {
  let pending: Array<{ readonly fault: Fault; spared: number; met: number }> = []
  const matches = ({ model, prompt, seconds }: Fault, subject: Subject): boolean =>
    (model === undefined || model === subject.model) &&
    (prompt === undefined || subject.prompt.includes(prompt)) &&
    (seconds === undefined || (subject.seconds !== undefined && subject.seconds >= seconds[0] && subject.seconds <= seconds[1]))
  return {
    add: (faults) => {
      pending.push(...faults.map((fault) => ({ fault, spared: 0, met: 0 })))
    },
    clear: () => {
      pending = []
    },
    next: (subject) => {
      const found = pending.find(({ fault }) => matches(fault, subject))
      if (found === undefined) return undefined
      if (found.spared < found.fault.after) {
        found.spared += 1
        return undefined
      }
      found.met += 1
      if (found.met >= found.fault.times) pending = pending.filter((one) => one !== found)
      return found.fault
    }
  }
}
