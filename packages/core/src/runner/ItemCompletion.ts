import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { SourceError } from "../scan/SourceError.js"
import type { Obstacle, State } from "../store/Items.js"
import { SOURCE } from "../pipeline/Plan.js"
import { AttemptError } from "./AttemptError.js"
import type { FailureRecord, NodeOutcome, Value } from "./NodeOutcome.js"
import type { DryRun, PlannedStep } from "./RunOptions.js"
import type { RunState, ItemContext } from "./RunState.js"

/** Writes down how an item ended; it is counted and told when that is on disk. What can't be written waits for the next run. */
const end = (state: RunState, item: number, path: string, how: State, obstacles: ReadonlyArray<Obstacle>): void => {
  const { hub, items, compiled, stats } = state
  const { pipeline } = compiled.plan
  items.end({ item, pipeline, plan: compiled.id, state: how, obstacles }, (failure) => {
    const written = failure === undefined ? how : "waiting"
    if (failure !== undefined) state.trouble(failure)
    stats.item(written)
    state.ended(item, path, written)
    if (hub.isHeard()) hub.tell({ _tag: "ItemFinished", pipeline, item, path, state: written, obstacles })
  })
}

/** What keeps an item from being done: by node, but a file that changed meanwhile is told once, whichever nodes met it. */
const obstaclesOf = ({ compiled }: RunState, { outcomes }: ItemContext): ReadonlyArray<Obstacle> => {
  const byNode = compiled.nodes.flatMap(({ index, planned: { name, stage } }): ReadonlyArray<Obstacle> => {
    const outcome = outcomes[index]
    if (outcome?._tag !== "Failed" && outcome?._tag !== "Waiting") return []
    const { attempts, failure, key } = outcome
    const remembered = outcome._tag === "Failed" && outcome.remembered
    return [{ node: name, stage: stage.name, key: remembered ? key : undefined, failure, attempts }]
  })
  const [change] = byNode.filter(isChange)
  return change === undefined
    ? byNode
    : [{ ...change, node: SOURCE, stage: SOURCE }, ...byNode.filter((obstacle) => !isChange(obstacle))]
}

const isChange = ({ failure }: Obstacle): boolean => failure.code === "FileChanged" || failure.code === "FileVanished"

const stepOf = (outcome: NodeOutcome | undefined): PlannedStep => {
  switch (outcome?._tag) {
    case "Value":
      return "cached"
    case "Skipped":
      return "skipped"
    case undefined:
    case "Left":
      return "toRun"
    default:
      return "blocked"
  }
}

type Stored = Pick<RunState, "artifacts" | "ledger">

/** A node's value in its stored form, as JSON; `undefined` where it has none. */
export const valueOf = (
  { artifacts: { folder }, ledger }: Stored,
  { outcomes }: Pick<ItemContext, "outcomes">,
  index: number
): string | undefined => {
  const outcome = outcomes[index]
  if (outcome?._tag !== "Value") return undefined
  const isHere = outcome.stored !== undefined || outcome.file !== undefined
  const entry = isHere ? undefined : ledger.find(outcome.key)
  return storedOf(entry === undefined ? outcome : { stored: entry.value, file: entry.file }, folder)
}

/** What a run would do with an item's nodes. One that nobody wants is skipped: it has no outcome at all. */
export const stepsOf = ({ outcomes }: Pick<ItemContext, "outcomes">): ReadonlyArray<PlannedStep> =>
  outcomes.every((outcome) => outcome === undefined) ? outcomes.map(() => "skipped") : outcomes.map(stepOf)

/** Why a node has no value. */
export const failureOf = ({ outcomes }: Pick<ItemContext, "outcomes">, index: number): FailureRecord | undefined => {
  const outcome = outcomes[index]
  return outcome !== undefined && "failure" in outcome ? outcome.failure : undefined
}

/** Tells what a run would do with an item. */
export const plan = ({ planned }: Pick<DryRun, "planned">, stored: Stored, itemContext: ItemContext): void => {
  const { contentHash, item, path, size } = itemContext
  planned({
    item,
    path,
    size,
    contentHash,
    steps: stepsOf(itemContext),
    value: (index) => valueOf(stored, itemContext, index),
    failure: (index) => failureOf(itemContext, index)
  })
}

/** The stored form of a value; a large one lies in a file. */
const storedOf = ({ file, stored }: Pick<Value, "file" | "stored">, folder: string): string | undefined => {
  if (stored !== undefined || file === undefined) return stored
  try {
    return readFileSync(join(folder, file), "utf8")
  } catch {
    return undefined
  }
}

/** An item that came to the end of the plan, or as far as a run that is asked to stop takes it: then nothing is written. */
export const arrived = (state: RunState, itemContext: ItemContext): void => {
  const { contentHash, item, outcomes, path } = itemContext
  const { dryRun } = state
  if (dryRun !== undefined) plan(dryRun, state, itemContext)
  const isWhole = (!state.stop.asked && dryRun === undefined) || !outcomes.some((outcome) => outcome?._tag === "Left")
  if (isWhole && dryRun?.purpose !== "canary") {
    const how: State = outcomes.some((outcome) => outcome?._tag === "Failed")
      ? "failed"
      : outcomes.some((outcome) => outcome?._tag === "Waiting")
        ? "waiting"
        : "done"
    end(state, item, path, how, how === "done" ? [] : obstaclesOf(state, itemContext))
  }
  state.inFlight.delete(itemContext)
  state.locks.release(contentHash)
}

/** An item that met a fault of the engine itself: it fails, and the others go on. */
export const broke = (state: RunState, itemContext: ItemContext, defect: unknown): void => {
  const { contentHash, item, path } = itemContext
  const failure = new AttemptError({ code: "StageBroke", detail: String(defect) })
  give(state, itemContext)
  end(state, item, path, "failed", [{ node: SOURCE, stage: SOURCE, key: undefined, failure, attempts: 1 }])
  state.inFlight.delete(itemContext)
  state.locks.release(contentHash)
}

/** Whoever waits for something that this item was working on takes it over. */
const give = (state: RunState, itemContext: ItemContext): void => {
  for (const key of itemContext.held.splice(0)) state.singleFlight.release(key, undefined)
}

/** Gives up the items that did not get to the end. */
export const abandon = (state: RunState): void => {
  for (const itemContext of state.inFlight) give(state, itemContext)
}

/** Files that are done already. */
export const unchanged = ({ hub, compiled, stats }: RunState, count: number): void => {
  stats.unchanged(count)
  if (hub.isHeard()) hub.tell({ _tag: "Unchanged", pipeline: compiled.plan.pipeline, count })
}

/** A file that could not be taken. */
export const refused = (state: RunState, item: number, path: string, failure: SourceError): void =>
  end(state, item, path, failure.retry === "later" ? "waiting" : "failed", [
    { node: SOURCE, stage: SOURCE, key: undefined, failure, attempts: 1 }
  ])
