import { Context, Effect, Layer, PubSub, Schedule, type Scope, Stream } from "effect"

/** What the page hears of, by name; `data` is JSON. */
export interface FeedEvent {
  readonly name: "library" | "runs" | "overview"
  readonly data: unknown
}

interface Numbered {
  readonly id: number
  readonly name: FeedEvent["name"]
  readonly text: string
}

export interface Service {
  /** Tells everybody who listens. */
  readonly tell: (event: FeedEvent) => Effect.Effect<void>
  /** How many listen: what nobody hears need not be made. */
  readonly listeners: () => number
  /** As server-sent events, after the one with this id: what was missed, or `reset` where that isn't kept any more. */
  readonly listen: (lastEventId: string | undefined) => Stream.Stream<Uint8Array>
}

/** Events that a window which was away can catch up with. */
const KEPT = 256
/** A reader that is slower than this many events loses the oldest: a sleeping tab must cost nothing. */
const BEHIND = 64
const HEARTBEAT = "15 seconds"

const encoder = new TextEncoder()
/** The window asks for everything once more. */
const RESET = encoder.encode("retry: 2000\nevent: reset\ndata: {}\n\n")
/** Ids of another server's life begin otherwise. */
const text = (life: string, { id, name, text }: Numbered): Uint8Array =>
  encoder.encode(`id: ${life}-${id}\nevent: ${name}\ndata: ${text}\n\n`)

const make: Effect.Effect<Service, never, Scope.Scope> = Effect.gen(function* () {
  const life = Math.random().toString(36).slice(2, 10)
  const hub = yield* Effect.acquireRelease(PubSub.sliding<Numbered>(BEHIND), PubSub.shutdown)
  const kept: Array<Numbered> = []
  let last = 0
  let listeners = 0

  const missed = (lastEventId: string | undefined): ReadonlyArray<Uint8Array> => {
    const [since, id] = (lastEventId ?? "").split("-")
    const seen = Number(id)
    const first = kept[0]?.id ?? last + 1
    if (lastEventId === undefined || (since === life && seen === last)) return [encoder.encode("retry: 2000\n\n")]
    if (since !== life || !(seen >= first - 1)) return [RESET]
    return kept.filter((event) => event.id > seen).map((event) => text(life, event))
  }
  const heartbeat = Stream.repeatEffectWithSchedule(
    Effect.succeed(encoder.encode(": still here\n\n")),
    Schedule.spaced(HEARTBEAT)
  )

  return {
    tell: ({ data, name }) =>
      Effect.suspend(() => {
        const event = { id: ++last, name, text: JSON.stringify(data) }
        kept.push(event)
        if (kept.length > KEPT) kept.shift()
        return PubSub.publish(hub, event)
      }),
    listeners: () => listeners,
    listen: (lastEventId) =>
      Stream.unwrapScoped(
        Effect.gen(function* () {
          // Subscribed first: nothing falls between what was missed and what comes.
          const queue = yield* PubSub.subscribe(hub)
          yield* Effect.acquireRelease(
            Effect.sync(() => listeners++),
            () => Effect.sync(() => listeners--)
          )
          const before = missed(lastEventId)
          const seen = last
          const live = Stream.fromQueue(queue).pipe(
            Stream.filter(({ id }) => id > seen),
            // Whoever was too slow is told that something is missing: the next events say nothing of those before.
            Stream.mapAccum(seen, (before, event) => [
              event.id,
              event.id === before + 1 ? [text(life, event)] : [RESET, text(life, event)]
            ]),
            Stream.mapConcat((texts) => texts)
          )
          return Stream.concat(Stream.fromIterable(before), Stream.merge(live, heartbeat, { haltStrategy: "left" }))
        })
      )
  }
})

/** What the server tells its windows: a queue that slides for each, and a short memory for those that come back. */
export class Feed extends Context.Tag("@mediaspool/server/Feed")<Feed, Service>() {
  static readonly layer: Layer.Layer<Feed> = Layer.scoped(Feed, make)
}
