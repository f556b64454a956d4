import { type HttpApp, HttpServerError, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { type Cause, Effect, Option } from "effect"
import { PageError, words } from "../api/Problem.js"
import * as ContentSecurityPolicy from "./ContentSecurityPolicy.js"
import { isSame, Sessions } from "./Sessions.js"

/** Under which names the page is reached; anything else is a stranger's page that speaks to this machine. */
export interface Reached {
  /** `127.0.0.1:4870`, `localhost:4870`: what a `Host` header may be. */
  readonly hosts: ReadonlySet<string>
  /** `http://127.0.0.1:4870`: what an `Origin` header may be. */
  readonly origins: ReadonlySet<string>
  /** Whether the browser speaks TLS, with this server or with a proxy before it. */
  readonly isSecure: boolean
}

const TOKEN_HEADER = "x-mediaspool-token"
/** A body is a correction at most. */
const MOST_BODY_BYTES = 512 * 1024
const MOST_URL = 8_192
/** Mutations a minute, over all windows. */
const MUTATIONS_A_MINUTE = 600
const AT_ONCE = 256

/** `__Host-`: the browser takes it over TLS alone, from this host alone. */
export const cookieName = ({ isSecure }: Reached): string => (isSecure ? "__Host-mediaspool" : "mediaspool")

const reading = new Set(["GET", "HEAD"])
/** What needs no session: the description, and signing in. Everything outside `/api/` is the page's shell, without any data. */
const isOpen = (method: string, path: string): boolean =>
  (reading.has(method) && path === "/api/openapi.json") || (method === "POST" && path === "/api/session")

type Code = "SignInRefused" | "TooManyRequests" | "QueryRefused"
const refusal = (status: number, code: Code, detail: string) =>
  HttpServerResponse.unsafeJson({ _tag: "Refused", ...words(new PageError({ code, detail })) }, { status })

/** Headers of every answer. */
const secured = (response: HttpServerResponse.HttpServerResponse, isApi: boolean): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    ...(response.headers["content-security-policy"] === undefined
      ? { "content-security-policy": ContentSecurityPolicy.nothing }
      : {}),
    ...(isApi && response.headers["cache-control"] === undefined ? { "cache-control": "no-store" } : {})
  })

/** A URL's path as it was sent: a router that decodes or joins it must not see another one than this. */
const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? ""

/** An answer for what no handler answers: a path that isn't there, or a mistake. */
const broken = (cause: Cause.Cause<unknown>) =>
  Effect.zipRight(
    Effect.logDebug(cause),
    Effect.map(HttpServerError.causeResponse(cause), ([response]) => response)
  )

/** Lets nothing through that the page itself wouldn't ask. It stands before the routing: what there is behind it can't be told. */
export const guard = <E, R>(
  app: HttpApp.Default<E, R>,
  reached: Reached
): Effect.Effect<HttpApp.Default<E, R>, never, Sessions> =>
  Effect.map(Sessions, (sessions) => {
    let minute = 0
    let mutations = 0
    let atOnce = 0
    const cookie = cookieName(reached)

    const check = (request: HttpServerRequest.HttpServerRequest) => {
      const { headers, method, url } = request
      const path = pathOf(url)
      if (!reached.hosts.has((headers["host"] ?? "").toLowerCase()))
        return refusal(403, "SignInRefused", "this page is not served under that name")
      const origin = headers["origin"]
      const isForeign = origin !== undefined && !reached.origins.has(origin.toLowerCase())
      const isMutation = !reading.has(method)
      if (isForeign || (isMutation && origin === undefined))
        return refusal(403, "SignInRefused", "only the page itself may ask this")
      if (isMutation && headers["sec-fetch-site"] !== undefined && headers["sec-fetch-site"] !== "same-origin")
        return refusal(403, "SignInRefused", "only the page itself may ask this")
      if (url.length > MOST_URL) return refusal(414, "QueryRefused", "the address is too long")
      if (atOnce > AT_ONCE) return refusal(429, "TooManyRequests", "too many requests at once")
      if (!path.startsWith("/api/"))
        return reading.has(method) ? undefined : refusal(405, "QueryRefused", "the page is only read")
      if (Number(headers["content-length"] ?? 0) > MOST_BODY_BYTES) return refusal(413, "QueryRefused", "the body is too large")
      if (isMutation && headers["transfer-encoding"] !== undefined && headers["content-length"] === undefined)
        return refusal(411, "QueryRefused", "the body's length is missing")
      if (isOpen(method, path)) return undefined
      const session = sessions.find(request.cookies[cookie] ?? "")
      if (session === undefined) return refusal(401, "SignInRefused", "no window is signed in with this cookie")
      if (!isMutation) return undefined
      if (!isSame(headers[TOKEN_HEADER] ?? "", session.token))
        return refusal(403, "SignInRefused", "the token of this window is missing")
      const now = Math.floor(Date.now() / 60_000)
      mutations = now === minute ? mutations + 1 : 1
      minute = now
      return mutations > MUTATIONS_A_MINUTE ? refusal(429, "TooManyRequests", "too many changes in a minute") : undefined
    }

    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      // Until its last byte has gone, or the window: events and sound are sent long after this effect has ended.
      atOnce++
      NodeHttpServerRequest.toServerResponse(request).once("close", () => void atOnce--)
      const refused = check(request)
      const isApi = pathOf(request.url).startsWith("/api/")
      if (refused !== undefined) return secured(refused, true)
      return secured(yield* Effect.catchAllCause(app, broken), isApi)
    }).pipe(HttpServerRequest.withMaxBodySize(Option.some(MOST_BODY_BYTES)))
  })
