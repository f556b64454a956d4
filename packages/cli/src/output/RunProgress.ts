import { type Event, Money, type NodeCounts } from "@mediaspool/core"
import { BigDecimal } from "effect"
import { Outages } from "./Outages.js"

/** What is still to come, as far as somebody counted it. */
export interface Expected {
  readonly files: number
  readonly bytes: number
}

interface InFlight {
  readonly path: string
  /** Bytes; 0 when nobody said. */
  size: number
  /** Of media; 0 while nobody measured it. */
  seconds: number
  /** Nodes that have settled for it. */
  readonly settled: Set<string>
  /** Long steps that say how far they are: node → part done. */
  readonly parts: Map<string, number>
  /** What they say to it, by node. */
  readonly words: Map<string, string>
}

const nothing: NodeCounts = { ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }

/**
 * What a run's events add up to, for whoever shows them. It holds counts and the items in flight, so that a million files
 * cost as much memory as ten. Mutable: events come by the thousand.
 */
export class RunProgress {
  readonly stages: Map<string, NodeCounts>
  readonly items = { done: 0, failed: 0, waiting: 0, unchanged: 0 }
  readonly cost = new Map<string, BigDecimal.BigDecimal>()
  readonly outages = new Outages()
  readonly inFlight = new Map<number, InFlight>()
  draining = false
  /** What is going on before the first file, in a few words. */
  step: string | undefined
  /** Files that were handed to the runner, and their bytes. */
  readonly found = { files: 0, bytes: 0 }
  /** `undefined` until the folder has been counted. */
  expected: Expected | undefined
  /** Of files that are settled in this run. */
  private settled = { files: 0, bytes: 0, seconds: 0 }
  private readonly sizes = new Map<string, number>()
  /** Of attempts that computed something, by node: how long they took, and how many they were. */
  private readonly work = new Map<string, { milliseconds: number; times: number }>()

  /**
   * @param nodes in the plan's order
   * @param startedAt milliseconds since 1970
   */
  constructor(
    readonly pipeline: string,
    nodes: ReadonlyArray<string>,
    readonly startedAt: number
  ) {
    this.stages = new Map(nodes.map((node) => [node, nothing]))
  }

  /** A file on its way to the runner. */
  arrive(path: string, size: number): void {
    this.sizes.set(path, size)
    this.found.files += 1
    this.found.bytes += size
  }

  apply(event: Event): void {
    switch (event._tag) {
      case "Unchanged":
        this.items.unchanged += event.count
        break
      case "ItemStarted":
        this.item(event.item, event.path)
        break
      case "NodeFinished": {
        const { node, outcome, price } = event
        const tally = this.stages.get(node) ?? nothing
        this.stages.set(node, { ...tally, [outcome]: tally[outcome] + 1 })
        const item = this.inFlight.get(event.item)
        item?.settled.add(node)
        item?.parts.delete(node)
        if (outcome === "ran") {
          const { milliseconds, times } = this.work.get(node) ?? { milliseconds: 0, times: 0 }
          this.work.set(node, { milliseconds: milliseconds + event.milliseconds, times: times + 1 })
        }
        if (price !== undefined)
          this.cost.set(price.currency, BigDecimal.sum(this.cost.get(price.currency) ?? BigDecimal.fromBigInt(0n), price.amount))
        break
      }
      case "Progress": {
        const item = this.item(event.item, event.path)
        item.seconds = Math.max(item.seconds, event.totalSeconds)
        const part = event.fraction ?? (event.totalSeconds > 0 ? event.doneSeconds / event.totalSeconds : undefined)
        if (part !== undefined) item.parts.set(event.node, Math.min(1, part))
        if (event.words !== undefined) item.words.set(event.node, event.words)
        break
      }
      case "ItemFinished": {
        const item = this.inFlight.get(event.item)
        this.items[event.state] += 1
        this.settled.files += 1
        this.settled.bytes += item?.size ?? this.sizes.get(event.path) ?? 0
        this.settled.seconds += item?.seconds ?? 0
        this.inFlight.delete(event.item)
        this.sizes.delete(event.path)
        break
      }
      case "ResourceClosed":
      case "ResourceOpened":
        this.outages.apply(event)
        break
      case "Draining":
        this.draining = true
        break
    }
  }

  /** Files that this run has settled or found unchanged. */
  get filesDone(): number {
    return this.settled.files + this.items.unchanged
  }

  /** Of media, parts of files in flight included. */
  get secondsDone(): number {
    let seconds = this.settled.seconds
    for (const item of this.inFlight.values()) seconds += item.seconds * this.part(item)
    return seconds
  }

  /** Of media, in all: the files to come are taken to hold as many seconds a byte as those before them. */
  get secondsExpected(): number | undefined {
    if (this.expected === undefined || this.settled.seconds === 0 || this.settled.bytes === 0) return undefined
    return (this.expected.bytes * this.settled.seconds) / this.settled.bytes
  }

  /** Bytes of the files that this run has settled. */
  get bytesDone(): number {
    return this.settled.bytes
  }

  /**
   * Until the end, by the work that is left: bytes to come, and in files in flight the nodes to come, each by the time that it takes.
   * `undefined` until a file has gone all the way.
   */
  secondsLeft(now: number): number | undefined {
    const elapsed = (now - this.startedAt) / 1000
    if (this.expected === undefined || this.settled.bytes === 0 || elapsed < 3) return undefined
    let done = this.settled.bytes
    for (const item of this.inFlight.values()) done += item.size * this.part(item, (node) => this.weight(node))
    return Math.max(0, ((this.expected.bytes - done) * elapsed) / done)
  }

  /** The items that say how far they are, the longest first. */
  get long(): ReadonlyArray<{
    readonly path: string
    readonly node: string
    readonly part: number
    readonly words: string | undefined
  }> {
    return [...this.inFlight.values()]
      .filter(({ parts }) => parts.size > 0)
      .sort((a, b) => b.seconds - a.seconds)
      .flatMap(({ path, parts, words }) =>
        [...parts].slice(0, 1).map(([node, part]) => ({ path, node, part, words: words.get(node) }))
      )
  }

  get money(): ReadonlyArray<Money> {
    return [...this.cost].map(([currency, amount]) => new Money({ currency, amount }))
  }

  private item(id: number, path: string): InFlight {
    const known = this.inFlight.get(id)
    if (known !== undefined) return known
    const item: InFlight = {
      path,
      size: this.sizes.get(path) ?? 0,
      seconds: 0,
      settled: new Set(),
      parts: new Map(),
      words: new Map()
    }
    this.inFlight.set(id, item)
    return item
  }

  /** Milliseconds that a node takes on average; 1 while nothing is known. */
  private weight(node: string): number {
    const known = this.work.get(node)
    return known === undefined ? 1 : Math.max(1, known.milliseconds / known.times)
  }

  /** The part of an item that is done, by the weight of its nodes. */
  private part({ parts, settled }: InFlight, weight: (node: string) => number = () => 1): number {
    let [all, done] = [0, 0]
    for (const node of this.stages.keys()) {
      all += weight(node)
      done += weight(node) * (settled.has(node) ? 1 : Math.min(0.95, parts.get(node) ?? 0))
    }
    return all === 0 ? 0 : Math.min(1, done / all)
  }
}
