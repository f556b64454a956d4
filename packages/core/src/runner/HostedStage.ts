import type { Effect } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import type { Json } from "../stage/Json.js"
import type { Service as Node } from "../stage/Node.js"
import type { SecretRef } from "../stage/Secret.js"
import type { AnyStage } from "../stage/Stage.js"

/** A stage as the runner sees it: like any other. */
export interface HostedStage {
  readonly run: (inputs: Readonly<Record<string, unknown>>, config: unknown) => Effect.Effect<unknown, StageFailure>
  readonly extras: ((config: unknown) => Effect.Effect<Readonly<Record<string, Json>>, StageFailure>) | undefined
  readonly secrets: ((config: unknown) => Effect.Effect<ReadonlyArray<SecretRef>, StageFailure>) | undefined
  readonly receipt: ((node: Node) => Effect.Effect<boolean, StageFailure>) | undefined
  readonly unwanted: ((contentHash: string) => Effect.Effect<boolean, StageFailure>) | undefined
}

/**
 * The runner's one cast. That inputs, config and errors fit was checked by the planner; that its services are there, where its
 * plugin was made: whoever runs a plan provides the layers of its plugins.
 */
export const host = (stage: AnyStage): HostedStage => stage as unknown as HostedStage
