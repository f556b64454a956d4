import { Kind } from "@mediaspool/core"
import { Schema } from "effect"

export class Tempo extends Schema.TaggedClass<Tempo>("beats/Tempo")("Tempo", {
  bpm: Schema.Number,
  // Another version of the decoder may measure some milliseconds more: no reason to run what comes after it again.
  seconds: Kind.unkeyed(Schema.Number)
}) {}
