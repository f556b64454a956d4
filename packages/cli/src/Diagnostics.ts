import { type ConfigError, Diagnostic, type PlanFault, type Project } from "@mediaspool/core"
import { Effect } from "effect"
import { Ended, ExitCode } from "./ExitCode.js"
import { Output, paint } from "./output/Output.js"
import { counted } from "./output/Quantity.js"
import { inline, place } from "./output/Text.js"

/** Every fault of a config with its place, in the form that editors make clickable, and what to do. */
export const text = (faults: ReadonlyArray<Diagnostic.Diagnostic>, help: string): string =>
  [
    ...faults.map((fault) => `${paint.red("✗")} ${inline(Diagnostic.render(fault, place))}`),
    `${faults.length > 1 ? `${counted(faults.length, "problem")}. ` : ""}${help}`
  ].join("\n")

/** Says everything that is wrong with a config, each with its place, and ends. */
export const say = (faults: ReadonlyArray<Diagnostic.Diagnostic>, help: string): Effect.Effect<never, Ended, Output> =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* Effect.forEach(faults, (fault) => output.value({ type: "fault", ...fault }), { discard: true })
    yield* output.note(text(faults, help))
    return yield* new Ended({ code: ExitCode.config })
  })

/** A stage refused its config: each fault at its place, like everything else that is wrong with a config. */
export const ofPlan = ({ faults, pipeline }: PlanFault, project: Project.Project) => ({
  faults: faults.map(({ failure, node }) =>
    project.faultAt(["pipelines", pipeline, "stages", node], `${failure.message} (${failure.code})`)
  ),
  help: [...new Set(faults.map(({ failure }) => failure.help))].join("\n")
})

export const refusePlan = (error: PlanFault, project: Project.Project): Effect.Effect<never, Ended, Output> => {
  const { faults, help } = ofPlan(error, project)
  return say(faults, help)
}

export const refuse = ({ faults, help }: ConfigError): Effect.Effect<never, Ended, Output> => say(faults, help)
