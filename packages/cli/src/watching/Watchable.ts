import type { Plan, Project } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode, Refused } from "../ExitCode.js"
import { inline } from "../render/Text.js"

/** The plans that are meant: those of the named pipelines, or of all that have a source folder. */
export const plansOf = (
  { pipelines }: Pick<Project.Project, "pipelines">,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Plan.Plan>, Refused> =>
  Effect.suspend(() => {
    const all = [...pipelines.values()].map(({ plan }) => plan)
    const unknown = names.find((name) => !pipelines.has(name))
    if (unknown !== undefined)
      return new Refused({
        code: ExitCode.usage,
        message: `There is no pipeline '${inline(unknown)}'.`,
        help: `The config has ${all.map(({ pipeline }) => `'${pipeline}'`).join(", ")}.`
      })
    const meant = names.length === 0 ? all : all.filter(({ pipeline }) => names.includes(pipeline))
    const without = meant.filter(({ source }) => source === undefined)
    if (without.length > 0 && (names.length > 0 || without.length === meant.length))
      return new Refused({
        code: names.length > 0 ? ExitCode.usage : ExitCode.config,
        message: `${without.map(({ pipeline }) => `'${pipeline}'`).join(", ")} ${without.length > 1 ? "have" : "has"} no source folder to watch.`,
        help: "Write `source: { folder: … }` in the config."
      })
    return Effect.succeed(meant.filter(({ source }) => source !== undefined))
  })
