import { Http, type HttpError } from "@mediaspool/core"
import { type HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Schema } from "effect"

const Weather = Schema.Struct({ degrees: Schema.Number })

/** Free, and asked again by each run: what costs money goes through `Calls`. */
export const degrees: Effect.Effect<number, HttpError, HttpClient.HttpClient> = Effect.gen(function* () {
  const reply = yield* Http.request(HttpClientRequest.get("https://api.example.com/weather"), { deadline: "10 seconds" })
  return (yield* Http.json(reply, Weather)).degrees
})
