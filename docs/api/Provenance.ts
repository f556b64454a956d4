import { Node, Provenance } from "@mediaspool/core"
import { Effect } from "effect"

export const note: Effect.Effect<string> = Effect.gen(function* () {
  const provenance = yield* Provenance
  yield* provenance.madeWith("exiftool", "13.10")
  const { key, node, pipeline } = yield* Node
  return `${pipeline}/${node} ${key}`
})
