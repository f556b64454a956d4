import { Effect, Schema } from "effect"
import { type Refused, refused } from "../api/Problem.js"
import { SpoolProcess } from "./SpoolProcess.js"

/** The last line of `spool plan --json`. */
const PlanReport = Schema.Struct({
  type: Schema.Literal("plan"),
  pipeline: Schema.String,
  items: Schema.Int,
  stages: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ cached: Schema.Int, toRun: Schema.Int, blocked: Schema.Int })
  }),
  mediaSeconds: Schema.optional(Schema.NullOr(Schema.Number)),
  requests: Schema.optional(Schema.NullOr(Schema.Int)),
  cost: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  seconds: Schema.optional(Schema.NullOr(Schema.Number))
})
export type PlanReport = typeof PlanReport.Type

const decode = Schema.decode(Schema.parseJson(PlanReport))

/** What a run of a pipeline would do. */
export const ask = (pipeline: string): Effect.Effect<PlanReport, Refused, SpoolProcess> =>
  Effect.gen(function* () {
    const processes = yield* SpoolProcess
    const lines = yield* processes.values(["plan", pipeline])
    return yield* Effect.mapError(decode(lines[lines.length - 1] ?? ""), () => refused("RunRefused", "the plan can't be read"))
  })

/** Its cost, as it crosses the wire. */
export const cost = ({ cost = {} }: PlanReport) => Object.entries(cost).map(([currency, amount]) => ({ currency, amount }))
