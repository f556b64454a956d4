import { Limiter } from "@mediaspool/core"
import { Clock, Effect, type Redacted, type Scope } from "effect"
import type { ModelSpec } from "../catalog/ModelSpec.js"
import { accountId, type Provider } from "../catalog/Provider.js"
import type { ModelError } from "../ModelError.js"
import * as DashScopeClient from "./DashScopeClient.js"
import * as OpenAiClient from "./OpenAiClient.js"
import type { Request } from "./RequestBody.js"
import type { Answer } from "./Transport.js"

/** One of a provider's servers. */
export interface Endpoint {
  readonly baseUrl: string
  /** Requests that it has, or that wait for it. */
  readonly busy: () => number
  /** It isn't left out at the moment. */
  readonly isWell: () => boolean
  /** Waits until this server may have one more request, and holds its place until the scope closes. */
  readonly place: (tokens: number) => Effect.Effect<void, never, Scope.Scope>
  readonly warm: (model: ModelSpec) => Effect.Effect<void>
  readonly send: (request: Request) => Effect.Effect<Answer, ModelError>
  /** The models that it lists: a free question, which also finds out whether a server that was left out is back. */
  readonly models: Effect.Effect<ReadonlyArray<string>, ModelError>
  /** Asks a server that was left out long enough whether it is back, in the background. */
  readonly probe: Effect.Effect<void>
}

/** How long a server that failed is left out before it is asked again, in milliseconds. */
const REST = 15_000
/** One failure may be the request's; so many in a row, without an answer between them, are the server's. */
const OUTAGE = 3

/** Nobody is there, or somebody else: the next request would fail too. */
const GONE: ReadonlySet<string> = new Set(["Unreachable", "NotTheService"])
const TROUBLES: ReadonlySet<string> = new Set(["ServiceFailed", "FailedMidway", "ServiceTimedOut", "Interrupted"])

export const make = (provider: Provider, baseUrl: string, key: Redacted.Redacted | undefined): Effect.Effect<Endpoint> =>
  Effect.gen(function* () {
    const own = { ...provider, baseUrl }
    const client = yield* OpenAiClient.client(own, key)
    const native = yield* DashScopeClient.native(own, key)
    const { concurrency, rpm, tpm } = provider.perEndpoint
    const limiter = yield* Limiter.make(
      { requestsPerMinute: rpm, unitsPerMinute: tpm, concurrency },
      `server:${accountId({ baseUrls: [baseUrl], apiKey: provider.apiKey })}`
    )
    let busy = 0
    let inARow = 0
    let outUntil: number | undefined
    let isAsked = false

    const transportOf = (model: ModelSpec) => (provider.protocol === "native" && model.kind === "captioner" ? native : client)
    const answered = Effect.sync(() => {
      inARow = 0
      outUntil = undefined
    })
    const failed = ({ code }: ModelError) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        inARow = TROUBLES.has(code) ? inARow + 1 : inARow
        if (GONE.has(code) || inARow >= OUTAGE) outUntil = now + REST
      })
    const noted = <A>(asking: Effect.Effect<A, ModelError>) =>
      asking.pipe(Effect.tapBoth({ onSuccess: () => answered, onFailure: failed }))
    const models = noted(client.models)

    return {
      baseUrl,
      busy: () => busy,
      isWell: () => outUntil === undefined,
      place: (tokens) =>
        Effect.zipRight(
          Effect.acquireRelease(
            Effect.sync(() => busy++),
            () => Effect.sync(() => busy--)
          ),
          Effect.zipRight(limiter.place, limiter.turn(tokens))
        ),
      warm: (model) => transportOf(model).warm,
      send: (request) => noted(transportOf(request.model).send(request)),
      models,
      probe: Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (isAsked || outUntil === undefined || now < outUntil) return Effect.void
        isAsked = true
        const asking = Effect.ensuring(
          Effect.ignore(models),
          Effect.sync(() => (isAsked = false))
        )
        return Effect.asVoid(Effect.forkDaemon(asking))
      })
    }
  })
