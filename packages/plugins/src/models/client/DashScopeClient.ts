import {
  FetchHttpClient,
  HttpBody,
  HttpClient,
  type HttpClientError,
  HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { Effect, Option, type Redacted, Schema, Stream } from "effect"
import * as StreamAccumulator from "./StreamAccumulator.js"
import type { ModelError } from "../ModelError.js"
import type { Provider } from "../catalog/Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import * as Sse from "./Sse.js"
import { type Answer, answer, disconnected, interrupted, notTheService, timedOut, type Transport } from "./Transport.js"
import * as RequestBody from "./RequestBody.js"

/** DashScope's own endpoints stand beside the compatible one. */
export const root = (provider: Provider): string => provider.baseUrl.replace(/\/compatible-mode\/v1$/, "/api/v1")

const path = "/services/aigc/multimodal-generation/generation"

/** No redirects: a key goes where the config says, and nowhere else. */
export const withoutRedirects = Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })

/** A failed response as a typed failure. */
export const refusal = (provider: Provider, response: HttpClientResponse.HttpClientResponse): Effect.Effect<never, ModelError> =>
  response.text.pipe(
    Effect.orElseSucceed(() => ""),
    Effect.flatMap((body) =>
      Effect.fail(
        ServiceFault.toError(
          provider.name,
          ServiceFault.ofResponse(response.status, body, (name) => response.headers[name])
        )
      )
    )
  )

const broken = (provider: Provider) => (error: HttpClientError.HttpClientError) => disconnected(provider, error.cause ?? error)

/** The captioner by DashScope's own protocol (`POST …/multimodal-generation/generation`), at once or piece by piece. */
export const native = (
  provider: Provider,
  key: Redacted.Redacted | undefined
): Effect.Effect<Transport, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (http) => {
    const request = (wire: RequestBody.Request, stream: boolean) =>
      HttpClientRequest.post(root(provider) + path).pipe(
        HttpClientRequest.setHeaders({ ...RequestBody.headers(wire), ...(stream ? { "X-DashScope-SSE": "enable" } : {}) }),
        HttpClientRequest.accept(stream ? "text/event-stream" : "application/json"),
        key === undefined ? (same) => same : HttpClientRequest.bearerToken(key),
        HttpClientRequest.setBody(HttpBody.unsafeJson(RequestBody.native(wire, stream)))
      )

    const open = (wire: RequestBody.Request, stream: boolean) =>
      http.execute(request(wire, stream)).pipe(
        withoutRedirects,
        Effect.mapError(broken(provider)),
        Effect.timeoutFail({
          duration: provider.firstByteSeconds * 1000,
          onTimeout: () => timedOut(provider, "no answer began", provider.firstByteSeconds)
        }),
        Effect.filterOrElse(
          (response) => response.status >= 200 && response.status < 300,
          (response) => refusal(provider, response)
        )
      )

    const whole = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Answer, ModelError> =>
      response.text.pipe(
        Effect.mapError(broken(provider)),
        Effect.timeoutFail({
          duration: provider.firstByteSeconds * 1000,
          onTimeout: () => timedOut(provider, "the answer did not end", provider.firstByteSeconds)
        }),
        Effect.flatMap((body) => answer(provider, body, response.headers["x-request-id"]))
      )

    const pieces = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Answer, ModelError> => {
      const assembly = StreamAccumulator.native()
      return Sse.frames(
        response.stream.pipe(
          Stream.mapError(broken(provider)),
          Stream.timeoutFail(
            () => timedOut(provider, "the answer stopped in the middle", provider.idleSeconds),
            provider.idleSeconds * 1000
          )
        )
      ).pipe(
        Stream.runForEach((frame) => {
          const fault = take(assembly, frame)
          return fault === undefined ? Effect.void : Effect.fail(ServiceFault.toError(provider.name, fault))
        }),
        Effect.flatMap(() => {
          const outcome = assembly.body()
          if ("missing" in outcome) return interrupted(provider, `the answer ended without ${outcome.missing}`)
          return answer(provider, outcome.body, response.headers["x-request-id"])
        })
      )
    }

    return {
      warm: Effect.void,
      send: (wire) =>
        Effect.flatMap(open(wire, provider.stream), (response) =>
          !provider.stream
            ? whole(response)
            : response.headers["content-type"]?.includes("text/event-stream") === true
              ? pieces(response)
              : response.headers["content-type"]?.includes("json") === true
                ? whole(response)
                : Effect.flatMap(
                    Effect.orElseSucceed(response.text, () => ""),
                    (body) => notTheService(provider, body)
                  )
        ).pipe(Effect.scoped)
    }
  })

/** Hands a frame to the assembly; gives the fault when it is an error's, by event or by the status in its comment. */
const take = (
  assembly: StreamAccumulator.StreamAccumulator,
  { comments, data, event }: Sse.Frame
): ServiceFault.Fault | undefined => {
  const fault = ServiceFault.inText(data)
  const status = comments.map((comment) => /^HTTP_STATUS\/(\d+)$/.exec(comment)?.[1]).find((found) => found !== undefined)
  if (event === "error" || fault !== undefined)
    return { ...(fault ?? { message: data }), status: status === undefined ? undefined : Number(status) }
  return Option.getOrUndefined(Option.map(parseJson(data), assembly.add))
}

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())
