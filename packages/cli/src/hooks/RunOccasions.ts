import { budgetOf } from "../output/Outages.js"
import type { Event, WatchEvent } from "@mediaspool/core"
import type { HookEvent } from "@mediaspool/plugins"

/** Something that hooks are told of. */
export interface Occasion {
  readonly type: HookEvent
  readonly pipeline: string
  readonly run?: number | undefined
  readonly items?: { readonly done: number; readonly failed: number; readonly waiting: number } | undefined
  /** Decimal strings by currency. */
  readonly cost?: Readonly<Record<string, string>> | undefined
  /** The first failures, or what it waits for. */
  readonly failures?: ReadonlyArray<{
    readonly path: string
    readonly node: string
    readonly code: string
    readonly message: string
  }>
  readonly reason?: { readonly code: string; readonly message: string; readonly help: string } | undefined
}

/** So many failures are named. */
const NAMED = 5

interface Tally {
  run: number | undefined
  done: number
  failed: number
  waiting: number
  failures: Array<NonNullable<Occasion["failures"]>[number]>
  readonly inFlight: Set<number>
}

/**
 * What events of runs come to. A run tells at its end. A watcher's runs don't end: it tells whenever everything that had landed is
 * through. Mutable: events come by the thousand.
 */
export class RunOccasions {
  private readonly tallies = new Map<string, Tally>()
  /** What has been told already, until it is over: an outage meets many files. */
  private readonly told = new Set<string>()

  /** @param isWatcher whether files come one after the other, without an end */
  constructor(private readonly isWatcher: boolean) {}

  private tally(pipeline: string): Tally {
    const known = this.tallies.get(pipeline)
    if (known !== undefined) return known
    const fresh: Tally = { run: undefined, done: 0, failed: 0, waiting: 0, failures: [], inFlight: new Set() }
    this.tallies.set(pipeline, fresh)
    return fresh
  }

  /** What an event comes to. */
  of(event: Event): ReadonlyArray<Occasion> {
    switch (event._tag) {
      case "RunStarted":
        this.tally(event.pipeline).run = event.run
        return []
      case "ItemStarted":
        this.tally(event.pipeline).inFlight.add(event.item)
        return []
      case "NodeFinished":
        if (event.outcome !== "waiting" || event.failure === undefined) return []
        return this.budget(event.pipeline, event.failure) ?? []
      case "ItemFinished": {
        const tally = this.tally(event.pipeline)
        tally.inFlight.delete(event.item)
        tally[event.state] += 1
        if (event.state === "failed" && tally.failures.length < NAMED)
          for (const { failure, node } of event.obstacles.slice(0, 1))
            tally.failures.push({ path: event.path, node, code: failure.code, message: failure.message })
        return []
      }
      case "ResourceClosed": {
        const { failure, resource } = event
        return [...this.tallies.keys()].flatMap(
          (pipeline) => this.budget(pipeline, failure) ?? this.once("paused", pipeline, resource, failure)
        )
      }
      case "ResourceOpened":
        for (const pipeline of this.tallies.keys()) this.told.delete(`paused ${pipeline} ${event.resource}`)
        return []
      case "RunFinished":
        return this.isWatcher ? [] : this.settled(event.summary.pipeline)
      default:
        return []
    }
  }

  /** What a watcher's own word comes to. */
  ofWatcher(event: WatchEvent<unknown>): ReadonlyArray<Occasion> {
    if (event._tag === "Resumed") {
      for (const key of this.told) if (key.startsWith(`paused ${event.pipeline} `)) this.told.delete(key)
      return []
    }
    if (event._tag !== "Halted") return []
    const { failure, halt, pipeline } = event
    const reason = failure ?? { code: "Paused", message: "it was paused", help: `Continue with \`spool resume ${pipeline}\`.` }
    return this.once("paused", pipeline, halt, reason)
  }

  /** Pipelines whose files are all through, told once. */
  quiet(): ReadonlyArray<Occasion> {
    return [...this.tallies].flatMap(([pipeline, { done, failed, inFlight, waiting }]) =>
      inFlight.size === 0 && done + failed + waiting > 0 ? this.settled(pipeline) : []
    )
  }

  private settled(pipeline: string): ReadonlyArray<Occasion> {
    const { done, failed, failures, run, waiting } = this.tally(pipeline)
    this.tallies.set(pipeline, { ...this.tally(pipeline), done: 0, failed: 0, waiting: 0, failures: [] })
    if (waiting === 0) for (const key of this.told) if (key.startsWith(`budget ${pipeline} `)) this.told.delete(key)
    const items = { done, failed, waiting }
    if (failed > 0) return [{ type: "failed", pipeline, run, items, failures }]
    return waiting > 0 ? [] : [{ type: "done", pipeline, run, items }]
  }

  /** Of a failure that is a budget's; `undefined` of any other. */
  private budget(pipeline: string, failure: NonNullable<Occasion["reason"]>): ReadonlyArray<Occasion> | undefined {
    const name = budgetOf(failure)
    return name === undefined ? undefined : this.once("budget", pipeline, name, failure)
  }

  private once(
    type: "budget" | "paused",
    pipeline: string,
    what: string,
    { code, help, message }: NonNullable<Occasion["reason"]>
  ): ReadonlyArray<Occasion> {
    const key = `${type} ${pipeline} ${what}`
    if (this.told.has(key)) return []
    this.told.add(key)
    return [{ type, pipeline, run: this.tally(pipeline).run, reason: { code, message, help } }]
  }
}
