import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Stream } from "effect"
import { Feed } from "./Feed.js"

const text = (chunks: Chunk.Chunk<Uint8Array>): string => new TextDecoder().decode(Buffer.concat(Chunk.toReadonlyArray(chunks)))
const idsOf = (said: string): ReadonlyArray<string> => [...said.matchAll(/^id: (\S+)$/gm)].map(([, id = ""]) => id)
/** So many events as they are sent; the first is the greeting, or what was missed. */
const take = (stream: Stream.Stream<Uint8Array>, count: number) => Effect.map(Stream.runCollect(Stream.take(stream, count)), text)
const tell = (feed: Feed["Type"], count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => i),
    (i) => feed.tell({ name: "library", data: { i } })
  )

describe("the feed", () => {
  it.scoped("gives a window that comes back what it missed, once and in order", () =>
    Effect.gen(function* () {
      const feed = yield* Feed
      yield* tell(feed, 3)
      const listening = yield* Effect.fork(take(feed.listen(undefined), 2))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => feed.listeners() === 1 })
      yield* tell(feed, 1)
      const [seen = ""] = idsOf(yield* Fiber.join(listening))
      yield* tell(feed, 4)
      expect(idsOf(yield* take(feed.listen(seen), 4)).map((id) => Number(id.split("-")[1]))).toEqual([5, 6, 7, 8])
      expect(feed.listeners()).toBe(0)
    }).pipe(Effect.provide(Feed.layer))
  )

  it.scoped("says `reset` to a window of another server's life, or one that was away for too long", () =>
    Effect.gen(function* () {
      const feed = yield* Feed
      yield* tell(feed, 1)
      expect(yield* take(feed.listen("otherlife-1"), 1)).toContain("event: reset")
      const listening = yield* Effect.fork(take(feed.listen(undefined), 2))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => feed.listeners() === 1 })
      yield* tell(feed, 1)
      const [seen = ""] = idsOf(yield* Fiber.join(listening))
      yield* tell(feed, 400)
      expect(yield* take(feed.listen(seen), 1)).toContain("event: reset")
    }).pipe(Effect.provide(Feed.layer))
  )

  it.scoped("keeps little for a reader that doesn't read, who gets the newest and is told that others are missing", () =>
    Effect.gen(function* () {
      const feed = yield* Feed
      const pull = yield* Stream.toPull(feed.listen(undefined))
      yield* pull
      yield* tell(feed, 1_000)
      let said = ""
      while (!idsOf(said).at(-1)?.endsWith("-1000")) said += text(yield* Effect.orDie(pull))
      expect(idsOf(said).length).toBeLessThan(200)
      expect(said).toContain("event: reset")
    }).pipe(Effect.provide(Feed.layer))
  )
})
