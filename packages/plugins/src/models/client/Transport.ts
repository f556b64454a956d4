import type { Usage } from "@mediaspool/core"
import { type Effect, Either, Option } from "effect"
import * as Completion from "./Completion.js"
import * as Embeddings from "./Embeddings.js"
import { ModelError } from "../ModelError.js"
import type { Provider } from "../catalog/Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import type { Request } from "./RequestBody.js"

/** A whole answer as it came. */
export interface Answer {
  /** The JSON body; for a stream the body that its pieces add up to. */
  readonly body: string
  readonly requestId: string | undefined
  /** Absent where the service, or a proxy before it, left it out. */
  readonly usage: Usage | undefined
}

/** Carries a request to a service and brings the answer back, whole or as a typed failure. Tries once. */
export interface Transport {
  /** What takes time once; done before a request waits for its turn, so that it goes out when its turn comes. */
  readonly warm: Effect.Effect<void>
  readonly send: (request: Request) => Effect.Effect<Answer, ModelError>
}

/** The largest answer that is read: far above any model's, far below what hurts. */
export const maxAnswerBytes = 16 * 1024 * 1024

/** Refusals of a service that hasn't worked for the request. */
const refusals: ReadonlySet<string> = new Set(["ServiceFailed", "RateLimited", "Unreachable", "NotTheService"])

/**
 * A failure of the service that came in the place of an answer, or within one: it had begun to work.
 *
 * @param hasSaid whether a part of the answer came before
 */
export const midway = (error: ModelError, hasSaid = false): ModelError =>
  error.code === "ServiceFailed" || (hasSaid && refusals.has(error.code))
    ? new ModelError({ code: "FailedMidway", detail: error.detail })
    : error

/** The answer in this body, which must say why it ended. */
export const answer = (provider: Provider, body: string, requestId: string | undefined): Either.Either<Answer, ModelError> =>
  Option.match(
    Option.orElse(Completion.usage(body), () => Embeddings.usage(body)),
    {
      onSome: (usage) => Either.right({ body, requestId, usage }),
      onNone: () => {
        const fault = ServiceFault.inText(body)
        return Either.left(
          fault === undefined
            ? notTheService(provider, body)
            : midway(ServiceFault.toError(provider.name, { ...fault, requestId: requestId ?? fault.requestId }))
        )
      }
    }
  )

/** A proxy's page, a login form, another program's JSON. */
export const notTheService = (provider: Provider, body: string): ModelError =>
  new ModelError({
    code: "NotTheService",
    detail: `${provider.name}: what answers at ${provider.baseUrl} is no model service: ${ServiceFault.quote(body) || "an empty body"}`
  })

const possiblyBilled = (provider: Provider, code: "Interrupted" | "ServiceTimedOut", detail: string): ModelError =>
  new ModelError({ code: provider.onAmbiguous === "hold" ? "PossiblyBilled" : code, detail: `${provider.name}: ${detail}` })

/** The answer broke off after the request had been sent. */
export const interrupted = (provider: Provider, detail: string): ModelError => possiblyBilled(provider, "Interrupted", detail)

/** Nothing came for too long after the request had been sent. */
export const timedOut = (provider: Provider, what: string, seconds: number): ModelError =>
  possiblyBilled(provider, "ServiceTimedOut", `${what} for ${seconds} s`)

/** A request that never reached anybody: refused, no such host, no route, no trust. */
const neverSent =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|ConnectTimeoutError|CERT_|_CERT|ERR_TLS|ERR_SSL|EADDRNOTAVAIL|bad port/

/** The first line that came is none of HTTP's. */
const noHttp = /HPE_INVALID_CONSTANT|does not match the HTTP/

/** Every message and code in an error and its causes. */
const chain = (cause: unknown, depth = 0): string => {
  if (depth > 5 || typeof cause !== "object" || cause === null) return String(cause)
  const parts = ["name", "code", "message"].map((key) => Reflect.get(cause, key)).filter((part) => typeof part === "string")
  const errors: unknown = Reflect.get(cause, "errors")
  const inner: ReadonlyArray<unknown> = Array.isArray(errors) ? errors : []
  const next: unknown = Reflect.get(cause, "cause")
  return [...parts, ...[...inner, ...(next === undefined ? [] : [next])].map((one) => chain(one, depth + 1))].join(" ")
}

/** A failure of the connection: before the request was sent it cost nothing, after that nobody knows. */
export const disconnected = (provider: Provider, cause: unknown): ModelError => {
  const all = chain(cause)
  const reason = neverSent.exec(all)?.[0]
  if (noHttp.test(all))
    return new ModelError({
      code: "NotTheService",
      detail: `${provider.name}: what answers at ${provider.baseUrl} speaks no HTTP`
    })
  return reason === undefined
    ? interrupted(provider, `the connection broke: ${ServiceFault.quote(all)}`)
    : new ModelError({ code: "Unreachable", detail: `${provider.name}: nothing answers at ${provider.baseUrl} (${reason})` })
}
