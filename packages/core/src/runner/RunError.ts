import { Data } from "effect"
import type { StageFailure } from "../stage/Failure.js"

/** A stage refused its config before anything ran. */
export class PlanFault extends Data.TaggedError("PlanFault")<{
  readonly pipeline: string
  readonly faults: ReadonlyArray<{ readonly node: string; readonly failure: StageFailure }>
}> {}

/** A failure of class `config` while running: the person must change a setting, so the run stopped. */
export class RunStopped extends Data.TaggedError("RunStopped")<{ readonly node: string; readonly failure: StageFailure }> {}
