import { type HttpBody, HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Effect, Layer, Stream } from "effect"

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(chunks))

/** What a server would read of a body. */
const bodyOf = (body: HttpBody.HttpBody): Effect.Effect<Uint8Array<ArrayBuffer> | FormData | string | undefined, unknown> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(undefined)
    case "Uint8Array":
      return Effect.succeed(new Uint8Array(body.body))
    case "FormData":
      return Effect.succeed(body.formData)
    case "Raw":
      return Effect.succeed(body.body instanceof Uint8Array ? new Uint8Array(body.body) : String(body.body))
    case "Stream":
      return Effect.map(Stream.runCollect(body.stream), (chunks) => concat([...chunks]))
  }
}

const received = (request: HttpClientRequest.HttpClientRequest, url: URL): Effect.Effect<Request, unknown> =>
  Effect.map(
    bodyOf(request.body),
    (body) => new Request(url, { method: request.method, headers: request.headers, ...(body === undefined ? {} : { body }) })
  )

/**
 * An `HttpClient` whose requests are answered by a function, in place of the network.
 *
 * @example
 * const layer = StageTest.http(async (request) => Response.json({ heard: await request.text() }))
 * const test = yield* StageTest.make({ plugin, layer })
 */
export const http = (answer: (request: Request) => Response | Promise<Response>): Layer.Layer<HttpClient.HttpClient> =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      received(request, url).pipe(
        Effect.flatMap((received) => Effect.tryPromise(async () => answer(received))),
        Effect.mapBoth({
          onSuccess: (response) => HttpClientResponse.fromWeb(request, response),
          onFailure: (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
        })
      )
    )
  )
