import { CanaryError } from "./CanaryError.js"
import type { CompiledNode } from "./CompiledPlan.js"
import { type NodeOutcome, recordOf } from "./NodeOutcome.js"

/** Nothing to serve while an edit of the node is on trial. */
export const heldOutcome = ({ planned: { name } }: CompiledNode, key: string): Extract<NodeOutcome, { _tag: "Waiting" }> => ({
  _tag: "Waiting",
  key,
  failure: recordOf(new CanaryError({ code: "CanaryOpen", detail: `the edit of '${name}' is on trial` })),
  attempts: 0
})
