import { type Call, type Calls, type Json, Money } from "@mediaspool/core"
import { Array, BigDecimal, Effect } from "effect"
import { Recording, RecordingError, keyOf } from "./Recording.js"

/** Replies from a recording, or from the services into a new one. */
export interface Replay {
  readonly calls: Calls["Type"]
  /** What was replayed or made, in the order of the identities: the same run writes the same file. */
  readonly recording: Effect.Effect<Recording>
  /** What live calls cost, by currency. */
  readonly spent: Effect.Effect<ReadonlyArray<Money>>
}

type KeptCall = Recording["calls"][number]
type KeptDecision = Recording["decisions"][number]

const sorted = <A>(entries: ReadonlyMap<string, A>): ReadonlyArray<A> =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)

/** Adds up amounts by currency. */
export const total = (prices: ReadonlyArray<Money>): ReadonlyArray<Money> =>
  Object.entries(Array.groupBy(prices, ({ currency }) => currency)).map(
    ([currency, amounts]) => new Money({ currency, amount: BigDecimal.sumAll(amounts.map(({ amount }) => amount)) })
  )

/** One entry for a key: there already, or made by the first who asks. */
const remembered =
  <A>(entries: Map<string, A>) =>
  <E, R>(identity: { readonly [key: string]: Json }, make: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(keyOf(identity), (key) => {
      const known = entries.get(key)
      return known !== undefined ? Effect.succeed(known) : Effect.tap(make, (made) => Effect.sync(() => entries.set(key, made)))
    })

/** A call without its reply can't go on, and no stage has a part in that: it is a defect, with what to do about it. */
const missing = ({ account, model }: Call) =>
  Effect.die(
    new RecordingError({
      code: "ReplyNotRecorded",
      detail: `no recorded reply from ${model} (${account}) for this request`
    })
  )

/** Every call from the recording; one that isn't there is refused, so nothing is sent and nothing is paid. */
export const offline = (recording: Recording): Effect.Effect<Replay> =>
  Effect.gen(function* () {
    const calls = new Map<string, KeptCall>()
    const decisions = new Map<string, KeptDecision>()
    for (const call of recording.calls) calls.set(yield* keyOf(call.identity), call)
    for (const decision of recording.decisions) decisions.set(yield* keyOf(decision.identity), decision)
    return {
      calls: {
        call: (call) => Effect.map(remembered(calls)(call.identity, missing(call)), ({ reply }) => reply),
        decide: (identity, decide) =>
          Effect.map(
            remembered(decisions)(
              identity,
              Effect.map(decide, (value) => ({ identity, value }))
            ),
            ({ value }) => value
          )
      },
      recording: Effect.succeed(recording),
      spent: Effect.succeed([])
    }
  })

/** Every call from its service, once. */
export const live: Effect.Effect<Replay> = Effect.sync(() => {
  const calls = new Map<string, KeptCall>()
  const decisions = new Map<string, KeptDecision>()
  return {
    calls: {
      call: (call, request, ready = Effect.void) => {
        const { account, identity, model } = call
        const made = Effect.map(Effect.scoped(Effect.zipRight(ready, request)), (reply) => ({ account, identity, model, reply }))
        return Effect.map(remembered(calls)(identity, made), ({ reply }) => reply)
      },
      decide: (identity, decide) =>
        Effect.map(
          remembered(decisions)(
            identity,
            Effect.map(decide, (value) => ({ identity, value }))
          ),
          ({ value }) => value
        )
    },
    recording: Effect.sync(() => new Recording({ calls: sorted(calls), decisions: sorted(decisions) })),
    spent: Effect.sync(() => total([...calls.values()].flatMap(({ reply }) => reply.price ?? [])))
  }
})
