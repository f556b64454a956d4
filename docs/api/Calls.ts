import { type CallHeld, Calls, Http, type HttpError, Money, type Original } from "@mediaspool/core"
import { type HttpClient, HttpClientRequest } from "@effect/platform"
import { BigDecimal, Effect, Schema } from "effect"

const Answer = Schema.Struct({ genre: Schema.String })

/** Paid once for each file, however often the stage is interrupted. */
export const genreOf = (file: Original): Effect.Effect<string, HttpError | CallHeld, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const request = HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post("https://api.example.com/genre"), { of: file.hash })
    const { body } = yield* calls.call(
      { identity: { service: "example", audio: file.hash }, account: "example", model: "genre-1", onAmbiguous: "hold" },
      Effect.map(Http.request(request), ({ text }) => ({
        body: text,
        price: new Money({ currency: "USD", amount: BigDecimal.unsafeFromString("0.002") })
      }))
    )
    const { genre } = yield* Http.json({ status: 200, headers: {}, body: new Uint8Array(), text: body }, Answer)
    return genre
  })
