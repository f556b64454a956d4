import * as FileSystem from "@effect/platform/FileSystem"
import { Database, type LoadedPlugin, type Plan, type Project } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { inline } from "./output/Text.js"

/** The code of stages when their version was used last, by `plugin/stage@version`: of plugins that are named by their path. */
const Kept = Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.String }))

/** Stages of one plugin whose code isn't the one that is kept for their version. */
export interface ChangedPlugin {
  readonly plugin: LoadedPlugin
  readonly stages: ReadonlyArray<Plan.PlannedNode["stage"]>
}

export interface StageSources {
  readonly changed: ReadonlyArray<ChangedPlugin>
  /** Keeps the code as it is now, so that each change is told once. */
  readonly keep: Effect.Effect<void>
}

const fileOf = ({ state }: Project.Project): string => join(state, "sources.json")

/** Compares the code of the plans' own stages with what is kept in the state folder. Nothing is read where all plugins are packages. */
export const look = (
  project: Project.Project,
  plans: ReadonlyArray<Plan.Plan>
): Effect.Effect<StageSources, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const used = new Set(plans.flatMap(({ nodes }) => nodes.map(({ stage }) => stage)))
    const own = project.registry.plugins.flatMap((plugin) => {
      const stages = plugin.plugin.stages.filter((stage) => used.has(stage))
      return plugin.fingerprint === undefined || stages.length === 0 ? [] : [{ plugin, stages, code: plugin.fingerprint }]
    })
    if (own.length === 0) return { changed: [], keep: Effect.void }
    const fs = yield* FileSystem.FileSystem
    const kept = yield* Effect.orElseSucceed(
      Effect.flatMap(fs.readFileString(fileOf(project)), Schema.decode(Kept)),
      (): typeof Kept.Type => ({})
    )
    const now: Record<string, string> = { ...kept }
    const changed = yield* Effect.forEach(own, ({ code, plugin, stages }) =>
      Effect.map(code, (code) => ({
        plugin,
        stages: stages.filter(({ name, version }) => {
          const id = `${plugin.plugin.name}/${name}@${version}`
          now[id] = code
          return kept[id] !== undefined && kept[id] !== code
        })
      }))
    )
    return {
      changed: changed.filter(({ stages }) => stages.length > 0),
      keep: Effect.flatMap(Schema.encode(Kept)(now), (text) => fs.writeFileString(fileOf(project), `${text}\n`)).pipe(
        // Without it a change may be told a second time.
        Effect.ignore
      )
    }
  })

/** What to do about it, in a line. */
export const advice = ({ plugin, stages }: ChangedPlugin): string => {
  const [first, another] = stages
  const versions =
    another === undefined
      ? `its stage '${first?.name}' is still version ${first?.version}`
      : `its stages have their old versions (${stages.map(({ name, version }) => `'${name}' ${version}`).join(", ")})`
  const rerun = stages.map(({ name }) => `--rerun ${name}`)
  return (
    `the code of ${inline(plugin.from)} has changed, and ${versions}: what was made before stays. ` +
    `If something else comes out now, raise \`version\`, or recompute with \`spool run ${rerun.join(" ")}\`.`
  )
}

const HAS_RESULT = "SELECT 1 FROM ledger JOIN recipe ON recipe.id = ledger.recipe WHERE stage = ? AND version = ? LIMIT 1"

/** Warns of code that has changed under its old version, where that version has given anything; once for each change. */
export const warn = (project: Project.Project, plans: ReadonlyArray<Plan.Plan>, rerun: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { changed, keep } = yield* look(project, plans)
    const database = yield* Database
    const isAnew = new Set(
      plans.flatMap(({ nodes }) =>
        nodes.filter(({ name, stage }) => rerun.includes(name) || rerun.includes(stage.name)).map(({ stage }) => stage)
      )
    )
    const told = yield* database.reading(() =>
      changed.map(({ plugin, stages }) => ({
        plugin,
        stages: stages.filter(
          (stage) =>
            !isAnew.has(stage) &&
            (stage.sink !== undefined || database.row(HAS_RESULT, [stage.name, stage.version]) !== undefined)
        )
      }))
    )
    yield* keep
    for (const each of told) if (each.stages.length > 0) yield* Effect.logWarning(advice(each))
  })
