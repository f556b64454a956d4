import { Effect, Redacted } from "effect"
import type { Provider } from "../catalog/Provider.js"
import { exchange } from "./exchange.js"
import { loadedOnce } from "./loadedOnce.js"
import * as RequestBody from "./RequestBody.js"
import { serviceFetch } from "./serviceFetch.js"
import * as StreamAccumulator from "./StreamAccumulator.js"
import { disconnected, type Transport } from "./Transport.js"

/** DashScope's own endpoints stand beside the compatible one. */
export const root = (provider: Provider): string => provider.baseUrl.replace(/\/compatible-mode\/v1$/, "/api/v1")

const path = "/services/aigc/multimodal-generation/generation"

/** The captioner by DashScope's own protocol (`POST …/multimodal-generation/generation`), at once or piece by piece. */
export const native = (provider: Provider, key: Redacted.Redacted | undefined): Effect.Effect<Transport> =>
  Effect.map(loadedOnce(serviceFetch), (load): Transport => {
    const stream = provider.stream
    const headers = (request: RequestBody.Request): Record<string, string> => ({
      ...RequestBody.headers(request),
      ...(stream ? { "X-DashScope-SSE": "enable" } : {}),
      ...(key === undefined ? {} : { authorization: `Bearer ${Redacted.value(key)}` }),
      accept: stream ? "text/event-stream" : "application/json",
      "content-type": "application/json"
    })
    return {
      warm: Effect.asVoid(load),
      send: (request) =>
        Effect.flatMap(load, (fetch) => {
          const post = (signal: AbortSignal) =>
            fetch(root(provider) + path, {
              method: "POST",
              headers: headers(request),
              body: JSON.stringify(RequestBody.native(request, stream)),
              signal
            })
          return exchange(provider, post, (cause) => Effect.succeed(disconnected(provider, cause)), StreamAccumulator.native)
        })
    }
  })
