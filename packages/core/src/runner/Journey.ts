import { Effect } from "effect"
import * as Digest from "../pipeline/Digest.js"
import * as Key from "../pipeline/Key.js"
import type { Entry } from "../store/Ledger.js"
import { storeError, type StoreError } from "../store/StoreError.js"
import { Attempt } from "./Attempt.js"
import { ItemValues } from "./ItemValues.js"
import { Lane } from "./Lane.js"
import { decodeFailed, type Failed, type Outcome, type Value } from "./Outcome.js"
import type { ReadyNode } from "./ReadyPlan.js"
import type { RunStopped } from "./RunError.js"
import type { RunState, Traveller } from "./RunState.js"
import type { NodeOutcome } from "./Tally.js"

/** A node whose inputs are there, and which nobody has done yet. */
interface Todo {
  readonly node: ReadyNode
  readonly key: string
  readonly inputs: string
  /** Even when what it would write stands already. */
  readonly anew: boolean
}

type Stop = RunStopped | StoreError

/** What stands in the way of a node; the first that holds of: an input was left, an input failed, an input waits, a needed input was skipped. */
const obstacle = (node: ReadyNode, traveller: Traveller): Outcome | undefined => {
  let waits = false
  let skipped = false
  for (const { from, mode } of node.ports) {
    for (const { index } of from) {
      const outcome = traveller.outcomes[index]
      if (outcome === undefined || outcome._tag === "Value") continue
      if (outcome._tag === "Left") return outcome
      if (mode === "all") continue
      if (outcome._tag === "Skipped") skipped ||= mode === "one"
      else if (outcome._tag === "Waiting" || (outcome._tag === "Blocked" && outcome.waits)) waits = true
      else return { _tag: "Blocked", waits: false }
    }
  }
  return waits ? { _tag: "Blocked", waits } : skipped ? { _tag: "Skipped", key: "", failure: undefined } : undefined
}

/** The way of one item through a plan: what is known is taken from the ledger, what is not is run, side by side where it can be. */
export class Journey {
  private readonly values: ItemValues

  constructor(
    private readonly state: RunState,
    private readonly traveller: Traveller
  ) {
    this.values = new ItemValues(state, traveller)
  }

  /** Takes the item to the end of the plan. */
  whole(lane: Lane): Effect.Effect<void, Stop> {
    const { first, sinks } = this.state.ready
    if (sinks.length === 0) return this.advance(first, lane)
    return Effect.flatMap(this.isUnwanted(sinks), (unwanted) =>
      unwanted ? Effect.sync(() => this.skipAll()) : this.advance(first, lane)
    )
  }

  /** Whether there is nobody left to keep what would come out. A sink that can't say it wants it: it then says what is wrong. */
  private isUnwanted(sinks: ReadonlyArray<ReadyNode>): Effect.Effect<boolean> {
    const { contentHash } = this.traveller
    return Effect.every(sinks, ({ stage: { unwanted } }) =>
      unwanted === undefined
        ? Effect.succeed(false)
        : Effect.catchAllCause(
            Effect.suspend(() => unwanted(contentHash)),
            () => Effect.succeed(false)
          )
    )
  }

  private skipAll(): void {
    for (const node of this.state.ready.nodes) this.tell(node, "skipped", undefined)
  }

  /** Settles what can be settled without running anything, then runs the rest. */
  private advance(ready: ReadonlyArray<ReadyNode>, lane: Lane): Effect.Effect<void, Stop> {
    const todos: Array<Todo> = []
    try {
      for (const node of ready) this.open(node, todos)
    } catch (cause) {
      return Effect.fail(storeError(cause, "DatabaseNotRead"))
    }
    const first = todos[0]
    if (first === undefined) return Effect.void
    if (todos.length === 1) return this.goOn(first, lane)
    return Effect.forEach(
      todos,
      (todo) => {
        const side = new Lane(this.state)
        return Effect.mapInputContext(this.goOn(todo, side), () => side.context)
      },
      { concurrency: "unbounded", discard: true }
    )
  }

  /** Settles a node and what follows from it, as far as it is known; the rest is to do. */
  private open(node: ReadyNode, todos: Array<Todo>): void {
    const found = this.look(node)
    if (!("_tag" in found)) return void todos.push(found)
    for (const freed of this.settle(node, found)) this.open(freed, todos)
  }

  /** Claims the key at once: between the look that found nothing and the claim nobody else may come in. */
  private goOn(todo: Todo, lane: Lane): Effect.Effect<void, Stop> {
    const { turn } = this.state
    return turn.isOver() ? Effect.flatMap(turn.breathe, () => this.advance([todo.node], lane)) : this.step(todo, lane)
  }

  private step(todo: Todo, lane: Lane): Effect.Effect<void, Stop> {
    return Effect.flatMap(this.once(todo, lane), (outcome) => {
      if (this.traveller.flying.length > 0) this.land(todo, outcome)
      return this.advance(this.settle(todo.node, outcome), lane)
    })
  }

  /** Lets those go on who wait for this item's work on a key. */
  private land({ anew, key }: Todo, outcome: Outcome): void {
    const { flying } = this.traveller
    const place = flying.indexOf(key)
    if (place < 0) return
    if (anew) this.state.remade.add(key)
    flying.splice(place, 1)
    this.state.flights.land(key, outcome._tag === "Left" ? undefined : outcome)
  }

  /** Notes what a node came to, and gives the nodes that can go on now. */
  private settle(node: ReadyNode, outcome: Outcome): ReadonlyArray<ReadyNode> {
    const { open, outcomes } = this.traveller
    outcomes[node.index] = outcome
    const freed: Array<ReadyNode> = []
    for (const index of node.dependents) {
      const left = (open[index] ?? 0) - 1
      open[index] = left
      const dependent = this.state.ready.nodes[index]
      if (left === 0 && dependent !== undefined) freed.push(dependent)
    }
    return freed
  }

  /** What is known of a node without running it. Synchronous: look-ups. */
  private look(node: ReadyNode): Outcome | Todo {
    const hindrance = obstacle(node, this.traveller)
    if (hindrance !== undefined) {
      if (hindrance._tag === "Skipped") this.tell(node, "skipped", undefined)
      else if (hindrance._tag === "Blocked" && hindrance.waits) this.tell(node, "waiting", undefined)
      return hindrance
    }
    const todo = this.ask(node)
    const { rerun, remade } = this.state
    const again = rerun.has(node.index) && !remade.has(todo.key)
    const entry = node.planned.stage.sink || again ? undefined : this.state.ledger.find(todo.key)
    const known = entry && this.known(node, todo.key, entry)
    if (known !== undefined) return known
    return again ? { ...todo, anew: true } : todo
  }

  /** The node's key for this item. */
  private ask(node: ReadyNode): Todo {
    const { prefix } = node
    const preimage = Key.preimage(prefix, this.values.given(node))
    return {
      node,
      key: Digest.sha256(preimage),
      inputs: preimage.slice(prefix.head.length, preimage.length - prefix.tail.length),
      anew: false
    }
  }

  /** What the ledger knows, when it can still be used. */
  private known(node: ReadyNode, key: string, entry: Entry): Outcome | undefined {
    switch (entry.outcome) {
      case "skipped": {
        const failure = decodeFailed(entry.value ?? "")
        this.tell(node, "skipped", failure)
        return { _tag: "Skipped", key, failure }
      }
      case "failed": {
        const failure = decodeFailed(entry.value ?? "")
        this.tell(node, "failed", failure)
        return { _tag: "Failed", key, failure, attempts: 0, remembered: true }
      }
      case "value": {
        const value: Value = { ...entry, _tag: "Value", key, stored: entry.value, made: undefined }
        if (entry.artifacts > 0 && !this.values.filesStand(node, value)) return undefined
        this.tell(node, "cached", undefined)
        return value
      }
    }
  }

  /** A node, once for all who want its key: in this process, whichever run they belong to. Whoever gets it must {@link land} it. */
  private once(todo: Todo, lane: Lane): Effect.Effect<Outcome, Stop> {
    const { key, node } = todo
    const others = this.state.flights.claim(key)
    if (others !== undefined)
      return Effect.flatMap(others, (outcome) => (outcome === undefined ? this.once(todo, lane) : this.follow(node, outcome)))
    this.traveller.flying.push(key)
    return node.planned.stage.sink ? this.sink(todo, lane) : this.perform(todo, lane)
  }

  /** What somebody else's work on the same key came to. */
  private follow(node: ReadyNode, outcome: Outcome): Effect.Effect<Outcome> {
    if (outcome._tag === "Value") {
      this.tell(node, "cached", undefined)
      // Its files may be another item's.
      return Effect.succeed({ ...outcome, made: undefined })
    }
    if (outcome._tag === "Left") return Effect.succeed(outcome)
    if (outcome._tag === "Skipped") this.tell(node, "skipped", outcome.failure)
    else if (outcome._tag === "Failed") this.tell(node, "failed", outcome.failure)
    else this.tell(node, "waiting", outcome._tag === "Waiting" ? outcome.failure : undefined)
    return Effect.succeed(outcome)
  }

  /** A sink, unless its receipt says that what it would write stands already. */
  private sink(todo: Todo, lane: Lane): Effect.Effect<Outcome, Stop> {
    const { key, node } = todo
    const { name } = node.planned
    const { receipt } = node.stage
    if (receipt === undefined || todo.anew) return this.perform(todo, lane)
    const { pipeline } = this.state.ready.plan
    // A receipt that can't be read is none: the sink then says what is wrong.
    const stands = Effect.catchAllCause(
      Effect.suspend(() => receipt({ pipeline, node: name, key })),
      () => Effect.succeed(false)
    )
    return Effect.flatMap(stands, (stands) => {
      if (!stands) return this.perform(todo, lane)
      this.tell(node, "cached", undefined)
      return Effect.succeed<Outcome>({ _tag: "Value", key, digest: key, stored: undefined, file: undefined, made: undefined })
    })
  }

  /** Runs the stage on its inputs. */
  private perform(todo: Todo, lane: Lane): Effect.Effect<Outcome, Stop> {
    const { inputs: preimage, key, node } = todo
    const inputs = this.values.load(node)
    if (typeof inputs === "number") return this.remake(inputs, todo, lane)
    return new Attempt(this.state, lane, { node, traveller: this.traveller, key, preimage, inputs }).run()
  }

  /** A stored result that can't be used is a miss: its node runs again, with its recorded calls, then the one that needs it. */
  private remake(index: number, todo: Todo, lane: Lane): Effect.Effect<Outcome, Stop> {
    const giver = this.state.ready.nodes[index]
    if (giver === undefined) return this.perform(todo, lane)
    this.state.tally.retract(index, "cached")
    const again = { ...this.ask(giver), anew: true }
    return Effect.flatMap(this.once(again, lane), (outcome) => {
      this.land(again, outcome)
      this.traveller.outcomes[index] = outcome
      const hindrance = obstacle(todo.node, this.traveller)
      return hindrance === undefined ? this.perform(todo, lane) : Effect.succeed(hindrance)
    })
  }

  /** Counts what a node came to without running, and tells it. */
  private tell(node: ReadyNode, outcome: NodeOutcome, failure: Failed | undefined): void {
    const { hub, ready, tally } = this.state
    tally.node(node.index, outcome)
    if (!hub.isHeard()) return
    const { item, path } = this.traveller
    hub.tell({
      _tag: "NodeFinished",
      pipeline: ready.plan.pipeline,
      item,
      path,
      node: node.planned.name,
      outcome,
      failure,
      milliseconds: 0,
      price: undefined
    })
  }
}
