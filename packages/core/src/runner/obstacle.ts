import type { CompiledNode } from "./CompiledPlan.js"
import type { NodeOutcome } from "./NodeOutcome.js"
import type { ItemContext } from "./RunState.js"

/** What stands in the way of a node; the first that holds of: an input was left, an input failed, an input waits, a needed input was skipped. */
export const obstacle = (node: CompiledNode, itemContext: ItemContext): NodeOutcome | undefined => {
  let waits = false
  let skipped = false
  for (const { from, mode } of node.ports) {
    for (const { index } of from) {
      const outcome = itemContext.outcomes[index]
      if (outcome === undefined || outcome._tag === "Value") continue
      if (outcome._tag === "Left") return outcome
      if (mode === "all") continue
      if (outcome._tag === "Skipped") skipped ||= mode === "one"
      else if (outcome._tag === "Waiting" || (outcome._tag === "Blocked" && outcome.waits)) waits = true
      else return { _tag: "Blocked", waits: false }
    }
  }
  return waits ? { _tag: "Blocked", waits } : skipped ? { _tag: "Skipped", key: "", failure: undefined } : undefined
}
