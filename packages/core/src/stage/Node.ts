import { Context } from "effect"

/** Which pipeline's node is running, for a sink that names them in its rows. */
export interface Service {
  readonly pipeline: string
  readonly node: string
}

export class Node extends Context.Reference<Node>()("@mediaspool/core/Node", {
  defaultValue: (): Service => ({ pipeline: "none", node: "none" })
}) {}
