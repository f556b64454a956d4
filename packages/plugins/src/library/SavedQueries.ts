import { Schema } from "effect"

/** Queries by name; `saved:NAME` in another query stands for one. */
export const SavedQueries = Schema.Record({
  key: Schema.String,
  value: Schema.String.annotations({ description: "A query as `spool search` takes it: emotion:sad instrument:piano" })
}).annotations({ description: "Queries by name; `saved:NAME` in another query stands for one" })
export type SavedQueries = typeof SavedQueries.Type
