import type { Project } from "@mediaspool/core"
import { ModelCatalog, Providers } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"
import type { ModelForecast } from "./RunForecast.js"

/** Where a model's price is from. */
export interface PriceDate {
  readonly account: string
  readonly model: string
  /** The day on which the catalog's was read (ISO 8601); `config`: the config says it. */
  readonly priceOf: string
}

/** Where the prices of a plan are from. */
export const of = (
  { settings }: Project.Project,
  models: ReadonlyArray<ModelForecast>
): Effect.Effect<ReadonlyArray<PriceDate>> =>
  Schema.validate(Providers)(settings.section("providers")).pipe(
    Effect.orElseSucceed((): Providers => ({})),
    Effect.map((own) =>
      models.flatMap(({ account, cost, model }) => {
        if (cost === undefined) return []
        const checked = Object.hasOwn(ModelCatalog.models, model) ? ModelCatalog.models[model]?.checked : undefined
        const isOwn = own[account]?.models?.[model]?.price !== undefined
        return [{ account, model, priceOf: isOwn || checked === undefined ? "config" : checked }]
      })
    )
  )
