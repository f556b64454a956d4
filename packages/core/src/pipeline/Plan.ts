import type { Duration } from "effect"
import type { SourceSettings } from "../config/SourceConfig.js"
import type { PlanBudget } from "../stage/Budget.js"
import type { Json } from "../stage/Json.js"
import type { Service as NodeService } from "../stage/Node.js"
import type { AnyStage } from "../stage/Stage.js"

/** The reserved node that is core itself: it gives `Original` and `Location`. */
export const SOURCE = "source"

/** How a node meets a failure of class `now`. */
export interface Retry {
  /** Tries after the first. */
  readonly times: number
  /** The wait before the first retry. */
  readonly delay: Duration.Duration
  /** Factor by which each wait grows. */
  readonly factor: number
  /** No wait is longer. */
  readonly maxDelay: Duration.Duration
}

/** One step of a plan. */
export interface PlannedNode {
  readonly name: string
  readonly stage: AnyStage
  /** The plugin that gives the stage. */
  readonly plugin?: string | undefined
  /** It was asked for as `plugin/stage`: the plugin's name is a part of its keys, for another's stage may have the same name. */
  readonly isQualified?: boolean
  /** Decoded, ready for `stage.run`. */
  readonly config: unknown
  /** The encoded config without the fields equal to their default and without secrets: it goes into the result key. */
  readonly identity: Json
  /** Port → the nodes wired to it, in the plan's order; an empty list for a `maybe` that nobody gives. */
  readonly inputs: Readonly<Record<string, ReadonlyArray<string>>>
  readonly retry: Retry
  /** Absent: the stage knows best. */
  readonly timeout: Duration.Duration | undefined
  /** Attempts of this node at the same time; absent: as many as there are items in flight. */
  readonly concurrency: number | undefined
  /** Its stage may run on another machine; absent: it runs on this one. */
  readonly on?: "workers" | undefined
}

/** A pipeline, wired and checked: what the runner runs. */
export interface Plan {
  readonly pipeline: string
  readonly source: SourceSettings | undefined
  /** What its paid calls may cost. */
  readonly budgets?: ReadonlyArray<PlanBudget>
  /** Each after the nodes it needs; the first is `ingest`. */
  readonly nodes: ReadonlyArray<PlannedNode>
}

/** A node of a plan as its stage finds it while it is asked about keys and prices, before anything runs. */
export const nodeService = ({ nodes, pipeline }: Pick<Plan, "nodes" | "pipeline">, node: PlannedNode): NodeService => ({
  pipeline,
  node: node.name,
  key: "",
  plugin: node.plugin,
  kinds: Object.fromEntries(
    Object.entries(node.inputs).map(([port, names]) => [
      port,
      names.flatMap((name) => nodes.find((other) => other.name === name)?.stage.output._tag ?? [])
    ])
  )
})
