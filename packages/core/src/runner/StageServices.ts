import { Context, Effect, type Fiber, Runtime } from "effect"
import { Artifacts, claim, folderWith } from "../stage/Artifacts.js"
import { Calls } from "../stage/Calls.js"
import type { Money, Usage } from "../stage/Cost.js"
import { Node } from "../stage/Node.js"
import { Progress } from "../stage/Progress.js"
import { Provenance } from "../stage/Provenance.js"
import { StepWaits, Waits } from "../stage/Waits.js"
import * as UnchangedFile from "../scan/UnchangedFile.js"
import type { SourceError } from "../scan/SourceError.js"
import { total } from "../store/CallLog.js"
import type { CompiledNode } from "./CompiledPlan.js"
import type { Event } from "./EventHub.js"
import type { RunState, ItemContext } from "./RunState.js"

/** One node for one item, which nobody has done yet. */
export interface Task {
  readonly node: CompiledNode
  readonly item: ItemContext
  readonly key: string
  /** The inputs' part of the key's preimage. */
  readonly preimage: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** What a try leaves behind besides its value. */
export class AttemptMetrics {
  artifacts = 0
  private named: Set<string> | undefined = undefined
  madeWith: string | undefined = undefined
  inputTokens = 0
  outputTokens = 0
  price: Money | undefined = undefined
  readonly waits = new StepWaits()

  /** Of artifacts: few attempts write any. */
  get slots(): Set<string> {
    return (this.named ??= new Set())
  }

  pay(usage: Usage | undefined, price: Money | undefined): void {
    this.inputTokens += usage?.inputTokens ?? 0
    this.outputTokens += usage?.outputTokens ?? 0
    if (price !== undefined) this.price = this.price === undefined ? price : (total([this.price, price])[0] ?? price)
  }

  mark(program: string): void {
    if (this.madeWith === undefined) this.madeWith = program
    else if (!this.madeWith.split(", ").includes(program)) this.madeWith += `, ${program}`
  }
}

/**
 * A fiber that runs one stage after the other. The services that it gives to stages speak for the task at hand: made anew for
 * every try they would cost more than a cheap stage.
 */
export class StageServices {
  private task: Task | undefined
  private metrics = new AttemptMetrics()
  /** The caller's services and the services's own. */
  readonly context: Context.Context<never>

  /** @param spare those that nobody uses at the moment, of the whole run */
  constructor(
    private readonly state: RunState,
    private readonly spare: Array<StageServices>
  ) {
    this.context = Context.unsafeMake<never>(
      new Map<string, unknown>([
        ...state.runtime.context.unsafeMap,
        [Node.key, this.node],
        [Calls.key, this.calls],
        [Artifacts.key, this.artifacts],
        [Progress.key, this.progress],
        [Provenance.key, this.provenance],
        [Waits.key, this.waits]
      ])
    )
  }

  /** From now on the services speak for this try. */
  begin(task: Task, metrics: AttemptMetrics): void {
    this.task = task
    this.metrics = metrics
  }

  /** Others, for a step beside this one. */
  another(): StageServices {
    return this.spare.pop() ?? new StageServices(this.state, this.spare)
  }

  /** Nobody uses them any more. */
  giveBack(): void {
    this.spare.push(this)
  }

  /** Starts an effect that has them; as long as it doesn't wait it runs at once. */
  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> {
    return Runtime.runFork(Runtime.make({ ...this.state.runtime, context: this.context }))(effect)
  }

  private get origin() {
    const { run } = this.state
    return { run, item: this.task?.item.item ?? 0, node: this.task?.node.planned.name ?? "" }
  }

  private get node() {
    const of = () => this.task
    const { pipeline } = this.state.compiled.plan
    return {
      pipeline,
      get node() {
        return of()?.node.planned.name ?? ""
      },
      get key() {
        return of()?.key ?? ""
      },
      get wired() {
        return of()?.node.planned.inputs
      },
      get plugin() {
        return of()?.node.planned.plugin
      },
      get path() {
        return of()?.item.path
      },
      get note() {
        const task = of()
        return task?.item.wishes?.notes.get(task.node.index)
      }
    } satisfies typeof Node.Service
  }

  /** Why what the stage has read is not what its file was hashed as. */
  changed(): SourceError | undefined {
    const { item, node } = this.task ?? {}
    return item === undefined || node?.readsOriginal !== true ? undefined : UnchangedFile.check(item.path, item.stat)
  }

  /** Ends the attempt, as a defect that says how it is met: a stage knows nothing of it. */
  private readonly unchanged: Effect.Effect<void> = Effect.suspend(() => {
    const failure = this.changed()
    return failure === undefined ? Effect.void : Effect.die(failure)
  })

  private get calls(): typeof Calls.Service {
    const calls = this.state.calls.of(
      () => this.origin,
      () => {
        const { metrics } = this
        const index = this.task?.node.index ?? 0
        return (usage, price) => {
          metrics.pay(usage, price)
          this.state.stats.answered(index, usage, price)
        }
      },
      this.state.stop,
      this.state.guard
    )
    return {
      ...calls,
      // A reply to another file's bytes must not be paid for, and kept, under this one's hash.
      call: (call, request, prepare = Effect.void) => calls.call(call, request, Effect.zipLeft(prepare, this.unchanged))
    }
  }

  private get artifacts(): typeof Artifacts.Service {
    const write: (typeof Artifacts.Service)["write"] = (slot, extension, write) =>
      Effect.suspend(() => {
        const { task, metrics } = this
        const written = this.state.artifacts.write(task?.key ?? "", slot, extension, (path) =>
          Effect.zipLeft(write(path), this.unchanged)
        )
        return Effect.tap(claim(metrics.slots, slot, written), () => Effect.sync(() => metrics.artifacts++))
      })
    return { write, folder: folderWith(write, this.state.artifacts.temporary) }
  }

  private get progress(): typeof Progress.Service {
    const tell = (how: Omit<Event & { readonly _tag: "Progress" }, "_tag" | "pipeline" | "item" | "path" | "node">) =>
      Effect.sync(() => {
        const { hub, compiled } = this.state
        if (!hub.isHeard() || this.task === undefined) return
        const { node, item: itemContext } = this.task
        const { item, path } = itemContext
        hub.tell({ _tag: "Progress", pipeline: compiled.plan.pipeline, item, path, node: node.planned.name, ...how })
      })
    return {
      media: (doneSeconds, totalSeconds) => tell({ doneSeconds, totalSeconds }),
      report: (fraction, words) =>
        fraction >= 0 && fraction <= 1
          ? tell({ doneSeconds: 0, totalSeconds: 0, fraction, words })
          : Effect.logWarning(`progress of ${fraction} was reported; it goes from 0 to 1 (ProgressNotValid)`)
    }
  }

  private get waits(): typeof Waits.Service {
    return {
      during: (wait, effect, holds) => Effect.suspend(() => this.metrics.waits.during(wait, effect, holds)),
      placed: Effect.suspend(() => this.metrics.waits.placed)
    }
  }

  private get provenance(): typeof Provenance.Service {
    return { madeWith: (program, version) => Effect.sync(() => this.metrics.mark(`${program} ${version}`)) }
  }
}
