import { Effect, type Fiber } from "effect"
import { isComplete, type JobProgress } from "../protocol/JobProgress.js"
import { type JobEntry, jobId, type JobNode } from "../protocol/StageJob.js"
import type { BatchPart } from "./ExecutorMessage.js"
import type { JobRunner } from "./JobRunner.js"
import { PartBuilder } from "./PartBuilder.js"

/** Attempts one after the other, while those before them are quick. */
interface Lane {
  readonly waiting: Array<JobEntry>
  current: { readonly id: string; readonly began: number; isTold: boolean } | undefined
  fiber: Fiber.RuntimeFiber<void> | undefined
}

/** What a batch needs to run. */
export interface BatchServices {
  readonly run: JobRunner["run"]
  readonly fork: (effect: Effect.Effect<void>) => Fiber.RuntimeFiber<void>
  readonly tell: (part: BatchPart) => void
  /** The worker's name. */
  readonly worker: string
}

/** Quick attempts get so long together, in milliseconds: then those that haven't begun are given back. */
const PATIENCE_MILLIS = 250
/** What has run for so long is said to have begun: quicker ones only answer. */
const BEGAN_MILLIS = 40
/** Answers of a batch that goes on wait so long for others. */
const GATHER_MILLIS = 100
/** Progress of an attempt is told so often. */
const REPORT_MILLIS = 500

/** Runs the attempts of a batch, and says what comes of them a part at a time. */
export class BatchRun {
  private readonly part: PartBuilder
  private readonly lanes: ReadonlyArray<Lane>
  private readonly began = performance.now()
  private told = performance.now()
  private running: number

  constructor(
    id: string,
    private readonly node: JobNode,
    entries: ReadonlyArray<JobEntry>,
    isMerged: boolean,
    private readonly services: BatchServices
  ) {
    this.part = new PartBuilder(id)
    const lane = (waiting: ReadonlyArray<JobEntry>): Lane => ({ waiting: [...waiting], current: undefined, fiber: undefined })
    this.lanes = isMerged ? entries.map((entry) => lane([entry])) : [lane(entries)]
    this.running = this.lanes.length
  }

  start(): void {
    for (const lane of this.lanes) this.go(lane)
  }

  /** Gives back what waits for too long, and says what there is to say. To be called now and then. */
  look(): void {
    const now = performance.now()
    for (const lane of this.lanes) {
      if (now - this.began > PATIENCE_MILLIS) this.giveBack(lane)
      const { current } = lane
      if (current === undefined || current.isTold || now - current.began < BEGAN_MILLIS) continue
      current.isTold = true
      this.part.begin(current.id)
    }
    if (!this.part.isEmpty && now - this.told >= GATHER_MILLIS) this.tell(false)
  }

  /** Nobody waits for this attempt any more. */
  cancel(attempt: string): void {
    for (const lane of this.lanes) {
      const at = lane.waiting.findIndex((entry) => this.idOf(entry) === attempt)
      if (at >= 0) lane.waiting.splice(at, 1)
      if (lane.current?.id !== attempt) continue
      lane.fiber?.unsafeInterruptAsFork(lane.fiber.id())
    }
  }

  /** Nobody waits for any of it any more; nothing is said. */
  stop(): void {
    for (const { fiber, waiting } of this.lanes) {
      waiting.length = 0
      fiber?.unsafeInterruptAsFork(fiber.id())
    }
  }

  private go(lane: Lane): void {
    const fiber = this.services.fork(
      Effect.whileLoop({
        while: () => lane.waiting.length > 0,
        body: () => this.next(lane),
        step: () => {
          if (performance.now() - this.began > PATIENCE_MILLIS) this.giveBack(lane)
        }
      })
    )
    lane.fiber = fiber
    fiber.addObserver(() => {
      // One that was cancelled takes the fiber with it; the others go on in another.
      if (lane.waiting.length > 0) return this.go(lane)
      this.running--
      if (this.running === 0) this.tell(true)
      else if (performance.now() - this.told >= GATHER_MILLIS) this.tell(false)
    })
  }

  private next(lane: Lane): Effect.Effect<void> {
    const entry = lane.waiting.shift()
    if (entry === undefined) return Effect.void
    const id = this.idOf(entry)
    const began = performance.now()
    let last: JobProgress | undefined
    let reported = -REPORT_MILLIS
    lane.current = { id, began, isTold: false }
    const report = (progress: JobProgress): void => {
      last = progress
      // It comes with the answer.
      if (isComplete(progress)) return
      const now = performance.now()
      if (now - reported < REPORT_MILLIS) return
      reported = now
      this.part.report(id, progress)
    }
    return Effect.map(this.services.run(id, this.node, entry, report), (reply) => {
      lane.current = undefined
      const said = reply._tag === "Done" && last !== undefined ? { ...reply, progress: last } : reply
      this.part.answer(id, entry.key, said, performance.now() - began)
    })
  }

  private giveBack(lane: Lane): void {
    for (const entry of lane.waiting.splice(0))
      this.part.answer(this.idOf(entry), entry.key, { _tag: "Undone", why: "late", on: this.services.worker }, 0)
  }

  private idOf(entry: JobEntry): string {
    return jobId({ coordinator: this.node.coordinator, ...entry })
  }

  private tell(isLast: boolean): void {
    this.told = performance.now()
    this.services.tell(this.part.take(isLast))
  }
}
