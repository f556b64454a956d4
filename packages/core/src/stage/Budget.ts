import { Schema } from "effect"
import * as Field from "./Field.js"

const Amount = Schema.Positive

/** The most that may be spent, as the config writes it: `{ usd: 25, per: day }`. */
export const Budget = Schema.Struct({
  usd: Field.maybe(Amount, "US dollars"),
  cny: Field.maybe(Amount, "Chinese yuan"),
  per: Field.required(Schema.Literal("run", "day", "month"), "A run, or a day or month by this machine's clock")
}).pipe(
  Schema.filter(({ cny, usd }) => (cny === undefined) !== (usd === undefined), {
    message: () => "expected one amount, `usd` or `cny`"
  })
)
export type Budget = typeof Budget.Type

/** A budget of a plan. */
export interface PlanBudget {
  /** As a summary names it: `budget:dashscope-intl`, `budget:pipeline:sounds`. */
  readonly name: string
  /** Only calls of this account count; absent: all of the pipeline's. */
  readonly account: string | undefined
  readonly currency: string
  readonly amount: number
  readonly per: Budget["per"]
}

/**
 * A budget as a plan has it.
 *
 * @param name as a summary names it
 * @param account whose calls count; `undefined`: all of the pipeline's
 */
export const make = (name: string, account: string | undefined, { cny, per, usd }: Budget): PlanBudget => ({
  name,
  account,
  currency: usd === undefined ? "CNY" : "USD",
  amount: usd ?? cny ?? 0,
  per
})

/** The beginning of the day or month, by this machine's clock; milliseconds since 1970. */
export const startOf = (per: "day" | "month", now: Date): number =>
  new Date(now.getFullYear(), now.getMonth(), per === "day" ? now.getDate() : 1).getTime()
