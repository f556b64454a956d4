import type { Fault } from "./Fault.js"

/** What a service may do, when it does it, and what comes of it: the rows of docs/reference/services.md, each tried by a test. */
export interface Behaviour {
  /** How the emulator is told to do it. */
  readonly fault: typeof Fault.Encoded
  /** Where in an answer it happens. */
  readonly stage: "instead of an answer" | "before the answer" | "within the answer" | "after the answer"
  /** In words. */
  readonly does: string
  /** The failure's code, or `answer` when the answer is taken. */
  readonly streamed: string
  /** The same for answers that come at once; absent where it can't happen to them. */
  readonly atOnce?: string
  /** Whether the service worked for the request, and so bills it. */
  readonly billed: "no" | "yes" | "perhaps"
}

const refusal = (
  kind: typeof Fault.Encoded.kind,
  does: string,
  code: string,
  more: Partial<typeof Fault.Encoded> = {}
): Behaviour => ({
  fault: { kind, ...more },
  stage: "instead of an answer",
  does,
  streamed: code,
  atOnce: code,
  billed: "no"
})
const within = (
  kind: typeof Fault.Encoded.kind,
  does: string,
  streamed: string,
  atOnce?: string,
  more: Partial<typeof Fault.Encoded> = {}
): Behaviour => ({
  fault: { kind, ...more },
  stage: "within the answer",
  does,
  streamed,
  ...(atOnce === undefined ? {} : { atOnce }),
  billed: streamed === "answer" ? "yes" : "perhaps"
})
const after = (kind: typeof Fault.Encoded.kind, does: string, more: Partial<typeof Fault.Encoded> = {}): Behaviour => ({
  fault: { kind, ...more },
  stage: "after the answer",
  does,
  streamed: "answer",
  billed: "yes"
})

/** Long past every patience of a test. */
const forGood = { millis: 60_000 }

export const behaviours: ReadonlyArray<Behaviour> = [
  refusal("limit_requests", "429, too many requests", "RateLimited"),
  refusal("limit_requests", "429 with `Retry-After: 0`: taken for none, the wait is ours", "RateLimited", { retryAfter: "0" }),
  refusal("limit_requests", "429 with `Retry-After` of a day: the work waits, and is tried again within minutes", "RateLimited", {
    retryAfter: 86_400
  }),
  refusal("insufficient_quota", "429, too many tokens", "RateLimited"),
  refusal("limit_burst_rate", "429, too many at once", "RateLimited"),
  refusal("internal_error", "500", "ServiceFailed"),
  refusal("timeout", "500, it ran out of time", "ServiceTimedOut"),
  refusal("model_serving_error", "503, over capacity", "ServiceFailed"),
  refusal("unavailable", "503, the model is away", "ServiceFailed"),
  refusal("moderation", "400, the input is refused by moderation", "Moderated"),
  refusal("arrearage", "400, the account owes money", "NoBalance"),
  refusal("access_denied", "403, the account may not use the model", "AccessRefused"),
  refusal("html", "200 with a web page: a proxy, a login", "NotTheService"),
  refusal("redirect", "302: never followed", "NotTheService"),
  {
    fault: { kind: "slow", ...forGood },
    stage: "before the answer",
    does: "nothing for longer than `timeouts.firstByte`",
    streamed: "ServiceTimedOut",
    atOnce: "ServiceTimedOut",
    billed: "perhaps"
  },
  {
    fault: { kind: "reset" },
    stage: "before the answer",
    does: "the connection is torn down",
    streamed: "Interrupted",
    atOnce: "Interrupted",
    billed: "perhaps"
  },
  within("flat_error", "200, and an error in the place of an answer", "FailedMidway"),
  within("sse_error", "an error after the first piece", "FailedMidway"),
  within("moderation_midway", "moderation stops the answer", "Moderated"),
  within("truncated", "the stream ends before it says why", "Interrupted", "Interrupted"),
  within("no_usage", "the stream ends well after its finish reason, without usage and without `[DONE]`", "answer"),
  within("no_finish", "the answer doesn't say why it ends: the stream has its `[DONE]`, the JSON is whole", "answer", "answer"),
  within("aborted", "the answer ends with the finish reason `abort`: the server gave it up", "FailedMidway", "FailedMidway"),
  within("reset_midway", "the connection is torn down", "Interrupted", "Interrupted"),
  within("stall", "nothing more for longer than `timeouts.idle`", "ServiceTimedOut", undefined, forGood),
  within(
    "drip",
    "comments and empty pieces without end: they say nothing, and `timeouts.idle` goes on",
    "ServiceTimedOut",
    undefined,
    forGood
  ),
  within("oversized", "more than 16 MiB", "AnswerTooLarge", "AnswerTooLarge"),
  after("reset_after", "the connection is torn down: the answer is whole, and kept"),
  after("stays_open", "the connection stays open: the answer is whole, and nothing more is waited for", forGood)
]
