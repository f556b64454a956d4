import type { Plan, Project } from "@mediaspool/core"
import { Effect } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { inline } from "../../output/Text.js"
import type { PipelineSource } from "../../project.js"
import { Refused } from "../../Refused.js"

/** Those that are meant: the named ones, or all that have a source folder. */
export const meant = <A extends PipelineSource>(
  all: ReadonlyArray<A>,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<A>, Refused> =>
  Effect.suspend(() => {
    const unknown = names.find((name) => !all.some(({ pipeline }) => pipeline === name))
    if (unknown !== undefined)
      return new Refused({
        code: ExitCode.usage,
        message: `No pipeline named '${inline(unknown)}'.`,
        help: `The config has ${all.map(({ pipeline }) => `'${pipeline}'`).join(", ")}.`
      })
    const asked = names.length === 0 ? all : all.filter(({ pipeline }) => names.includes(pipeline))
    const without = asked.filter(({ source }) => source === undefined)
    if (without.length > 0 && (names.length > 0 || without.length === asked.length))
      return new Refused({
        code: names.length > 0 ? ExitCode.usage : ExitCode.config,
        message: `${without.map(({ pipeline }) => `'${pipeline}'`).join(", ")} ${without.length > 1 ? "have" : "has"} no source folder to watch.`,
        help: "Set `source: { folder: … }` in the config."
      })
    return Effect.succeed(asked.filter(({ source }) => source !== undefined))
  })

/** The plans that are meant. */
export const plansOf = (
  { pipelines }: Pick<Project.Project, "pipelines">,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Plan.Plan>, Refused> =>
  meant(
    [...pipelines.values()].map(({ plan }) => plan),
    names
  )
