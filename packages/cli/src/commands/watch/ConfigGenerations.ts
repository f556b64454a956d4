import type * as FileSystem from "@effect/platform/FileSystem"
import type { ConfigError, Project, StoreError, Store, Watcher } from "@mediaspool/core"
import { Effect, Layer, Option, type Scope, SubscriptionRef } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { load } from "../../host.js"
import * as layers from "../../layers.js"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as StageSources from "../../StageSources.js"
import { withBudgets } from "../run/budgets.js"
import { connectionOf } from "../../workers.js"
import * as Watchable from "./Watchable.js"

/** The config as it is now, and as it will be. */
export interface Generations {
  /** Reads the config and starts its plugins' services; they end with the scope. The first time it takes the project that is there. */
  readonly load: Effect.Effect<Watcher.Generation, ConfigError | Refused | StoreError, Scope.Scope>
  /** The last project that was read without fault: what can't be used refers to it. */
  readonly project: Effect.Effect<Project.Project>
  /** The files that make up the config. */
  readonly files: SubscriptionRef.SubscriptionRef<ReadonlyArray<string>>
}

const moved = (next: Project.Project, state: string) =>
  new Refused({
    code: ExitCode.config,
    message: `${place(next.file)} names another state folder: ${place(next.state)} instead of ${place(state)}.`,
    help: "Changing it needs a restart: `spool drain`, then `spool watch`."
  })

const reconnected = (next: Project.Project) =>
  new Refused({
    code: ExitCode.config,
    message: `${place(next.file)} changes \`workers\`, or sends the first node there.`,
    help: "Changing it needs a restart: `spool drain`, then `spool watch`."
  })

/** @param names of pipelines; none: all */
export const make = (
  first: Project.Project,
  names: ReadonlyArray<string>
): Effect.Effect<Generations, never, FileSystem.FileSystem | Store.Store> =>
  Effect.gen(function* () {
    const store = yield* Effect.context<FileSystem.FileSystem | Store.Store>()
    const files = yield* SubscriptionRef.make(first.files)
    let fresh: Project.Project | undefined = first
    let last = first
    const connection = connectionOf(first)
    const read = Effect.gen(function* () {
      const project = fresh ?? (yield* load(Option.some(first.file)))
      fresh = undefined
      if (project.state !== first.state) return yield* moved(project, first.state)
      if (connectionOf(project) !== connection) return yield* reconnected(project)
      const plans = (yield* Watchable.plansOf(project, names)).map((plan) => withBudgets(plan, project))
      yield* Effect.provide(StageSources.warn(project, plans, []), store)
      last = project
      yield* SubscriptionRef.set(files, project.files)
      return { plans, services: yield* Effect.provide(Layer.build(layers.services(project)), store) }
    })
    return { load: read, project: Effect.sync(() => last), files }
  })
