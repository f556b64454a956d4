import { type SecretError, type SecretRef, Secrets } from "@mediaspool/core"
import { HttpClientRequest } from "@effect/platform"
import { Effect } from "effect"

/** From then on the secret stands in no log line, no message and no row. */
export const signed = (key: SecretRef): Effect.Effect<HttpClientRequest.HttpClientRequest, SecretError> =>
  Effect.gen(function* () {
    const secrets = yield* Secrets
    return HttpClientRequest.bearerToken(HttpClientRequest.get("https://api.example.com/me"), yield* secrets.resolve(key))
  })
