/** What connects the command to `@mediaspool/workers`: an optional package, loaded by the commands and configs that need it alone. */
import {
  type Plan,
  type Project,
  Secrets,
  secretsFrom,
  shareModules,
  type Stage,
  type StateFolder,
  type WorkersSettings
} from "@mediaspool/core"
import type * as Workers from "@mediaspool/workers"
import { mediaPlugin } from "@mediaspool/plugins"
import { Effect, Either, Layer, type Redacted } from "effect"
import { availableParallelism } from "node:os"
import { join, sep } from "node:path"
import { ExitCode } from "./ExitCode.js"
import { Refused } from "./Refused.js"
import { sharedModules } from "./SharedModules.js"
import { coreVersion } from "./Version.js"

/** The package, or what to install. */
export const load: Effect.Effect<typeof Workers, Refused> = Effect.tryPromise({
  // It finds the running modules, as plugins do.
  try: () => shareModules(sharedModules).then(() => import("@mediaspool/workers")),
  catch: (cause) =>
    new Refused({
      code: ExitCode.config,
      message: `The package @mediaspool/workers can't be loaded: ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause)}`,
      help: "Install it beside the command, as the guide says (docs/guide/workers.md)."
    })
})

/** Where the queue is, with its password. */
export const addressOf = (
  { QueueAddress }: Pick<typeof Workers, "QueueAddress">,
  url: string,
  password: Redacted.Redacted | undefined
): Effect.Effect<Workers.QueueAddress.QueueAddress, Refused> =>
  Effect.mapError(QueueAddress.parse(url, password), (error) => Refused.of(error))

/** The password that a config names. */
export const passwordOf = (
  project: Project.Project,
  { password }: WorkersSettings
): Effect.Effect<Redacted.Redacted | undefined, Refused> =>
  password === undefined
    ? Effect.succeed(undefined)
    : Effect.flatMap(Secrets, ({ resolve }) => resolve(password)).pipe(
        Effect.provideService(Secrets, secretsFrom(project.folder)),
        Effect.mapError((error) => Refused.of(error))
      )

/** Where a stage comes from, as both sides compare it. */
export const originOf =
  ({ registry }: Pick<Project.Project, "registry">) =>
  (stage: Stage.AnyStage): Workers.RemotePlacement.StageOrigin => {
    // By itself: two plugins may give stages of one name.
    const plugin = [...registry.stages.values()].find((registered) => registered.stage === stage)?.plugin
    return {
      plugin: plugin?.plugin.name ?? "",
      version: plugin?.version ?? (plugin?.from === "built in" ? coreVersion : ""),
      isMedia: plugin !== undefined && (plugin.original === mediaPlugin || plugin.original.needs.includes(mediaPlugin))
    }
  }

const hasPlaced = (plan: Plan.Plan): boolean => plan.nodes.some(({ on }) => on === "workers")

/** Whether any node runs on other machines. */
const isPlaced = ({ pipelines }: Project.Project): boolean => [...pipelines.values()].some(({ plan }) => hasPlaced(plan))

/** A place in the config, and what is wrong there. */
export interface WorkersFault {
  readonly path: ReadonlyArray<string>
  readonly message: string
}

/** What lies on no share, though workers are to read or write it there. */
const unsharedPlaces = ({ Roots }: typeof Workers, { pipelines, workers }: Project.Project): ReadonlyArray<WorkersFault> => {
  if (workers === undefined || workers.files !== "shared" || workers.roots.size === 0) return []
  const { outbox, roots } = workers
  const named = `in none of the roots ${[...roots].map(([name, folder]) => `${name} (${folder})`).join(", ")}`
  const isShared = (folder: string) => Roots.sharedFolder(roots, folder) !== undefined
  const outside = [...pipelines.values()].flatMap(({ plan }) => {
    const folder = plan.source?.folder
    if (folder === undefined || !hasPlaced(plan) || isShared(folder)) return []
    // A part of its files may be on the share.
    if ([...roots.values()].some((root) => root.startsWith(join(folder, sep)))) return []
    const message = `${folder} is ${named}: workers can't read its files`
    return [{ path: ["pipelines", plan.pipeline, "source", "folder"], message }]
  })
  return outbox === undefined || isShared(outbox)
    ? outside
    : [...outside, { path: ["workers", "outbox"], message: `${outbox} is ${named}` }]
}

/** What is wrong with the machines that a config names, as far as its text tells; nothing is opened. */
export const workersFaults = (project: Project.Project): Effect.Effect<ReadonlyArray<WorkersFault>> => {
  const { workers } = project
  if (workers === undefined || !isPlaced(project)) return Effect.succeed([])
  return Effect.gen(function* () {
    const loaded = yield* load
    const address = yield* Effect.either(addressOf(loaded, workers.queue, undefined))
    const queue = Either.isLeft(address) ? [{ path: ["workers", "queue"], message: address.left.message }] : []
    return [...queue, ...unsharedPlaces(loaded, project)]
  }).pipe(Effect.catchAll(({ message }) => Effect.succeed([{ path: ["workers", "queue"], message }])))
}

/** What a running command can't change: the queue, and whether anything goes there. */
export const connectionOf = (project: Project.Project): string => {
  const { workers } = project
  return JSON.stringify(workers === undefined ? {} : { ...workers, roots: [...workers.roots], isPlaced: isPlaced(project) })
}

/** A queue's server that answers. */
export interface QueueLook {
  /** Who is there, in words. */
  readonly detail: string
  /** How it throws jobs away when its memory is used up, if so. */
  readonly eviction: string | undefined
}

/** Who answers at the queue; fails where nobody does, or no job could be written there. */
export const lookAtQueue = (project: Project.Project, workers: WorkersSettings): Effect.Effect<QueueLook, Refused> =>
  Effect.gen(function* () {
    const { Eviction, QueueClient, Roster, ...loaded } = yield* load
    const address = yield* addressOf(loaded, workers.queue, yield* passwordOf(project, workers))
    const { eviction, list } = yield* Effect.gen(function* () {
      const client = yield* QueueClient.make(address)
      yield* QueueClient.tryWriting(client)
      return { eviction: yield* Eviction.policy(client), list: yield* Roster.workers(client).list }
    }).pipe(
      Effect.scoped,
      Effect.mapError((error) => Refused.of(error))
    )
    const detail = `${address.shown} answers, ${list.length === 1 ? "1 worker is" : `${list.length} workers are`} there`
    return { detail, eviction }
  })

/** Runs nodes with `on: workers` elsewhere. Where there are none, nothing is loaded. */
export const placement = (project: Project.Project): Layer.Layer<never, Refused, StateFolder> => {
  const { workers } = project
  if (workers === undefined || !isPlaced(project)) return Layer.empty
  return Layer.unwrapEffect(
    Effect.gen(function* () {
      const loaded = yield* load
      const address = yield* addressOf(loaded, workers.queue, yield* passwordOf(project, workers))
      return Layer.mapError(
        loaded.RemotePlacement.layer({
          address,
          roots: workers.roots,
          files: workers.files,
          outbox: workers.outbox,
          local: workers.local ?? availableParallelism(),
          listen: workers.listen,
          url: workers.url,
          originOf: originOf(project)
        }),
        (error) => Refused.of(error)
      )
    })
  )
}
