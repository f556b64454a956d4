import { Field, SecretRef } from "@mediaspool/core"
import { Schema } from "effect"

export const Config = Schema.Struct({
  language: Field.required(Schema.Literal("en", "zh"), "Language of the text"),
  lines: Field.withDefault(Schema.Int, 2, "Lines of a subtitle, at most"),
  title: Field.maybe(Schema.String, "Title above the text"),
  // How the work is done, not what comes out: changing it reruns nothing.
  atOnce: Field.withDefault(Field.unkeyed(Schema.Int), 4, "Requests at the same time"),
  key: Field.maybe(SecretRef, "Key of the service")
})
