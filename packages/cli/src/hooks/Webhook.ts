import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Duration, Effect, Predicate, Redacted, Schedule } from "effect"
import { createHmac } from "node:crypto"
import { version } from "../Version.js"
import { HookError } from "./HookError.js"

/** Tries after the first, each twice as long after the one before. */
const RETRIES = 4
const FIRST_RETRY = Duration.seconds(1)

/** A message on its way. */
export interface Message {
  /** The same for all tries: a receiver that gets it twice sees that. */
  readonly id: string
  /** JSON */
  readonly body: string
}

/** The key of a secret: with the prefix of Standard Webhooks it is base64, else its own bytes. */
const keyOf = (secret: Redacted.Redacted): Buffer => {
  const text = Redacted.value(secret)
  return text.startsWith("whsec_") ? Buffer.from(text.slice("whsec_".length), "base64") : Buffer.from(text)
}

/**
 * The signature of a message, as https://www.standardwebhooks.com has it: HMAC-SHA256 of `id.timestamp.body`, in base64.
 *
 * @param timestamp seconds since 1970
 */
export const signature = (secret: Redacted.Redacted, { body, id }: Message, timestamp: number): string =>
  `v1,${createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")}`

const codeOf = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "code") && typeof error.code === "string" ? error.code : undefined

/** Why nothing was sent. The client's own message names the URL, and a part of it may be a secret. */
const reasonOf = ({ cause, reason }: HttpClientError): string =>
  codeOf(cause) ?? codeOf(Predicate.hasProperty(cause, "cause") ? cause.cause : undefined) ?? `${reason} error`

const once = (url: string, message: Message, secret: Redacted.Redacted | undefined, timeout: Duration.Duration) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const timestamp = Math.floor(Date.now() / 1000)
    const headers = {
      "user-agent": `spool/${version}`,
      "webhook-id": message.id,
      "webhook-timestamp": String(timestamp),
      ...(secret === undefined ? {} : { "webhook-signature": signature(secret, message, timestamp) })
    }
    const request = HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeaders(headers),
      HttpClientRequest.bodyText(message.body, "application/json")
    )
    const { status } = yield* client.execute(request)
    if (status >= 300 && status <= 399)
      return yield* new HookError({
        code: "WebhookRefused",
        detail: `${new URL(url).host} answered with a redirect (status ${status}), which isn't followed`
      })
    if (status < 200 || status > 299)
      return yield* new HookError({ code: "WebhookRefused", detail: `${new URL(url).host} answered with status ${status}` })
  }).pipe(
    // Followed, the message would arrive as a request without a body, and count as taken.
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    Effect.scoped,
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new HookError({ code: "WebhookRefused", detail: `${new URL(url).host} did not answer in time` })
    }),
    Effect.mapError((error) =>
      error._tag === "HookError"
        ? error
        : new HookError({ code: "WebhookRefused", detail: `${new URL(url).host} can't be reached: ${reasonOf(error)}` })
    )
  )

/**
 * Sends a message until it is taken, some times; a redirect is no answer.
 *
 * @param refused hears why each try was none
 */
export const send = (
  url: string,
  message: Message,
  secret: Redacted.Redacted | undefined,
  timeout: Duration.Duration,
  refused: (error: HookError) => Effect.Effect<void> = () => Effect.void
): Effect.Effect<void, HookError, HttpClient.HttpClient> =>
  Effect.retry(
    Effect.tapError(once(url, message, secret, timeout), refused),
    Schedule.jittered(Schedule.exponential(FIRST_RETRY)).pipe(Schedule.intersect(Schedule.recurs(RETRIES)))
  )
