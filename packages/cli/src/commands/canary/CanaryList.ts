import { openCanaries } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { Output } from "../../output/Output.js"
import { counted, duration } from "../../output/Quantity.js"
import { table } from "../../output/Table.js"
import { nothingYet, readStore } from "../../store.js"

/** Lists the edits that are on trial. */
export const listCanaries = (config: Option.Option<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    const found = yield* readStore(config, () => openCanaries)
    if (Option.isNone(found)) return yield* output.note(nothingYet)
    for (const { node, pipeline, sample, startedAt } of found.value)
      yield* output.value({
        type: "canary",
        pipeline,
        node,
        state: "open",
        startedAt: new Date(startedAt).toISOString(),
        sample: sample.length
      })
    if (output.json) return
    if (found.value.length === 0) return yield* output.print("No edit is on trial. `spool canary <stage>` starts one.")
    const now = Date.now()
    yield* output.print(
      table(
        [{ head: "pipeline" }, { head: "step" }, { head: "sample", align: "right" }, { head: "since", align: "right" }],
        found.value.map(({ node, pipeline, sample, startedAt }) => [
          pipeline,
          node,
          counted(sample.length, "file"),
          duration((now - startedAt) / 1000)
        ])
      )
    )
  })
