import { Cause, Deferred, Duration, Effect, Either, Random } from "effect"
import { writeFile } from "node:fs/promises"
import { relative } from "node:path"
import { ArtifactError } from "../stage/Artifacts.js"
import type { StageFailure } from "../stage/Failure.js"
import type { Wait } from "../stage/Waits.js"
import { AttemptError } from "./AttemptError.js"
import { failureOf, notValid, workOf } from "./AttemptFailure.js"
import type { Breaker } from "./Breaker.js"
import type { Event } from "./EventHub.js"
import { type StageServices, type Task, AttemptMetrics } from "./StageServices.js"
import { encodeFailure, recordOf, type NodeOutcome } from "./NodeOutcome.js"
import { waitMillis } from "./CompiledPlan.js"
import { RunStopped } from "./RunError.js"
import type { RunState } from "./RunState.js"

/** Values up to this many characters of JSON stand in the ledger; larger ones are artifacts. */
const INLINE = 64 * 1024
/** The slot of such a value. */
const VALUE_SLOT = "value"

const notWritten = (cause: unknown): ArtifactError => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** How a try ended: what is written into the run log. */
type Ended = "ran" | "skipped" | "failed" | "waiting"
type Tries = Effect.Effect<NodeOutcome, RunStopped>

/** The tries of one node for one item: within its limits, met by class when they fail, written down when they end. */
export class Attempt {
  private readonly breaker: Breaker
  private tries = 0
  /** Tries that failed by themselves; an outage counts for none. */
  private failures = 0
  began = 0
  private onStart: () => void = () => {}
  private metrics = new AttemptMetrics()

  constructor(
    private readonly state: RunState,
    private readonly services: StageServices,
    readonly task: Task
  ) {
    this.breaker = state.breaker(task.node.resource)
  }

  /** Tries until it is done, or trying again wouldn't help. Fails only when the run has to stop. */
  run(): Tries {
    const away = this.breaker.why()
    if (away === undefined) return this.once()
    return Effect.flatMap(this.breaker.pass(this.state.patience), (passes) => {
      if (passes) return Effect.onInterrupt(this.once(), () => Effect.sync(() => this.breaker.abandon()))
      this.finish("waiting", 0, away)
      return Effect.succeed<NodeOutcome>({ _tag: "Waiting", key: this.task.key, failure: recordOf(away), attempts: this.tries })
    })
  }

  private once(): Tries {
    const { timeout } = this.task.node.planned
    const limit = this.state.limits[this.task.node.index]
    this.tries++
    if (limit === undefined && timeout === undefined) return Effect.matchCauseEffect(this.stage(), this)
    const body = Effect.suspend(() => this.stage())
    const timed = timeout === undefined ? body : this.within(body, timeout)
    return Effect.matchCauseEffect(limit === undefined ? timed : limit.withPermits(1)(timed), this)
  }

  /** The time that an attempt waits for a place elsewhere doesn't count. */
  private within(work: Effect.Effect<unknown, StageFailure>, timeout: Duration.Duration): Effect.Effect<unknown, StageFailure> {
    const overdue = () => new AttemptError({ code: "TimedOut", detail: `it took longer than ${Duration.format(timeout)}` })
    if (!this.isElsewhere) return Effect.timeoutFail(work, { duration: timeout, onTimeout: overdue })
    return Effect.flatMap(Deferred.make<void>(), (started) => {
      this.onStart = () => Deferred.unsafeDone(started, Effect.void)
      const tooLong = Effect.zipRight(Deferred.await(started), Effect.delay(Effect.suspend(overdue), timeout))
      return Effect.raceFirst(work, tooLong)
    })
  }

  get waitsFor(): Wait | undefined {
    return this.metrics.waits.current
  }

  private get isElsewhere(): boolean {
    return this.state.placed[this.task.node.index] !== undefined
  }

  /** The stage's own effect, from now on. */
  private stage(): Effect.Effect<unknown, StageFailure> {
    const { index, planned } = this.task.node
    if (this.state.stop.asked && !planned.stage.sink) return Effect.interrupt
    this.metrics = new AttemptMetrics()
    this.services.begin(this.task, this.metrics)
    this.began = performance.now()
    const elsewhere = this.state.placed[index]
    return elsewhere === undefined
      ? this.here()
      : elsewhere({
          key: this.task.key,
          try: this.tries,
          isRerun: this.state.rerun.has(index),
          inputs: this.task.inputs,
          started: () => this.start(),
          queued: (leave) => void this.state.queued.set(this, leave),
          here: Effect.suspend(() => this.here())
        })
  }

  /** It has its place, here or elsewhere. */
  private start(): void {
    if (this.state.active.has(this)) return
    this.state.queued.delete(this)
    this.began = performance.now()
    this.state.active.add(this)
    this.onStart()
    if (this.heard) this.tell({ _tag: "NodeStarted", ...this.place, try: this.tries })
  }

  private unplace(): void {
    this.state.active.delete(this)
    this.state.queued.delete(this)
  }

  private here(): Effect.Effect<unknown, StageFailure> {
    const { planned, stage } = this.task.node
    this.start()
    try {
      return workOf(planned, stage.run(this.task.inputs, planned.config))
    } catch (cause) {
      return Effect.die(cause)
    }
  }

  readonly onSuccess = (value: unknown): Tries => {
    this.unplace()
    const change = this.services.changed()
    return change === undefined ? this.succeed(value) : this.leave(change)
  }
  readonly onFailure = (cause: Cause.Cause<StageFailure>): Tries => {
    this.unplace()
    // Nobody else interrupts a stage that goes on to be asked.
    if (!this.state.stop.asked || !Cause.isInterruptedOnly(cause)) {
      // What fails on another file's bytes says nothing of this one.
      const change = this.services.changed()
      return change === undefined ? this.meet(failureOf(cause, this.task.node.planned, this.isElsewhere)) : this.leave(change)
    }
    this.breaker.abandon()
    return Effect.succeed({ _tag: "Left" })
  }

  /** The file isn't the one that was hashed any more: nothing is remembered, and the next look at it starts anew. */
  private leave(change: StageFailure): Tries {
    this.breaker.abandon()
    this.finish("waiting", this.log("waiting", change), change)
    return Effect.succeed({ _tag: "Waiting", key: this.task.key, failure: recordOf(change), attempts: this.tries })
  }

  /** A value: encoded, digested, remembered. */
  private succeed(value: unknown): Tries {
    const { planned, record } = this.task.node
    const recorded = record(value, this.state.artifacts.folder)
    if (Either.isLeft(recorded)) return this.meet(notValid(recorded.left, value, this.task.node.planned))
    const { digest, stored } = recorded.right
    if (stored.length <= INLINE || planned.stage.sink) return Effect.succeed(this.keep(value, digest, stored, undefined))
    return Effect.matchEffect(this.writeLarge(stored), {
      onFailure: (failure) => this.meet(failure),
      onSuccess: (file) => {
        this.metrics.artifacts++
        return Effect.succeed(this.keep(value, digest, stored, file))
      }
    })
  }

  private keep(value: unknown, digest: string, stored: string, file: string | undefined): NodeOutcome {
    const { key, node } = this.task
    const { sink } = node.planned.stage
    this.breaker.there()
    if (!sink) this.remember("value", file === undefined ? stored : undefined, file, digest)
    this.finish("ran", this.log("ran", undefined), undefined)
    // What depends on a sink depends on what went into it, as its receipt does.
    return { _tag: "Value", key, digest: sink ? key : digest, stored, file, made: { value } }
  }

  /** Writes a value that is too large for the ledger beside it; gives its place below the artifacts' folder. */
  private writeLarge(stored: string): Effect.Effect<string, StageFailure> {
    const { artifacts } = this.state
    const write = (path: string) => Effect.tryPromise({ try: () => writeFile(path, stored), catch: notWritten })
    return Effect.map(artifacts.write(this.task.key, VALUE_SLOT, "json", write), ({ artifact }) =>
      relative(artifacts.folder, artifact.path)
    )
  }

  /** A failure, by its class. */
  private meet(failure: StageFailure): Tries {
    const { key, node } = this.task
    if (failure.retry !== "later") this.breaker.there()
    switch (failure.retry) {
      case "config":
        this.log("failed", failure)
        return Effect.fail(new RunStopped({ node: node.planned.name, failure }))
      case "skip":
        this.rememberFailed("skipped", failure)
        this.finish("skipped", this.log("skipped", failure), failure)
        return Effect.succeed({ _tag: "Skipped", key, failure: recordOf(failure) })
      case "never":
        this.rememberFailed("failed", failure)
        this.finish("failed", this.log("failed", failure), failure)
        return Effect.succeed({
          _tag: "Failed",
          key,
          failure: recordOf(failure),
          attempts: this.tries,
          remembered: !node.planned.stage.sink
        })
      case "now":
        this.failures++
        return this.again(failure, this.log("failed", failure))
      case "later":
        this.log("waiting", failure)
        // The next try is the breaker's probe, or comes after it.
        return Effect.flatMap(this.breaker.away(failure), () => this.run())
    }
  }

  /** Another try of a failure that may pass, as often as the node says. */
  private again(failure: StageFailure, milliseconds: number): Tries {
    const { key, node } = this.task
    if (this.failures > node.planned.retry.times) {
      this.finish("failed", milliseconds, failure)
      return Effect.succeed({ _tag: "Failed", key, failure: recordOf(failure), attempts: this.tries, remembered: false })
    }
    return Effect.flatMap(Random.next, (random) => {
      const wait = waitMillis(node.planned, this.failures, failure, random)
      if (this.heard) this.tell({ _tag: "NodeRetried", ...this.place, failure, waitMillis: wait })
      return Effect.flatMap(Effect.raceFirst(Effect.sleep(wait), this.state.stop.when), () => this.run())
    })
  }

  private remember(outcome: "value" | "failed" | "skipped", value: string | undefined, file: string | undefined, digest: string) {
    const { key, node, preimage: inputs } = this.task
    const { artifacts, madeWith } = this.metrics
    this.state.ledger.put({ key, recipe: node.recipe, inputs, outcome, value, file, digest, artifacts, madeWith })
  }

  private rememberFailed(outcome: "failed" | "skipped", failure: StageFailure): void {
    if (!this.task.node.planned.stage.sink) this.remember(outcome, encodeFailure(recordOf(failure)), undefined, "")
  }

  /** The try's row; gives how long it took, in milliseconds. */
  private log(outcome: Ended, failure: StageFailure | undefined): number {
    const { key, node, item } = this.task
    const { inputTokens, outputTokens, price } = this.metrics
    const milliseconds = performance.now() - this.began
    this.state.runs.attempt({
      run: this.state.run,
      item: item.item,
      node: node.planned.name,
      key,
      try: this.tries,
      outcome,
      failure,
      startedAt: Math.round(performance.timeOrigin + this.began),
      milliseconds,
      inputTokens,
      outputTokens,
      price
    })
    return milliseconds
  }

  /** Counts the node's end, and tells it. */
  private finish(outcome: Ended, milliseconds: number, failure: StageFailure | undefined): void {
    const { price } = this.metrics
    this.state.stats.node(this.task.node.index, outcome)
    if (this.heard) this.tell({ _tag: "NodeFinished", ...this.place, outcome, failure, milliseconds, price })
  }

  private get place() {
    const { node, item } = this.task
    return { pipeline: this.state.compiled.plan.pipeline, item: item.item, path: item.path, node: node.planned.name }
  }

  private get heard(): boolean {
    return this.state.hub.isHeard()
  }

  private tell(event: Event): void {
    this.state.hub.tell(event)
  }
}
