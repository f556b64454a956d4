import { type Diagnostic, fileInTheWay, migrationRefusal, Permission, type Project } from "@mediaspool/core"
import { Effect } from "effect"
import { statSync } from "node:fs"
import * as Diagnostics from "../../Diagnostics.js"
import { Ended, ExitCode } from "../../ExitCode.js"
import { Output, paint } from "../../output/Output.js"
import { counted } from "../../output/Quantity.js"
import { inline, place } from "../../output/Text.js"
import { workersFaults } from "../../workers.js"
import { type Need, needs } from "./Environment.js"
import { nodeFaults, nodesOf } from "./NodeDiagnostics.js"

const needLine = ({ detail, found, name, neededBy, type }: Need): string =>
  `${found ? paint.green("✓") : paint.red("✗")} ${type} ${inline(name)}: ${inline(detail)} ${paint.dim(`(${neededBy.join(", ")})`)}`

/** What a stranger's plugin may touch, for the person who is about to run it. */
const grants = ({ registry }: Project.Project): ReadonlyArray<string> =>
  registry.plugins
    .filter(({ from }) => from !== "built in")
    .map(({ from, plugin }) => {
      const list = Permission.list(plugin.permissions).map(Permission.sentence)
      return `  ${inline(plugin.name)} (${inline(from)}): ${list.length === 0 ? "needs no permissions" : inline(list.join(", "))}`
    })

/** Source folders that are files; with `env` also those that are missing. */
const sourceDiagnostics = (project: Project.Project, env: boolean): ReadonlyArray<Diagnostic.Diagnostic> =>
  [...project.pipelines.values()].flatMap(({ plan: { pipeline, source } }) => {
    if (source === undefined) return []
    const at = (message: string) => [project.faultAt(["pipelines", pipeline, "source", "folder"], message)]
    const found = statSync(source.folder, { throwIfNoEntry: false })
    if (found === undefined) return env ? at(`${place(source.folder)} does not exist`) : []
    return found.isDirectory() ? [] : at(`${place(source.folder)} is not a folder`)
  })

/** A state folder that is a file, or lies below one. */
const stateDiagnostics = (project: Project.Project): ReadonlyArray<Diagnostic.Diagnostic> => {
  const file = fileInTheWay(project.state)
  return file === undefined ? [] : [project.faultAt(["state"], `the state folder can't be made: ${place(file)} is a file`)]
}

/** Migrations that the first run would refuse. Ours are tested; reading them would be a quarter of the command's time. */
const migrationDiagnostics = (project: Project.Project): ReadonlyArray<Diagnostic.Diagnostic> =>
  project.registry.plugins.flatMap(({ from, plugin: { migrations, name } }) =>
    (from === "built in" ? [] : migrations).flatMap(({ id, sql }) => {
      const refusal = migrationRefusal(sql)
      return refusal === undefined ? [] : [project.faultAt(["plugins"], `the tables of '${name}', step ${id}: ${refusal}`)]
    })
  )

/** Validates a config, and with `env` what it needs of this machine. */
export const check = (project: Project.Project, env: boolean) =>
  Effect.gen(function* () {
    const output = yield* Output
    const nodes = nodesOf(project)
    // A stranger's services are only made when the machine is looked at: nobody knows what they open.
    const faults = yield* nodeFaults(
      project,
      env ? nodes : nodes.filter(({ registered }) => registered?.plugin.from === "built in")
    )
    const workers = yield* workersFaults(project)
    const all = [
      ...faults,
      ...sourceDiagnostics(project, env),
      ...stateDiagnostics(project),
      ...migrationDiagnostics(project),
      ...workers.map(({ message, path }) => project.faultAt(path, message))
    ]
    if (all.length > 0) return yield* Diagnostics.say(all, "Fix the problems listed above.")
    const found = env ? yield* needs(project, nodes) : []
    for (const { plan } of project.pipelines.values())
      yield* output.value({ type: "pipeline", pipeline: plan.pipeline, nodes: plan.nodes.map(({ name }) => name) })
    yield* Effect.forEach(found, (need) => output.value(need), { discard: true })
    const missing = found.filter(({ found }) => !found)
    const pipelines = [...project.pipelines.values()].map(
      ({ plan }) => `${plan.pipeline} (${counted(plan.nodes.length, "step")})`
    )
    const strangers = grants(project)
    yield* output.value({ type: "summary", config: project.file, pipelines: pipelines.length, missing: missing.length })
    yield* output.print(
      [
        `${paint.green("✓")} ${place(project.file)} is valid: ${pipelines.join(", ")}.`,
        ...(strangers.length === 0 ? [] : ["Plugins:", ...strangers]),
        ...found.map(needLine)
      ].join("\n")
    )
    if (missing.length > 0) return yield* new Ended({ code: ExitCode.config })
  })
