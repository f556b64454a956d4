import { Account, type AccountError, type CallHeld, Http, type HttpError, type Settings } from "@mediaspool/core"
import { type HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect } from "effect"

/** Within what `accounts: { example: { rpm: 60, concurrency: 4 } }` of the config allows, whichever stages ask. */
export const ask = (
  question: string
): Effect.Effect<string, HttpError | CallHeld | AccountError, HttpClient.HttpClient | Settings> =>
  Effect.gen(function* () {
    const account = yield* Account.named("example")
    const request = HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post("https://api.example.com/ask"), { question })
    const { body } = yield* account.call(
      { identity: { service: "example", question }, model: "ask-1", onAmbiguous: "retry" },
      Effect.map(Http.request(request), ({ text }) => ({ body: text }))
    )
    return body
  })
