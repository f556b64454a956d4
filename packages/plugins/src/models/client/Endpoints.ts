import { type Array, Effect, type Redacted, type Scope } from "effect"
import type { Provider } from "../catalog/Provider.js"
import type { ModelError } from "../ModelError.js"
import * as Endpoint from "./Endpoint.js"
import type { Request } from "./RequestBody.js"
import type { Answer } from "./Transport.js"

/** All servers of a provider. */
export interface Endpoints {
  readonly all: Array.NonEmptyReadonlyArray<Endpoint.Endpoint>
  /** The least busy of those that are well, once it has room; held until the scope closes. */
  readonly take: (tokens: number) => Effect.Effect<Endpoint.Endpoint, never, Scope.Scope>
  /** Sends to this server; where it refused before it worked, or isn't there, to the others in turn. */
  readonly send: (first: Endpoint.Endpoint, request: Request, tokens: number) => Effect.Effect<Answer, ModelError>
}

/** What another server may answer: nothing was billed, and it isn't the request's fault. */
const ELSEWHERE: ReadonlySet<string> = new Set(["Unreachable", "NotTheService", "ServiceFailed"])

export const make = (provider: Provider, key: Redacted.Redacted | undefined): Effect.Effect<Endpoints> =>
  Effect.gen(function* () {
    const all = yield* Effect.forEach(provider.baseUrls, (baseUrl) => Endpoint.make(provider, baseUrl, key))

    const choose = (not: ReadonlySet<Endpoint.Endpoint>): Endpoint.Endpoint | undefined => {
      const left = all.filter((endpoint) => !not.has(endpoint))
      const well = left.filter(({ isWell }) => isWell())
      const among = well.length > 0 ? well : left
      return among.toSorted((a, b) => a.busy() - b.busy())[0]
    }
    const probes = Effect.suspend(() => Effect.forEach(all, ({ probe }) => probe, { discard: true }))

    const sendTo = (
      endpoint: Endpoint.Endpoint,
      request: Request,
      tokens: number,
      tried: ReadonlySet<Endpoint.Endpoint>
    ): Effect.Effect<Answer, ModelError> =>
      Effect.catchAll(endpoint.send(request), (error) => {
        const asked = new Set([...tried, endpoint])
        const next = ELSEWHERE.has(error.code) ? choose(asked) : undefined
        return next === undefined
          ? error
          : Effect.scoped(Effect.zipRight(next.place(tokens), sendTo(next, request, tokens, asked)))
      })

    return {
      all,
      take: (tokens) =>
        Effect.gen(function* () {
          if (all.length > 1) yield* probes
          const chosen = choose(new Set()) ?? all[0]
          yield* chosen.place(tokens)
          return chosen
        }),
      send: (first, request, tokens) => sendTo(first, request, tokens, new Set())
    }
  })
