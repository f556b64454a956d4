import { FetchHttpClient, Headers, HttpBody, HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Chunk, Duration, Effect, Schema, Stream } from "effect"
import { lookup } from "node:dns/promises"
import * as Failure from "./Failure.js"
import { isPrivate } from "./PrivateAddress.js"
import { redact } from "./Secret.js"

/** What a request may fail with, by the status that the service answered (RFC 9110), or by what broke on the way. */
export class HttpError extends Failure.Class<HttpError>()("HttpError", {
  HttpUnreachable: { retry: "later", help: "Check the network, and whether the service is up." },
  HttpTimedOut: { retry: "later", help: "Check the service: it did not answer in time. The work waits for it." },
  HttpBusy: {
    retry: "later",
    billed: "no",
    help: "No action needed: the service is busy or over its limit, and the work waits for it."
  },
  HttpGatewayFailed: {
    retry: "later",
    help: "No action needed: a gateway had no answer from the service, and the work waits for it."
  },
  HttpServerFailed: { retry: "now", help: "No action needed: the service failed on this request, and it is retried." },
  HttpUnauthorized: { retry: "config", billed: "no", help: "Check the key that the config names, and what it may do." },
  HttpRefused: { retry: "never", billed: "no", help: "Check what the service answered: it does not accept this request." },
  HttpTooLarge: { retry: "never", help: "Tell the stage's author: the answer is larger than the stage allows." },
  HttpRedirectRefused: {
    retry: "never",
    billed: "no",
    help: "Check the service's URL: it redirects to an address where requests are not allowed to go."
  },
  HttpNotUnderstood: { retry: "never", help: "Check the answer: it is not what the stage expects." }
}) {}

/** How long and how large an answer may be. */
export interface Options {
  /** For all of it, redirects and body included; 30 s. */
  readonly deadline?: Duration.DurationInput
  /** Of the answer's body; 16 MiB. */
  readonly maxBytes?: number
}

/** A whole answer with a status from 200 to 299. */
export interface Reply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly text: string
}

const DEADLINE = "30 seconds"
const MAX_BYTES = 16 * 1024 * 1024
const REDIRECTS = 5
const CREDENTIALS = ["authorization", "cookie", "proxy-authorization"]
/** Of an answer, in a message. */
const EXCERPT = 200

/** Without query and credentials: both may hold a key. */
const nameOf = ({ method, url }: HttpClientRequest.HttpClientRequest): string => {
  const at = URL.canParse(url) ? new URL(url) : undefined
  return `${method} ${at === undefined ? "a URL that is none" : `${at.origin}${at.pathname}`}`
}

const failure = (
  code: HttpError["code"],
  request: HttpClientRequest.HttpClientRequest,
  what: string,
  retryAfterMillis?: number
) =>
  new HttpError({
    code,
    detail: redact(`${nameOf(request)}: ${what}`),
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  })

/** `Retry-After` (RFC 9110, 10.2.3), seconds or a date, in milliseconds from `now`; `undefined` for anything else. */
export const retryAfterMillis = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const codeOf = (status: number): HttpError["code"] =>
  status === 401 || status === 403 || status === 402
    ? "HttpUnauthorized"
    : status === 429 || status === 503
      ? "HttpBusy"
      : status === 502 || status === 504
        ? "HttpGatewayFailed"
        : status === 408
          ? "HttpTimedOut"
          : status >= 500
            ? "HttpServerFailed"
            : "HttpRefused"

const nothing = { chunks: Chunk.empty<Uint8Array>(), size: 0 }

/** A body, as far as it may be long. */
const read = (
  request: HttpClientRequest.HttpClientRequest,
  response: HttpClientResponse.HttpClientResponse,
  maxBytes: number
) => {
  const tooLarge = failure("HttpTooLarge", request, `the answer has more than ${maxBytes} bytes`)
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) return Effect.fail(tooLarge)
  return response.stream.pipe(
    // A 201 or 204 has no body at all.
    Stream.catchAll((error) =>
      error.reason === "EmptyBody"
        ? Stream.empty
        : Stream.fail(failure("HttpUnreachable", request, `the answer broke off (${error.reason})`))
    ),
    Stream.runFoldEffect(nothing, ({ chunks, size }, chunk) =>
      size + chunk.length > maxBytes
        ? Effect.fail(tooLarge)
        : Effect.succeed({ chunks: Chunk.append(chunks, chunk), size: size + chunk.length })
    ),
    Effect.map(({ chunks }) => new Uint8Array(Buffer.concat(Chunk.toReadonlyArray(chunks))))
  )
}

const isPrivateHost = (host: string): Effect.Effect<boolean> =>
  isPrivate(host)
    ? Effect.succeed(true)
    : Effect.promise(() =>
        lookup(host, { all: true }).then(
          (found) => found.some(({ address }) => isPrivate(address)),
          () => false
        )
      )

/** Whether a redirect says that the answer is elsewhere, so that the request itself was taken: as browsers read it. */
const isAnswer = ({ method }: HttpClientRequest.HttpClientRequest, status: number): boolean =>
  status === 303 || ((status === 301 || status === 302) && method === "POST")

/** Where a redirect leads, when a request may go there: another host gets no credentials, and a private address nothing. */
const redirected = (
  request: HttpClientRequest.HttpClientRequest,
  { headers, status }: HttpClientResponse.HttpClientResponse,
  refused: HttpError["code"]
): Effect.Effect<HttpClientRequest.HttpClientRequest, HttpError> =>
  Effect.gen(function* () {
    const location = headers["location"] ?? ""
    if (!URL.canParse(location, request.url)) return yield* failure(refused, request, `a redirect (${status}) to nowhere`)
    const [from, to] = [new URL(request.url), new URL(location, request.url)]
    if (to.protocol !== "https:" && to.protocol !== from.protocol)
      return yield* failure(refused, request, `a redirect to ${to.origin}, which is not encrypted`)
    if (to.origin !== from.origin && (yield* isPrivateHost(to.hostname.replace(/^\[|\]$/g, ""))))
      return yield* failure(refused, request, `a redirect to ${to.origin}, a private address`)
    // What was posted isn't posted again elsewhere, unless the service says so (307, 308).
    const again = isAnswer(request, status)
    return HttpClientRequest.modify(HttpClientRequest.get(to.href), {
      method: again ? "GET" : request.method,
      headers: to.origin === from.origin ? request.headers : Headers.remove(request.headers, CREDENTIALS),
      body: again ? HttpBody.empty : request.body
    })
  })

/** The platform's client takes the length of a streamed body away, and object storages refuse one without (411). */
const withLength = ({ body }: HttpClientRequest.HttpClientRequest) => {
  const length = body._tag === "Stream" ? body.contentLength : undefined
  if (length === undefined) return <A, E, R>(send: Effect.Effect<A, E, R>) => send
  const sized: typeof globalThis.fetch = (input, init) => {
    const headers = new globalThis.Headers(init?.headers)
    headers.set("content-length", String(length))
    return globalThis.fetch(input, { ...init, headers })
  }
  return <A, E, R>(send: Effect.Effect<A, E, R>) => Effect.provideService(send, FetchHttpClient.Fetch, sized)
}

/** Sends, and follows redirects; one that may not be followed is no refusal of a request that was `taken` before. */
const send = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  left = REDIRECTS,
  taken = false
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpError> =>
  client.execute(request).pipe(
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    withLength(request),
    Effect.mapError((error) => failure("HttpUnreachable", request, `no answer (${error.reason})`)),
    Effect.flatMap((response) => {
      if (response.status < 300 || response.status > 399 || response.headers["location"] === undefined)
        return Effect.succeed(response)
      const isTaken = taken || isAnswer(request, response.status)
      const refused = isTaken ? "HttpNotUnderstood" : "HttpRedirectRefused"
      return left === 0
        ? failure(refused, request, `more than ${REDIRECTS} redirects`)
        : Effect.flatMap(redirected(request, response, refused), (next) => send(client, next, left - 1, isTaken))
    })
  )

/**
 * Sends a request and gives the whole answer: within a deadline and a size, over redirects that don't lead to private addresses.
 * Any other status than 2xx is a failure of its retry class, with the `Retry-After` that the service names; no message holds a query, a
 * header or a secret. A file is sent as a stream, with its length, by `HttpClientRequest.bodyFile`.
 *
 * @example
 * const { text } = yield* Http.request(HttpClientRequest.get("https://example.com/a"), { deadline: "1 minute" })
 */
export const request = (
  request: HttpClientRequest.HttpClientRequest,
  { deadline = DEADLINE, maxBytes = MAX_BYTES }: Options = {}
): Effect.Effect<Reply, HttpError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const response = yield* send(yield* HttpClient.HttpClient, request)
    const { headers, status } = response
    if (status < 200 || status > 299) {
      const excerpt = yield* Effect.orElseSucceed(read(request, response, MAX_BYTES), () => new Uint8Array())
      const said = new TextDecoder().decode(excerpt).replace(/\s+/g, " ").trim().slice(0, EXCERPT)
      const wait = retryAfterMillis(headers["retry-after"], Date.now())
      return yield* failure(codeOf(status), request, `${status}${said === "" ? "" : `: ${said}`}`, wait)
    }
    const body = yield* read(request, response, maxBytes)
    return { status, headers, body, text: new TextDecoder().decode(body) }
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: deadline,
      onTimeout: () => failure("HttpTimedOut", request, `no whole answer within ${Duration.format(Duration.decode(deadline))}`)
    })
  )

/**
 * An answer's JSON by its schema; of a recorded call its body.
 *
 * @example const { genre } = yield* Http.json(reply, Schema.Struct({ genre: Schema.String }))
 */
export const json = <A, I>(reply: Reply | string, schema: Schema.Schema<A, I>): Effect.Effect<A, HttpError> => {
  const text = typeof reply === "string" ? reply : reply.text
  return Effect.mapError(
    Schema.decode(Schema.parseJson(schema))(text),
    () => new HttpError({ code: "HttpNotUnderstood", detail: redact(`not the expected JSON: ${text.slice(0, EXCERPT)}`) })
  )
}
