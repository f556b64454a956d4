import { Effect, Option, Schema } from "effect"
import { basename } from "node:path"
import { type Refused, refused } from "../api/Problem.js"
import type { CanaryTrial } from "../api/RunApi.js"
import { SpoolProcess } from "./SpoolProcess.js"

/** The lines of `spool canary NODE --json`: one a file, then the whole. */
const Sampled = Schema.Struct({
  type: Schema.Literal("sample"),
  path: Schema.String,
  agreement: Schema.NullOr(Schema.Number),
  before: Schema.Unknown,
  after: Schema.Unknown,
  correction: Schema.optional(Schema.Struct({ word: Schema.Unknown, after: Schema.NullOr(Schema.Number) })),
  message: Schema.optional(Schema.String)
})
const Tried = Schema.Struct({
  type: Schema.Literal("canary"),
  agreement: Schema.Number,
  compared: Schema.Int,
  same: Schema.Int,
  corrections: Schema.NullOr(Schema.Struct({ files: Schema.Int, before: Schema.Number, after: Schema.Number })),
  goingOn: Schema.Struct({ requests: Schema.Int, cost: Schema.Record({ key: Schema.String, value: Schema.String }) })
})
const decode = Schema.decodeOption(Schema.parseJson(Schema.Union(Sampled, Tried)))

const canary = (pipeline: string, node: string, ...args: ReadonlyArray<string>) =>
  Effect.flatMap(SpoolProcess, ({ values }) => values(["canary", node, "--pipeline", pipeline, ...args]))

/** Tries an edit on its sample, and compares. What was tried before is known, and isn't asked again. */
export const attempt = (pipeline: string, node: string): Effect.Effect<typeof CanaryTrial.Type, Refused, SpoolProcess> =>
  Effect.gen(function* () {
    const lines = (yield* canary(pipeline, node)).flatMap((line) => Option.toArray(decode(line)))
    const whole = lines.find((line) => line.type === "canary")
    if (whole === undefined) return yield* refused("RunRefused", "the trial can't be read")
    return {
      agreement: whole.agreement,
      compared: whole.compared,
      same: whole.same,
      corrections: whole.corrections,
      requests: whole.goingOn.requests,
      cost: Object.entries(whole.goingOn.cost).map(([currency, amount]) => ({ currency, amount })),
      pairs: lines.flatMap((line) =>
        line.type === "sample"
          ? [
              {
                name: basename(line.path),
                agreement: line.agreement,
                before: line.before,
                after: line.after,
                correction: line.correction ?? null,
                message: line.message ?? null
              }
            ]
          : []
      )
    }
  })

/** Ends a trial: the edit holds from the next run on, or is given up. */
export const decide = (pipeline: string, node: string, decision: "accept" | "drop"): Effect.Effect<void, Refused, SpoolProcess> =>
  Effect.asVoid(canary(pipeline, node, `--${decision}`))
