import { Effect, Option } from "effect"
import * as Key from "../pipeline/Key.js"
import { CanaryError } from "../runner/CanaryError.js"
import type { CompiledPlan } from "../runner/CompiledPlan.js"
import * as CanaryLog from "../store/CanaryLog.js"
import { Database } from "../store/Database.js"
import { ProcessLock } from "../store/ProcessLock.js"
import type { StoreError } from "../store/StoreError.js"
import * as WatcherCommand from "./WatcherCommand.js"
import * as WatchLock from "./WatchLock.js"

/** A node of a pipeline. */
export interface Trial {
  readonly pipeline: string
  readonly node: string
}

type Decision<A> = Effect.Effect<A, CanaryError | StoreError, Database | ProcessLock>

/** The canary of a node, if one is open. */
export const find = ({ node, pipeline }: Trial): Effect.Effect<Option.Option<CanaryLog.Canary>, StoreError, Database> =>
  Effect.map(CanaryLog.open, (open) =>
    Option.fromNullable(open.find((canary) => canary.pipeline === pipeline && canary.node === node))
  )

const found = (trial: Trial): Effect.Effect<CanaryLog.Canary, CanaryError | StoreError, Database> =>
  Effect.flatMap(
    find(trial),
    Option.match({
      onNone: () => new CanaryError({ code: "CanaryMissing", detail: `no edit of '${trial.node}' is on trial` }),
      onSome: Effect.succeed
    })
  )

/** The key template of a node as its config has it: prepared with the node as `trial`. */
export const templateOf = ({ nodes }: CompiledPlan, name: string): string | undefined => {
  const node = nodes.find(({ planned }) => planned.name === name)
  return node && Key.preimage(node.prefix, {})
}

const stageOf = (template: string): string | undefined => Option.getOrUndefined(Key.parse(template))?.stage

const takenBack = (node: string): CanaryError =>
  new CanaryError({ code: "EditTakenBack", detail: `the edit of '${node}' is on trial, but the config is as it was before` })

/** A run, not a watcher, that goes on with another config than the canary's. */
const checkRuns = (pipeline: string) =>
  Effect.gen(function* () {
    const database = yield* Database
    const owner = yield* ProcessLock
    const watcher = Option.getOrUndefined(yield* WatchLock.holder)?.owner
    const rows = yield* database.reading(() =>
      database.rows("SELECT DISTINCT owner FROM run WHERE pipeline = ? AND ended_at IS NULL", [pipeline])
    )
    const active = rows
      .map((row) => String(row["owner"]))
      .filter((other) => other !== owner.id && other !== watcher && owner.lives(other))
    if (active.length > 0)
      return yield* new CanaryError({ code: "EditRuns", detail: `a run of '${pipeline}' is active in another process` })
  })

/**
 * Puts a node's edit on trial: from now on runs and watchers of all processes serve what it gave before, until it is accepted or
 * dropped. Where it is on trial already, the edit as it is now takes the place of the one before, with the same sample.
 *
 * @param compiled the plan with the edit: prepared with the node as `trial`
 * @param sample the items to try it on, where none were chosen yet
 */
export const start = <E, R>(
  compiled: CompiledPlan,
  node: string,
  sample: Effect.Effect<ReadonlyArray<number>, E, R>
): Effect.Effect<CanaryLog.Canary, E | CanaryError | StoreError, R | Database | ProcessLock> =>
  Effect.gen(function* () {
    const { pipeline } = compiled.plan
    const after = templateOf(compiled, node) ?? ""
    const known = Option.getOrUndefined(yield* find({ pipeline, node }))
    const before = known?.before ?? (yield* CanaryLog.templatesOf(pipeline, node)).find((template) => template !== after)
    if (known !== undefined && before === after) return yield* takenBack(node)
    if (before === undefined || before === after)
      return yield* new CanaryError({ code: "NothingEdited", detail: `the results of '${node}' are those of its config` })
    if (stageOf(before) !== stageOf(after))
      return yield* new CanaryError({
        code: "StageReplaced",
        detail: `'${node}' was the stage '${stageOf(before) ?? ""}' and is '${stageOf(after) ?? ""}' now`
      })
    if (known === undefined) yield* checkRuns(pipeline)
    const chosen = known?.sample ?? (yield* sample)
    const startedAt = known?.startedAt ?? Date.now()
    const canary = new CanaryLog.Canary({ pipeline, node, before, after, startedAt, sample: chosen })
    yield* CanaryLog.put(canary)
    return canary
  })

/**
 * Takes the edit: the next run applies it to all files. What the canary has made is kept, and isn't paid again.
 *
 * @param template the node's present one ({@link templateOf}); one that was never tried is refused
 */
export const accept = (trial: Trial, template?: string): Decision<CanaryLog.Canary> =>
  Effect.gen(function* () {
    const canary = yield* found(trial)
    if (template === canary.before) return yield* takenBack(trial.node)
    if (template !== undefined && template !== canary.after)
      return yield* new CanaryError({ code: "EditedAgain", detail: `'${trial.node}' was edited again since it was tried` })
    yield* CanaryLog.remove(trial)
    yield* WatcherCommand.rescan
    return canary
  })

/**
 * Gives the edit up. The config has to be put back by hand: while it holds the edit, the next run applies it.
 *
 * @param template the node's present one ({@link templateOf}): while a watcher runs, an edit that still stands is refused
 */
export const drop = (trial: Trial, template?: string): Decision<CanaryLog.Canary> =>
  Effect.gen(function* () {
    const canary = yield* found(trial)
    const isWatched = Option.isSome(yield* WatchLock.holder)
    const isPaused = (yield* WatcherCommand.read).pipelines.get(trial.pipeline)?.isPaused === true
    if (isWatched && !isPaused && template !== undefined && template !== canary.before)
      return yield* new CanaryError({ code: "EditStands", detail: `the config still has the edit of '${trial.node}'` })
    yield* CanaryLog.remove(trial)
    yield* WatcherCommand.rescan
    return canary
  })
