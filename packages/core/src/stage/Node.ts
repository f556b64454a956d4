import { Context } from "effect"

/** What a person asks a node to mind when it works on one file again. Part of the result key of a stage that `takesNotes`. */
export interface Note {
  /** Empty: another answer is wanted, whatever it is. */
  readonly text: string
  /** How often the node was asked again for this file: another number is another key, so that the same words ask once more. */
  readonly times: number
}

/** Which pipeline's node is running: a sink names them in its rows, the log in its lines. */
export interface Service {
  readonly pipeline: string
  readonly node: string
  /** The key of this run of the node: stage, version, config and inputs, and for a sink the pipeline and node too. */
  readonly key: string
  /** Port → the nodes wired to it, whether they settled or not. A sink removes what it wrote for nodes that are wired no longer. */
  readonly wired?: Readonly<Record<string, ReadonlyArray<string>>> | undefined
  /** Port → tags of the kinds that are wired to it. Given where keys and prices are asked for, before anything runs. */
  readonly kinds?: Readonly<Record<string, ReadonlyArray<string>>> | undefined
  /** The plugin that gives the stage. */
  readonly plugin?: string | undefined
  /** The file at work: absolute, a RawPath. Results may not rest on it. */
  readonly path?: string | undefined
  /** Given to stages that take notes, for a file that a person asked about again. */
  readonly note?: Note | undefined
}

/** The node that runs; outside of a run none. */
export class Node extends Context.Reference<Node>()("@mediaspool/core/Node", {
  defaultValue: (): Service => ({ pipeline: "none", node: "none", key: "none" })
}) {}
