import { Field, Settings } from "@mediaspool/core"
import { Effect, Schema } from "effect"

/** The plugin names it in `sections`; people write `scales: { unit: KiB }` at the top of spool.yaml. */
export const scales = {
  name: "scales",
  schema: Schema.Struct({ unit: Field.withDefault(Schema.Literal("B", "KiB"), "B", "Unit of weights") })
}

export const unit: Effect.Effect<"B" | "KiB", never, Settings> = Effect.map(Settings.read(scales), ({ unit }) => unit)
