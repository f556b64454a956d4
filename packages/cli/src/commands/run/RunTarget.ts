import type { Plan, Project } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { existsSync } from "node:fs"
import { ExitCode } from "../../ExitCode.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** A pipeline, and the files and folders that it shall run over; none: its whole source. */
export interface RunTarget {
  readonly plan: Plan.Plan
  readonly paths: ReadonlyArray<string>
}

const usage = (message: string, help: string) => new Refused({ code: ExitCode.usage, message, help })

/** Which pipeline is meant. Where the config has one only, the first word may be a path already. */
export const choose = (
  { pipelines }: Project.Project,
  first: Option.Option<string>,
  paths: ReadonlyArray<string> = []
): Effect.Effect<RunTarget, Refused> =>
  Effect.suspend(() => {
    const named = Option.flatMapNullable(first, (name) => pipelines.get(name))
    if (Option.isSome(named)) return Effect.succeed({ plan: named.value.plan, paths })
    const names = [...pipelines.keys()]
    const [only, another] = pipelines.values()
    if (only !== undefined && another === undefined) {
      if (Option.isNone(first)) return Effect.succeed({ plan: only.plan, paths })
      if (existsSync(first.value)) return Effect.succeed({ plan: only.plan, paths: [first.value, ...paths] })
    }
    const has = `The config has ${names.map((name) => `'${name}'`).join(", ")}.`
    return Option.isNone(first)
      ? usage("Which pipeline?", has)
      : usage(`No pipeline and no file named '${inline(first.value)}'.`, has)
  })

/** Refuses names that stand for nothing in the plan. */
export const checkRerun = ({ nodes }: Plan.Plan, names: ReadonlyArray<string>): Effect.Effect<void, Refused> => {
  const unknown = names.find((name) => !nodes.some((node) => node.name === name || node.stage.name === name))
  return unknown === undefined
    ? Effect.void
    : usage(
        `No node or stage named '${inline(unknown)}'.`,
        `The pipeline has ${nodes.map(({ name }) => `'${name}'`).join(", ")}.`
      )
}
