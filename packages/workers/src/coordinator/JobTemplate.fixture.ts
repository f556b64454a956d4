import type { Plan, Stage } from "@mediaspool/core"
import { Duration } from "effect"
import { type JobTemplate, shareNode } from "./JobBuilder.js"

/** What jobs of a node with this stage have in common: no file is on a share, and each fills a slot. */
export const templateOf = (
  stage: Stage.AnyStage,
  about: Partial<Pick<Plan.PlannedNode, "inputs" | "plugin">> = {},
  kinds: JobTemplate["kinds"] = new Map()
): JobTemplate => {
  const node: Plan.PlannedNode = {
    name: stage.name,
    stage,
    config: {},
    identity: {},
    inputs: {},
    retry: { times: 0, delay: Duration.zero, factor: 1, maxDelay: Duration.zero },
    timeout: undefined,
    concurrency: undefined,
    ...about
  }
  return {
    round: "1",
    node,
    shared: shareNode({ coordinator: "0".repeat(16), pipeline: "p" }, node, undefined),
    kinds,
    roots: new Map(),
    isShared: false,
    isMerged: false,
    pack: () => 1
  }
}
