import * as Options from "@effect/cli/Options"
import { Option } from "effect"

/** Which failures: all that is given must fit. */
export const filter = {
  pipeline: Options.text("pipeline").pipe(Options.optional, Options.withDescription("Only of this pipeline")),
  stage: Options.text("stage").pipe(Options.optional, Options.withDescription("Only of this stage, or of the node of this name")),
  code: Options.text("code").pipe(Options.optional, Options.withDescription("Only with this code, such as RateLimited"))
}

/** The options as the store takes them. */
export const filterOf = (options: {
  readonly pipeline: Option.Option<string>
  readonly stage: Option.Option<string>
  readonly code: Option.Option<string>
}) => ({
  pipeline: Option.getOrUndefined(options.pipeline),
  stage: Option.getOrUndefined(options.stage),
  code: Option.getOrUndefined(options.code)
})
