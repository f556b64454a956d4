import { type Cause, Schema } from "effect"

/**
 * How a failure is met.
 * - `now`: tried again at once, as often as the node's `retry` says; then by the next run.
 * - `later`: the outside service is away or exhausted; the item waits and the resource's breaker opens. Nothing is stored.
 * - `never`: the same input will fail again; remembered by key until requeued.
 * - `config`: the person must change a setting; the run stops before it does anything else.
 * - `skip`: the stage does not apply (a silent video); the node and its dependents are skipped and the item is done.
 */
export const Retry = Schema.Literal("now", "later", "never", "config", "skip")
export type Retry = typeof Retry.Type

/** One row of a room's failure table. `help` tells a person what to do, in one sentence. */
export interface Reason {
  readonly retry: Retry
  readonly help: string
  /** Of a paid call: it was refused, or never sent, so nothing was billed. Left out: perhaps it was. */
  readonly billed?: "no"
}

/** What the runner, the failure table and the docs need of every failure of a stage. */
export interface StageFailure {
  readonly _tag: string
  /** Stable and unique across all rooms and plugins: `RateLimited`. */
  readonly code: string
  readonly retry: Retry
  /** What happened, for a person; never a secret. */
  readonly message: string
  readonly help: string
  /** Of a paid call: `no` for one that was refused or never sent. */
  readonly billed?: "no" | undefined
  /** When the outside service said how long to wait. */
  readonly retryAfterMillis?: number | undefined
}

type Fields<Code extends string> = {
  readonly code: Schema.Literal<[Code, ...Array<Code>]>
  readonly detail: typeof Schema.String
  readonly retryAfterMillis: Schema.optional<typeof Schema.Number>
}
type Shape<Tag extends string, Code extends string> = { readonly _tag: Schema.tag<Tag> } & Fields<Code>

/** The class made by {@link Class}: a schema, a constructor and its failure table. */
export interface FailureClass<Self, Tag extends string, Code extends string> extends Schema.Class<
  Self,
  Shape<Tag, Code>,
  Schema.Struct.Encoded<Shape<Tag, Code>>,
  never,
  { readonly code: Code; readonly detail: string; readonly retryAfterMillis?: number | undefined },
  Cause.YieldableError,
  Pick<StageFailure, "retry" | "message" | "help" | "billed">
> {
  readonly _tag: Tag
  readonly reasons: Readonly<Record<Code, Reason>>
}

/**
 * A typed error from a table of reasons. The message a person reads is the detail; the retry class and the help come from the table.
 *
 * @example
 * class LoudnessError extends Failure.Class<LoudnessError>()("LoudnessError", {
 *   TooShortToMeasure: { retry: "never", help: "EBU R128 needs 0.4 s or more; leave the file out." }
 * }) {}
 * new LoudnessError({ code: "TooShortToMeasure", detail: "the file has 0.2 s" })
 */
export const Class =
  <Self = never>() =>
  <const Tag extends string, const Table extends Readonly<Record<string, Reason>>>(
    tag: Tag,
    reasons: Table
  ): FailureClass<Self, Tag, keyof Table & string> => {
    const codes = Object.keys(reasons)
    class Base extends Schema.TaggedError<Base>(`@mediaspool/${tag}`)(tag, {
      code: Schema.Literal(...codes),
      detail: Schema.String,
      retryAfterMillis: Schema.optional(Schema.Number)
    }) {
      static readonly reasons = reasons
      get retry() {
        return reasons[this.code]?.retry ?? "never"
      }
      get help() {
        return reasons[this.code]?.help ?? ""
      }
      get billed() {
        return reasons[this.code]?.billed
      }
      override get message() {
        return this.detail
      }
    }
    // The one cast: the literal codes are known to the type above, not to `Object.keys`.
    return Base as never
  }

/** Whether a value is a failure as the runner knows it: a defect that is one says itself how it is met. */
export const is = (value: unknown): value is StageFailure =>
  value instanceof Error &&
  "code" in value &&
  typeof value.code === "string" &&
  "help" in value &&
  "retry" in value &&
  Schema.is(Retry)(value.retry)

/** The error of a stage that can't fail: it has no code, so nobody can make one. */
export class None extends Class<None>()("None", {}) {}
