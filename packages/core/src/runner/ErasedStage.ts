import type { Effect } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import type { Json } from "../stage/Json.js"
import type { SecretRef } from "../stage/Secret.js"
import type { SinkAnswers } from "../stage/SinkAnswers.js"
import type { AnyStage, CallEstimate, MediaLength } from "../stage/Stage.js"

/** A stage as the runner sees it: like any other. */
export interface ErasedStage {
  readonly run: (inputs: Readonly<Record<string, unknown>>, config: unknown) => Effect.Effect<unknown, StageFailure>
  readonly keyParts: ((config: unknown) => Effect.Effect<Readonly<Record<string, Json>>, StageFailure>) | undefined
  readonly secrets: ((config: unknown) => Effect.Effect<ReadonlyArray<SecretRef>, StageFailure>) | undefined
  readonly estimate:
    ((media: MediaLength, config: unknown) => Effect.Effect<ReadonlyArray<CallEstimate>, StageFailure>) | undefined
  readonly sink: SinkAnswers<StageFailure, never> | undefined
}

/**
 * The runner's one cast. That inputs, config and errors fit was checked by the planner; that its services are there, where its
 * plugin was made: whoever runs a plan provides the layers of its plugins.
 */
export const erase = (stage: AnyStage): ErasedStage => stage as unknown as ErasedStage
