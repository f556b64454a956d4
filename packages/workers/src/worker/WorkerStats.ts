import type { JobOutcome } from "./WorkerEvent.js"

/** Seconds that the rate is told of. */
const MINUTE = 60

/** What a worker did, for `spool workers`. */
export class WorkerStats {
  private done = 0
  private failed = 0
  /** How many ended, by the second. */
  private readonly ended = new Map<number, number>()
  private readonly nodes = new Map<string, string>()

  /** @param node for people: `sounds/copy` */
  begin(job: string, node: string): void {
    this.nodes.set(job, node)
  }

  /** @param now milliseconds since 1970 */
  end(job: string, outcome: JobOutcome, now: number): void {
    this.nodes.delete(job)
    if (outcome === "failed") this.failed++
    else if (outcome === "done" || outcome === "skipped") this.done++
    else return
    const second = Math.floor(now / 1_000)
    this.ended.set(second, (this.ended.get(second) ?? 0) + 1)
  }

  /** For the worker's record. */
  told(now: number) {
    const first = Math.floor(now / 1_000) - MINUTE
    let rate = 0
    for (const [second, count] of this.ended) {
      if (second <= first) this.ended.delete(second)
      else rate += count
    }
    return { running: [...this.nodes.values()], done: this.done, failed: this.failed, rate }
  }
}
