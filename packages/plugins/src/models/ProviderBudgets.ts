import { Budget } from "@mediaspool/core"
import { Option, Schema } from "effect"
import { Providers } from "./catalog/Provider.js"

const decode = Schema.validateOption(Schema.typeSchema(Providers))

/**
 * The budgets of the config's providers, for the plans that use them.
 *
 * @param section `providers`, as core has decoded it
 */
export const of = (section: unknown): ReadonlyArray<Budget.PlanBudget> =>
  Object.entries(Option.getOrElse(decode(section), (): Providers => ({}))).flatMap(([name, { budget }]) =>
    budget === undefined ? [] : [Budget.make(`budget:${name}`, name, budget)]
  )
