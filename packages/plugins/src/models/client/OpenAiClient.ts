import { Effect, Redacted, Schema } from "effect"
import type OpenAI from "openai"
import type { APIError } from "openai"
import * as StreamAccumulator from "./StreamAccumulator.js"
import { ModelError } from "../ModelError.js"
import type { Provider } from "../catalog/Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import { exchange } from "./exchange.js"
import { loadedOnce } from "./loadedOnce.js"
import { readText, serviceFetch } from "./serviceFetch.js"
import { type Answer, disconnected, notTheService, timedOut, type Transport } from "./Transport.js"
import * as RequestBody from "./RequestBody.js"

/** The SDK takes about a tenth of a second to load, so it waits for the first request. */
const load = Effect.promise(() => import("openai"))

const make = (provider: Provider, key: Redacted.Redacted | undefined) =>
  Effect.map(
    Effect.zip(load, serviceFetch, { concurrent: true }),
    ([{ default: OpenAI }, fetch]) =>
      new OpenAI({
        baseURL: provider.baseUrl,
        // Servers for open models often want none, the SDK always wants one.
        apiKey: key === undefined ? "none" : Redacted.value(key),
        // A second try is a second bill: whoever asks decides.
        maxRetries: 0,
        // The longest that a timer holds: our own clocks know when the process could not have read.
        timeout: 2 ** 31 - 1,
        fetch,
        logLevel: "off",
        organization: null,
        project: null
      })
  )

/** An error of the SDK, of `fetch`, or of a stream, as ours. */
const toError = (provider: Provider, cause: unknown): Effect.Effect<ModelError> =>
  Effect.map(load, ({ APIError }) => {
    if (!(cause instanceof APIError)) return disconnected(provider, cause)
    const fault = faultOf(cause)
    if (fault === undefined) return disconnected(provider, cause)
    const error = ServiceFault.toError(provider.name, fault)
    // Whoever else answers there is found by the address.
    return error.code === "NotTheService"
      ? new ModelError({ code: error.code, detail: `${error.detail} (at ${provider.baseUrl})` })
      : error
  })

const faultOf = ({ error, headers, status }: APIError): ServiceFault.Fault | undefined => {
  if (status === undefined && error === undefined) return undefined
  const found = ServiceFault.inBody({ error })
  return {
    message: found?.message ?? "",
    code: found?.code,
    status,
    requestId: headers?.get("x-request-id") ?? found?.requestId,
    retryAfterMillis: ServiceFault.retryAfter(headers?.get("retry-after"))
  }
}

const attempt = <A>(provider: Provider, run: (signal: AbortSignal) => PromiseLike<A>): Effect.Effect<A, ModelError> =>
  Effect.tryPromise({ try: run, catch: (cause) => cause }).pipe(Effect.catchAll((cause) => Effect.flip(toError(provider, cause))))

const Listing = Schema.parseJson(Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String })) }))
const decodeListing = Schema.decode(Listing)
const LISTING_SECONDS = 20
const LISTING_BYTES = 4 * 1024 * 1024

/** The client of a provider's OpenAI-compatible endpoint. */
export interface Client extends Transport {
  /** The models that the service lists. */
  readonly models: Effect.Effect<ReadonlyArray<string>, ModelError>
}

/** A client for this provider; the SDK is loaded with the first request. */
export const client = (provider: Provider, key: Redacted.Redacted | undefined): Effect.Effect<Client> =>
  Effect.gen(function* () {
    const sdk = yield* loadedOnce(make(provider, key))

    const send = (request: RequestBody.Request): Effect.Effect<Answer, ModelError> =>
      Effect.flatMap(sdk, (openai) => {
        const stream = request.model.streamOnly || provider.stream
        // The one cast: the SDK's types know neither `audio_url` nor DashScope's parameters.
        const body = RequestBody.compatible(provider.dialect, request, stream) as unknown as OpenAI.ChatCompletionCreateParams
        const post = (signal: AbortSignal) =>
          openai.chat.completions.create(body, { headers: RequestBody.headers(request), signal }).asResponse()
        return exchange(provider, post, (cause) => toError(provider, cause), StreamAccumulator.compatible)
      })

    const embed = (request: RequestBody.Request): Effect.Effect<Answer, ModelError> =>
      Effect.flatMap(sdk, (openai) => {
        const { dimensions, model, texts = [] } = request
        const body = { model: model.servedAs, input: [...texts], encoding_format: "float" as const }
        const post = (signal: AbortSignal) =>
          openai.embeddings.create(dimensions === undefined ? body : { ...body, dimensions }, { signal }).asResponse()
        return exchange(provider, post, (cause) => toError(provider, cause), StreamAccumulator.compatible)
      })

    const models = Effect.gen(function* () {
      const openai = yield* sdk
      const text = yield* attempt(provider, async (signal) => {
        const { body } = await openai.models.list({ signal }).asResponse()
        return readText(body, LISTING_BYTES)
      }).pipe(
        Effect.timeoutFail({
          duration: LISTING_SECONDS * 1000,
          onTimeout: () => timedOut(provider, "no list of models came", LISTING_SECONDS)
        })
      )
      return yield* Effect.mapBoth(decodeListing(text), {
        onSuccess: ({ data }) => data.map(({ id }) => id),
        onFailure: () => notTheService(provider, text)
      })
    })

    return { warm: Effect.asVoid(sdk), send: (request) => (request.texts === undefined ? send(request) : embed(request)), models }
  })
