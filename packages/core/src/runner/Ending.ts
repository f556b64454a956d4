import type { SourceError } from "../source/SourceError.js"
import type { ArrivedRow } from "../store/Arrived.js"
import type { Obstacle, State } from "../store/Items.js"
import { SOURCE } from "../pipeline/Plan.js"
import { AttemptError } from "./AttemptError.js"
import type { RunState, Traveller } from "./RunState.js"

/** Writes down how an item ended; it is counted and told when that is on disk. What can't be written waits for the next run. */
const end = (
  state: RunState,
  { id: item, isNew }: ArrivedRow,
  path: string,
  how: State,
  obstacles: ReadonlyArray<Obstacle>
): void => {
  const { hub, items, ready, tally } = state
  const { pipeline } = ready.plan
  items.end({ item, isNew, pipeline, plan: ready.id, state: how, obstacles }, (failure) => {
    const written = failure === undefined ? how : "waiting"
    if (failure !== undefined) state.trouble(failure)
    tally.item(written)
    state.ended(item, path, written)
    if (hub.isHeard()) hub.tell({ _tag: "ItemFinished", pipeline, item, path, state: written, obstacles })
  })
}

/** The nodes that keep an item from being done. */
const obstaclesOf = ({ ready }: RunState, { outcomes }: Traveller): ReadonlyArray<Obstacle> =>
  ready.nodes.flatMap(({ index, planned: { name, stage } }): ReadonlyArray<Obstacle> => {
    const outcome = outcomes[index]
    if (outcome?._tag !== "Failed" && outcome?._tag !== "Waiting") return []
    const { attempts, failure, key } = outcome
    const remembered = outcome._tag === "Failed" && outcome.remembered
    return [{ node: name, stage: stage.name, key: remembered ? key : undefined, failure, attempts }]
  })

/** An item that came to the end of the plan, or as far as a run that is asked to stop takes it: then nothing is written. */
export const arrived = (state: RunState, traveller: Traveller): void => {
  const { contentHash, isNew, item: id, outcomes, path } = traveller
  if (!state.stop.asked || !outcomes.some((outcome) => outcome?._tag === "Left")) {
    const how: State = outcomes.some((outcome) => outcome?._tag === "Failed")
      ? "failed"
      : outcomes.some((outcome) => outcome?._tag === "Waiting")
        ? "waiting"
        : "done"
    end(state, { id, isNew }, path, how, how === "done" ? [] : obstaclesOf(state, traveller))
  }
  state.travellers.delete(traveller)
  state.leases.release(contentHash)
}

/** An item that met a fault of the engine itself: it fails, and the others go on. */
export const broke = (state: RunState, traveller: Traveller, defect: unknown): void => {
  const { contentHash, isNew, item: id, path } = traveller
  const failure = new AttemptError({ code: "StageBroke", detail: String(defect) })
  give(state, traveller)
  end(state, { id, isNew }, path, "failed", [{ node: SOURCE, stage: SOURCE, key: undefined, failure, attempts: 1 }])
  state.travellers.delete(traveller)
  state.leases.release(contentHash)
}

/** Whoever waits for something that this item was working on takes it over. */
const give = (state: RunState, traveller: Traveller): void => {
  for (const key of traveller.flying.splice(0)) state.flights.land(key, undefined)
}

/** Gives up the items that did not get to the end. */
export const abandon = (state: RunState): void => {
  for (const traveller of state.travellers) give(state, traveller)
}

/** Files that are done already. */
export const unchanged = ({ hub, ready, tally }: RunState, count: number): void => {
  tally.unchanged(count)
  if (hub.isHeard()) hub.tell({ _tag: "Unchanged", pipeline: ready.plan.pipeline, count })
}

/** A file that could not be taken. */
export const refused = (state: RunState, row: ArrivedRow, path: string, failure: SourceError): void =>
  end(state, row, path, failure.retry === "later" ? "waiting" : "failed", [
    { node: SOURCE, stage: SOURCE, key: undefined, failure, attempts: 1 }
  ])
