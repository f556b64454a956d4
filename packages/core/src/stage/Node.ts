import { Context } from "effect"

/** Which pipeline's node is running, for a sink that names them in its rows. */
export interface Service {
  readonly pipeline: string
  readonly node: string
  /** The key of this run of the node: stage, version, config and inputs, and for a sink the pipeline and node too. */
  readonly key: string
}

export class Node extends Context.Reference<Node>()("@mediaspool/core/Node", {
  defaultValue: (): Service => ({ pipeline: "none", node: "none", key: "none" })
}) {}
