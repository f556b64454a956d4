import { Context } from "effect"

/** Which pipeline's node is running, for a sink that names them in its rows. */
export interface Service {
  readonly pipeline: string
  readonly node: string
  /** The key of this run of the node: stage, version, config and inputs, and for a sink the pipeline and node too. */
  readonly key: string
  /** Port → the nodes wired to it, whether they settled or not. A sink removes what it wrote for nodes that are wired no longer. */
  readonly wired?: Readonly<Record<string, ReadonlyArray<string>>> | undefined
}

export class Node extends Context.Reference<Node>()("@mediaspool/core/Node", {
  defaultValue: (): Service => ({ pipeline: "none", node: "none", key: "none" })
}) {}
