import type { JobOutcome } from "./WorkerEvent.js"

/** What a worker did, for `spool workers`. */
export class WorkerStats {
  private done = 0
  private failed = 0
  /** When the last jobs ended, in milliseconds since 1970. */
  private ended: Array<number> = []
  private readonly nodes = new Map<string, string>()

  /** @param node for people: `sounds/copy` */
  begin(job: string, node: string): void {
    this.nodes.set(job, node)
  }

  end(job: string, outcome: JobOutcome, now: number): void {
    this.nodes.delete(job)
    if (outcome === "failed") this.failed++
    else if (outcome === "done" || outcome === "skipped") this.done++
    else return
    this.ended.push(now)
    if (this.ended.length > 10_000) this.forget(now)
  }

  /** For the worker's record. */
  told(now: number) {
    this.forget(now)
    return { running: [...this.nodes.values()], done: this.done, failed: this.failed, rate: this.ended.length }
  }

  private forget(now: number): void {
    const first = this.ended.findIndex((at) => at > now - 60_000)
    this.ended = first < 0 ? [] : this.ended.slice(first)
  }
}
