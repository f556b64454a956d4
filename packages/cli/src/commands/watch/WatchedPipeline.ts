import type { Event } from "@mediaspool/core"
import { RunProgress } from "../../output/RunProgress.js"

/** What the events of a watcher add up to for one pipeline. Mutable: events come by the thousand. */
export class WatchedPipeline {
  /** What has ended since the watcher began, and what is under way. */
  readonly tally: RunProgress
  /** Files that are not done, as they ended last; a file that is done later leaves these. */
  readonly failed = new Set<number>()
  readonly waiting = new Set<number>()
  /** Why nothing is begun at the moment, in a few words. */
  halted: string | undefined

  constructor(
    readonly pipeline: string,
    /** Of the source; absolute, a RawPath. */
    readonly folder: string,
    nodes: ReadonlyArray<string>,
    startedAt: number
  ) {
    this.tally = new RunProgress(pipeline, nodes, startedAt)
  }

  apply(event: Event): void {
    this.tally.apply(event)
    if (event._tag !== "ItemFinished") return
    for (const [state, items] of [["failed", this.failed] as const, ["waiting", this.waiting] as const])
      if (event.state === state) items.add(event.item)
      else items.delete(event.item)
  }
}
