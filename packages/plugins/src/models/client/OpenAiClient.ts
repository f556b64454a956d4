import { Effect, Redacted } from "effect"
import type OpenAI from "openai"
import type { APIError } from "openai"
import * as StreamAccumulator from "./StreamAccumulator.js"
import type { ModelError } from "../ModelError.js"
import type { Provider } from "../catalog/Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import {
  type Answer,
  answer,
  disconnected,
  interrupted,
  maxAnswerBytes,
  notTheService,
  timedOut,
  type Transport
} from "./Transport.js"
import * as RequestBody from "./RequestBody.js"

/** What is sent besides what `fetch` adds itself: the SDK also reads `OPENAI_CUSTOM_HEADERS`, which is meant for somebody else. */
const sent = /^(accept|authorization|content-type|user-agent|x-dashscope-.*)$/i

const readText = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxAnswerBytes) break
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/**
 * `fetch` without redirects and foreign headers. A failed answer gets the one shape that the SDK reads, so that nothing of what the
 * service said is lost.
 */
const guarded: typeof fetch = async (input, init) => {
  const headers = new Headers([...new Headers(init?.headers)].filter(([name]) => sent.test(name)))
  const response = await fetch(input, { ...init, headers, redirect: "manual" })
  if (response.ok) return response
  const body = await readText(response)
  const { code, message, requestId } = ServiceFault.inText(body) ?? { message: body }
  const error = { code, message, request_id: requestId }
  return new Response(JSON.stringify({ error }), { status: response.status, headers: response.headers })
}

/** The SDK takes about a tenth of a second to load, so it waits for the first request. */
const load = Effect.promise(() => import("openai"))

const make = (provider: Provider, key: Redacted.Redacted | undefined) =>
  Effect.map(
    load,
    ({ default: OpenAI }) =>
      new OpenAI({
        baseURL: provider.baseUrl,
        // Servers for open models often want none, the SDK always wants one.
        apiKey: key === undefined ? "none" : Redacted.value(key),
        // A second try is a second bill: whoever asks decides.
        maxRetries: 0,
        timeout: provider.firstByteSeconds * 1000,
        fetch: guarded,
        logLevel: "off",
        organization: null,
        project: null
      })
  )

/** An error of the SDK, of `fetch`, or of a stream, as ours. */
const toError = (provider: Provider, cause: unknown): Effect.Effect<ModelError> =>
  Effect.map(load, ({ APIConnectionTimeoutError, APIError }) => {
    if (cause instanceof APIConnectionTimeoutError) return timedOut(provider, "no answer began", provider.firstByteSeconds)
    if (!(cause instanceof APIError)) return disconnected(provider, cause)
    const fault = faultOf(cause)
    return fault === undefined ? disconnected(provider, cause) : ServiceFault.toError(provider.name, fault)
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

/** The whole of an answer that comes at once. */
const whole = (provider: Provider, response: Response): Effect.Effect<Answer, ModelError> =>
  attempt(provider, () => readText(response)).pipe(
    Effect.timeoutFail({
      duration: provider.firstByteSeconds * 1000,
      onTimeout: () => timedOut(provider, "the answer did not end", provider.firstByteSeconds)
    }),
    Effect.flatMap((text) => answer(provider, text, requestIdOf(response)))
  )

const requestIdOf = (response: Response): string | undefined => response.headers.get("x-request-id") ?? undefined

/** Fails when nothing has come for too long: one clock for a whole answer, since a piece costs less than a timer. */
const silence = (provider: Provider, heard: () => number | undefined): Effect.Effect<never, ModelError> => {
  const began = performance.now()
  const wait: Effect.Effect<never, ModelError> = Effect.suspend(() => {
    const last = heard()
    const seconds = last === undefined ? provider.firstByteSeconds : provider.idleSeconds
    const left = (last ?? began) + seconds * 1000 - performance.now()
    if (left > 0) return Effect.zipRight(Effect.sleep(Math.ceil(left)), wait)
    return timedOut(provider, last === undefined ? "no answer began" : "the answer stopped in the middle", seconds)
  })
  return wait
}

/** Reads a stream to its end. It counts only when it says why it ended and what it used: a broken one ends just as quietly. */
const pieces = (provider: Provider, chunks: AsyncIterable<unknown>, response: Response): Effect.Effect<Answer, ModelError> =>
  Effect.suspend(() => {
    const assembly = StreamAccumulator.compatible()
    let last: number | undefined
    const read = attempt(provider, async () => {
      for await (const chunk of chunks) {
        last = performance.now()
        const fault = assembly.add(chunk)
        if (fault !== undefined) return fault
      }
      return undefined
    })
    return Effect.raceFirst(
      read,
      silence(provider, () => last)
    ).pipe(
      Effect.flatMap((fault) => {
        if (fault !== undefined)
          return Effect.fail(ServiceFault.toError(provider.name, { requestId: requestIdOf(response), ...fault }))
        const outcome = assembly.body()
        return "missing" in outcome
          ? Effect.fail(interrupted(provider, `the answer ended without ${outcome.missing}`))
          : answer(provider, outcome.body, requestIdOf(response))
      })
    )
  })

/** The client of a provider's OpenAI-compatible endpoint. */
export interface Client extends Transport {
  /** The models that the service lists. */
  readonly models: Effect.Effect<ReadonlyArray<string>, ModelError>
}

/** A client for this provider; the SDK is loaded with the first request. */
export const client = (provider: Provider, key: Redacted.Redacted | undefined): Effect.Effect<Client> =>
  Effect.gen(function* () {
    const sdk = yield* Effect.cached(make(provider, key))

    const send = (request: RequestBody.Request): Effect.Effect<Answer, ModelError> =>
      Effect.gen(function* () {
        const openai = yield* sdk
        const stream = request.model.streamOnly || provider.stream
        const abort = yield* Effect.acquireRelease(
          Effect.sync(() => new AbortController()),
          (controller) => Effect.sync(() => controller.abort())
        )
        const pending = openai.chat.completions.create(
          // The one cast: the SDK's types know neither `audio_url` nor DashScope's parameters.
          RequestBody.compatible(provider.dialect, request, stream) as unknown as OpenAI.ChatCompletionCreateParams,
          { headers: RequestBody.headers(request), signal: abort.signal }
        )
        if (!stream) return yield* whole(provider, yield* attempt(provider, () => pending.asResponse()))
        const { data, response } = yield* attempt(provider, () => pending.withResponse())
        // A server that doesn't stream, or isn't one, answers with something else.
        return Symbol.asyncIterator in data && response.headers.get("content-type")?.includes("text/event-stream") === true
          ? yield* pieces(provider, data, response)
          : yield* whole(provider, response)
      }).pipe(Effect.scoped)

    const models = Effect.gen(function* () {
      const openai = yield* sdk
      const page = yield* attempt(provider, (signal) => openai.models.list({ signal, timeout: 20_000 }))
      return Array.isArray(page.data)
        ? page.data.map(({ id }) => id)
        : yield* notTheService(provider, "its list of models is none")
    })

    return { warm: Effect.asVoid(sdk), send, models }
  })
