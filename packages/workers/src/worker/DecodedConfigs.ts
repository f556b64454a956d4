import type { Stage } from "@mediaspool/core"
import { Either, Schema } from "effect"
import * as Mismatch from "../protocol/Mismatch.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** Configs of stages as jobs carry them: the jobs of a node have the same one, which is decoded once. */
export class DecodedConfigs {
  private readonly last = new Map<Stage.AnyStage, { readonly text: string; readonly config: unknown }>()

  of(stage: Stage.AnyStage, encoded: unknown): Either.Either<unknown, WorkerError> {
    const text = JSON.stringify(encoded)
    const known = this.last.get(stage)
    if (known?.text === text) return Either.right(known.config)
    const decoded = Schema.decodeUnknownEither(stage.config)(encoded, { onExcessProperty: "error" })
    if (Either.isRight(decoded)) this.last.set(stage, { text, config: decoded.right })
    return Either.mapLeft(
      decoded,
      (error) =>
        new WorkerError({
          code: "JobRefused",
          detail: `the config of '${stage.name}' is not valid here: ${Mismatch.describe(error)}`
        })
    )
  }
}
