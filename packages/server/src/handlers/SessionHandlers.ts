import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { Busy, PageError, Unauthorized, words } from "../api/Problem.js"
import { Feed } from "../Feed.js"
import { Overviews } from "../Overviews.js"
import { cookieName, type Reached } from "../security/Guard.js"
import { Sessions } from "../security/Sessions.js"

const unauthorized = (detail: string) => new Unauthorized(words(new PageError({ code: "SignInRefused", detail })))

/** A cookie that no other site's request carries, and no script reads. */
const cookieOptions = (reached: Reached) =>
  ({ httpOnly: true, sameSite: "strict", path: "/", secure: reached.isSecure, maxAge: "30 days" }) as const

export const sessionHandlers = (reached: Reached) =>
  HttpApiBuilder.group(Api, "session", (handlers) =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const feed = yield* Feed
      const overviews = yield* Overviews
      const name = cookieName(reached)
      const current = Effect.map(HttpServerRequest.HttpServerRequest, ({ cookies }) => cookies[name] ?? "")
      return handlers
        .handle("open", ({ payload }) =>
          Effect.gen(function* () {
            const signed = yield* sessions.signIn(payload)
            if (signed === "busy")
              return yield* new Busy(words(new PageError({ code: "TooManyRequests", detail: "too many attempts to sign in" })))
            if (signed === "refused")
              return yield* unauthorized(
                "code" in payload ? "this link was used already, or is too old" : "the password is wrong"
              )
            return HttpServerResponse.unsafeJson({ token: signed.token }).pipe(
              HttpServerResponse.unsafeSetCookie(name, signed.session, cookieOptions(reached))
            )
          })
        )
        .handle("get", () =>
          Effect.flatMap(current, (session) => {
            const signed = sessions.find(session)
            return signed === undefined ? unauthorized("no window is signed in") : Effect.succeed({ token: signed.token })
          })
        )
        .handle("close", () =>
          Effect.map(current, (session) => {
            sessions.close(session)
            return HttpServerResponse.empty().pipe(HttpServerResponse.expireCookie(name))
          })
        )
        .handle("overview", () => overviews.now)
        .handle("events", () =>
          Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
            HttpServerResponse.stream(feed.listen(headers["last-event-id"]), {
              contentType: "text/event-stream; charset=utf-8",
              headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
            })
          )
        )
    })
  )
