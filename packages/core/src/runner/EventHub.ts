import { Effect, Mailbox, Stream } from "effect"
import type { Money } from "../stage/Cost.js"
import type { StageFailure } from "../stage/Failure.js"
import type { Obstacle } from "../store/Items.js"
import type { WorkerStatus } from "../store/RunProgress.js"
import type { FailureRecord } from "./NodeOutcome.js"
import type { Summary } from "./RunStats.js"

/** What runs tell while they run. Times are milliseconds since 1970; paths are RawPaths. */
export type Event =
  | { readonly _tag: "RunStarted"; readonly run: number; readonly pipeline: string; readonly nodes: ReadonlyArray<string> }
  /** Files that are as they were and done: nothing was looked at. */
  | { readonly _tag: "Unchanged"; readonly pipeline: string; readonly count: number }
  /** A file that was known under another name: nothing of it is done again but what reads names. */
  | { readonly _tag: "ItemMoved"; readonly pipeline: string; readonly item: number; readonly path: string; readonly from: string }
  | { readonly _tag: "ItemStarted"; readonly pipeline: string; readonly item: number; readonly path: string }
  | {
      readonly _tag: "ItemFinished"
      readonly pipeline: string
      readonly item: number
      readonly path: string
      readonly state: "done" | "failed" | "waiting"
      /** The nodes that keep it from being done. */
      readonly obstacles: ReadonlyArray<Pick<Obstacle, "node" | "failure">>
    }
  | {
      readonly _tag: "NodeStarted"
      readonly pipeline: string
      readonly item: number
      readonly path: string
      readonly node: string
      readonly try: number
    }
  | {
      readonly _tag: "NodeFinished"
      readonly pipeline: string
      readonly item: number
      readonly path: string
      readonly node: string
      readonly outcome: "ran" | "cached" | "skipped" | "failed" | "waiting"
      /** Why it failed, waits, or was skipped by its own word. */
      readonly failure: FailureRecord | undefined
      readonly milliseconds: number
      readonly price: Money | undefined
    }
  /** A try failed and another follows. */
  | {
      readonly _tag: "NodeRetried"
      readonly pipeline: string
      readonly item: number
      readonly path: string
      readonly node: string
      readonly failure: StageFailure
      readonly waitMillis: number
    }
  /** How far one node's work on one file is: in seconds of its media, or as a part where the stage doesn't know them (then both are 0). */
  | {
      readonly _tag: "Progress"
      readonly pipeline: string
      readonly item: number
      readonly path: string
      readonly node: string
      readonly doneSeconds: number
      readonly totalSeconds: number
      /** From 0 to 1. */
      readonly fraction?: number | undefined
      /** What goes on, for a person. */
      readonly words?: string | undefined
    }
  /** An outside service is away: work for it waits. */
  | { readonly _tag: "ResourceClosed"; readonly resource: string; readonly failure: StageFailure; readonly probeInMillis: number }
  | { readonly _tag: "ResourceOpened"; readonly resource: string }
  /** Who is there to run attempts elsewhere: told every second. */
  | { readonly _tag: "WorkersSeen"; readonly workers: ReadonlyArray<WorkerStatus> }
  | { readonly _tag: "Draining"; readonly pipeline: string }
  | { readonly _tag: "RunFinished"; readonly summary: Summary }

/** A reader that is slower than this many events loses the oldest: a progress line must never hold up the work. */
const EVENTS_KEPT = 16_384

/** Where a process's runs tell what happens. */
export interface EventHub {
  /** Whether anybody listens: without it an event need not be made. */
  readonly isHeard: () => boolean
  readonly tell: (event: Event) => void
  /** Everything told from now on. */
  readonly stream: Stream.Stream<Event>
}

/** Of each file there are several, and nobody waits for one of them: they reach the readers together, after so many milliseconds … */
const TOGETHER_MILLIS = 20
/** … or when there are so many. A reader that is woken up for each would cost more than a cheap stage. */
const MOST_TOGETHER = 1_024

/** What comes by the thousand. */
const isOfFile = ({ _tag }: Event): boolean => _tag.startsWith("Item") || _tag.startsWith("Node") || _tag === "Progress"

export const make = (): EventHub => {
  const readers = new Set<Mailbox.Mailbox<Event>>()
  let told: Array<Event> = []
  let timer: NodeJS.Timeout | undefined
  const hand = (): void => {
    clearTimeout(timer)
    timer = undefined
    const events = told
    told = []
    for (const reader of readers) reader.unsafeOfferAll(events)
  }
  return {
    isHeard: () => readers.size > 0,
    tell: (event) => {
      if (readers.size === 0) return
      told.push(event)
      if (!isOfFile(event) || told.length >= MOST_TOGETHER) hand()
      else timer ??= setTimeout(hand, TOGETHER_MILLIS)
    },
    stream: Stream.unwrapScoped(
      Effect.acquireRelease(
        Effect.tap(Mailbox.make<Event>({ capacity: EVENTS_KEPT, strategy: "sliding" }), (reader) =>
          Effect.sync(() => {
            hand()
            readers.add(reader)
          })
        ),
        (reader) =>
          Effect.zipRight(
            Effect.sync(() => readers.delete(reader)),
            reader.shutdown
          )
      ).pipe(Effect.map(Mailbox.toStream))
    )
  }
}
