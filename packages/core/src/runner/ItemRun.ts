import { Effect, Exit, Fiber, Option } from "effect"
import * as Digest from "../pipeline/Digest.js"
import * as Key from "../pipeline/Key.js"
import type { Entry } from "../store/Ledger.js"
import { storeError, type StoreError } from "../store/StoreError.js"
import { Attempt } from "./Attempt.js"
import { heldOutcome } from "./heldOutcome.js"
import { ItemValues } from "./ItemValues.js"
import { AttemptMetrics, type StageServices } from "./StageServices.js"
import { type FailureRecord, type NodeOutcome } from "./NodeOutcome.js"
import type { CompiledNode } from "./CompiledPlan.js"
import { obstacle } from "./obstacle.js"
import type { RunStopped } from "./RunError.js"
import type { RunState, ItemContext } from "./RunState.js"
import type { NodeStatus } from "./RunStats.js"
import * as SinkWishes from "./SinkWishes.js"
import * as StoredOutcome from "./StoredOutcome.js"

/** A node whose inputs are there, and which nobody has done yet. */
interface PendingNode {
  readonly node: CompiledNode
  readonly key: string
  readonly inputs: string
  /** Even when what it would write stands already. */
  readonly recompute: boolean
}

type Stop = RunStopped | StoreError

/** The way of one item through a plan: what is known is taken from the ledger, what is not is run, side by side where it can be. */
export class ItemRun {
  private readonly values: ItemValues

  constructor(
    private readonly state: RunState,
    private readonly item: ItemContext
  ) {
    this.values = new ItemValues(state, item)
  }

  /** Takes the item to the end of the plan. */
  whole(services: StageServices): Effect.Effect<void, Stop> {
    const { first, sinks } = this.state.compiled
    if (sinks.length === 0) return this.advance(first, services)
    return Effect.flatMap(SinkWishes.isExcluded(sinks, this.item.contentHash), (isExcluded) =>
      isExcluded
        ? Effect.sync(() => this.skipAll())
        : Effect.flatMap(SinkWishes.wishesOf(this.state.compiled, this.item.contentHash), (wishes) => {
            if (wishes !== undefined) this.item.wishes = wishes
            return this.advance(first, services)
          })
    )
  }

  private skipAll(): void {
    for (const node of this.state.compiled.nodes) this.tell(node, "skipped", undefined)
  }

  /** Settles what can be settled without running anything, then runs the rest. */
  private advance(ready: ReadonlyArray<CompiledNode>, services: StageServices): Effect.Effect<void, Stop> {
    const pending: Array<PendingNode> = []
    try {
      for (const node of ready) this.open(node, pending)
    } catch (cause) {
      return Effect.fail(storeError(cause, "DatabaseNotRead"))
    }
    const first = pending[0]
    if (first === undefined) return Effect.void
    if (pending.length === 1) return this.next(first, services)
    return this.sideBySide(pending, services)
  }

  /** Several at once; the first that fails ends the others. `Effect.forEach` would take twice as long as a cheap stage. */
  private sideBySide(pending: ReadonlyArray<PendingNode>, services: StageServices): Effect.Effect<void, Stop> {
    return Effect.async((resume) => {
      const fibers: Array<Fiber.RuntimeFiber<void, Stop>> = []
      let left = pending.length
      for (const task of pending) {
        const own = services.another()
        const fiber = own.fork(this.next(task, own))
        fibers.push(fiber)
        fiber.addObserver((exit) => {
          if (Exit.isFailure(exit)) return resume(Effect.zipRight(Fiber.interruptAll(fibers), exit))
          own.giveBack()
          if (--left === 0) resume(Effect.void)
        })
      }
      return Fiber.interruptAll(fibers)
    })
  }

  /** Settles a node and what follows from it, as far as it is known; the rest is to do. */
  private open(node: CompiledNode, pending: Array<PendingNode>): void {
    const found = this.lookUp(node)
    if (!("_tag" in found)) return void pending.push(found)
    for (const freed of this.settle(node, found)) this.open(freed, pending)
  }

  /** Claims the key at once: between the look that found nothing and the claim nobody else may come in. */
  private next(task: PendingNode, services: StageServices): Effect.Effect<void, Stop> {
    const { budget } = this.state
    return budget.isSpent()
      ? Effect.flatMap(budget.yieldToEventLoop, () => this.advance([task.node], services))
      : this.step(task, services)
  }

  private step(task: PendingNode, services: StageServices): Effect.Effect<void, Stop> {
    return Effect.flatMap(this.acquire(task, services), (outcome) => {
      if (this.item.held.length > 0) this.release(task, outcome)
      return this.advance(this.settle(task.node, outcome), services)
    })
  }

  /** Lets those go on who wait for this item's work on a key. */
  private release({ recompute, key }: PendingNode, outcome: NodeOutcome): void {
    const { held } = this.item
    const place = held.indexOf(key)
    if (place < 0) return
    if (recompute) this.state.remade.add(key)
    held.splice(place, 1)
    this.state.singleFlight.release(key, outcome._tag === "Left" ? undefined : outcome)
  }

  /** Notes what a node came to, and gives the nodes that can go on now. */
  private settle(node: CompiledNode, outcome: NodeOutcome): ReadonlyArray<CompiledNode> {
    const { open, outcomes } = this.item
    outcomes[node.index] = outcome
    const freed: Array<CompiledNode> = []
    for (const index of node.dependents) {
      const left = (open[index] ?? 0) - 1
      open[index] = left
      const dependent = this.state.compiled.nodes[index]
      if (left === 0 && dependent !== undefined) freed.push(dependent)
    }
    return freed
  }

  /** What is known of a node without running it. Synchronous: look-ups. */
  private lookUp(node: CompiledNode): NodeOutcome | PendingNode {
    const blockedBy = obstacle(node, this.item)
    if (blockedBy !== undefined) {
      if (blockedBy._tag === "Skipped") this.tell(node, "skipped", undefined)
      else if (blockedBy._tag === "Blocked" && blockedBy.waits) this.tell(node, "waiting", undefined)
      return blockedBy
    }
    const task = this.keyOf(node)
    const { rerun, remade } = this.state
    const again = rerun.has(node.index) && !remade.has(task.key)
    const entry = node.planned.stage.sink || again ? undefined : this.state.ledger.find(task.key)
    const known = entry && this.known(node, task.key, entry)
    if (known !== undefined) return known
    return again ? { ...task, recompute: true } : task
  }

  /** The node's key for this item. */
  private keyOf(node: CompiledNode): PendingNode {
    const { prefix } = node
    const preimage = Key.preimage(prefix, this.values.given(node), this.item.wishes?.notes.get(node.index))
    return {
      node,
      key: Digest.sha256(preimage),
      inputs: preimage.slice(prefix.head.length, preimage.length - prefix.tail.length),
      recompute: false
    }
  }

  /** What the ledger knows, when it can still be used. */
  private known(node: CompiledNode, key: string, entry: Entry): NodeOutcome | undefined {
    const outcome = StoredOutcome.of(key, entry)
    if (outcome._tag === "Value" && entry.artifacts > 0 && !this.values.filesStand(node, outcome)) return undefined
    if (outcome._tag === "Value") this.tell(node, "cached", undefined)
    else this.tell(node, outcome._tag === "Skipped" ? "skipped" : "failed", outcome.failure)
    return outcome
  }

  /** A node, once for all who want its key: in this process, whichever run they belong to. Whoever gets it must {@link release} it. */
  private acquire(task: PendingNode, services: StageServices): Effect.Effect<NodeOutcome, Stop> {
    const { key, node } = task
    const others = this.state.singleFlight.acquire(key)
    if (others !== undefined)
      return Effect.flatMap(others, (outcome) =>
        outcome === undefined ? this.acquire(task, services) : this.follow(node, outcome)
      )
    this.item.held.push(key)
    return node.planned.stage.sink ? this.sink(task, services) : this.perform(task, services)
  }

  /** What somebody else's work on the same key came to. */
  private follow(node: CompiledNode, outcome: NodeOutcome): Effect.Effect<NodeOutcome> {
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
  private sink(task: PendingNode, services: StageServices): Effect.Effect<NodeOutcome, Stop> {
    const { key, node } = task
    const { name } = node.planned
    const isWritten = node.stage.sink?.isWritten
    if (isWritten === undefined || task.recompute) return this.perform(task, services)
    const { pipeline } = this.state.compiled.plan
    services.begin({ node, item: this.item, key, preimage: task.inputs, inputs: {} }, new AttemptMetrics())
    // A receipt that can't be read is none: the sink then says what is wrong.
    const stands = Effect.catchAllCause(
      Effect.suspend(() => isWritten({ pipeline, node: name, key })),
      () => Effect.succeed(false)
    )
    return Effect.flatMap(stands, (stands) => {
      if (!stands) return this.perform(task, services)
      this.tell(node, "cached", undefined)
      return Effect.succeed<NodeOutcome>({ _tag: "Value", key, digest: key, stored: undefined, file: undefined, made: undefined })
    })
  }

  /** Runs the stage on its inputs. */
  private perform(task: PendingNode, services: StageServices): Effect.Effect<NodeOutcome, Stop> {
    const { inputs: preimage, key, node } = task
    const { dryRun } = this.state
    if (node.isHeld) return Effect.sync(() => this.hold(task))
    if (dryRun !== undefined && !dryRun.runs.has(node.planned.name)) return Effect.succeed({ _tag: "Left" })
    const attempt = (): Effect.Effect<NodeOutcome, Stop> => {
      const inputs = this.values.load(node)
      if (typeof inputs === "number") return this.remake(inputs, task, services)
      return new Attempt(this.state, services, { node, item: this.item, key, preimage, inputs }).run()
    }
    const files = this.values.unverified(node)
    if (files.length === 0) return attempt()
    return Effect.flatMap(this.damaged(files), (damaged) =>
      damaged === undefined ? attempt() : this.remake(damaged, task, services)
    )
  }

  /** The place in the plan of the node that gave the first file which isn't what it was any more. */
  private damaged(files: ReturnType<ItemValues["unverified"]>): Effect.Effect<number | undefined> {
    const { artifacts, verified } = this.state
    return Effect.map(
      Effect.findFirst(files, ({ path }) =>
        Effect.map(artifacts.isWhole(path), (isWhole) => {
          if (isWhole) verified.add(path)
          return !isWhole
        })
      ),
      (found) => Option.getOrUndefined(Option.map(found, ({ index }) => index))
    )
  }

  private hold({ key, node }: PendingNode): NodeOutcome {
    const outcome = heldOutcome(node, key)
    this.tell(node, "waiting", outcome.failure)
    return outcome
  }

  /** A stored result that can't be used is a miss: its node runs again, with its recorded calls, then the one that needs it. */
  private remake(index: number, task: PendingNode, services: StageServices): Effect.Effect<NodeOutcome, Stop> {
    const giver = this.state.compiled.nodes[index]
    if (giver === undefined) return this.perform(task, services)
    this.state.stats.retract(index, "cached")
    const again = { ...this.keyOf(giver), recompute: true }
    return Effect.flatMap(this.acquire(again, services), (outcome) => {
      this.release(again, outcome)
      this.item.outcomes[index] = outcome
      const blockedBy = obstacle(task.node, this.item)
      return blockedBy === undefined ? this.perform(task, services) : Effect.succeed(blockedBy)
    })
  }

  /** Counts what a node came to without running, and tells it. */
  private tell(node: CompiledNode, outcome: NodeStatus, failure: FailureRecord | undefined): void {
    const { hub, compiled, stats } = this.state
    stats.node(node.index, outcome)
    if (!hub.isHeard()) return
    const { item, path } = this.item
    hub.tell({
      _tag: "NodeFinished",
      pipeline: compiled.plan.pipeline,
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
