import type { HttpClient } from "@effect/platform"
import { Effect, Redacted, type Scope } from "effect"
import { Limiter } from "@mediaspool/core"
import { ModelError } from "../ModelError.js"
import type { ModelSpec } from "../catalog/ModelSpec.js"
import type { Endpoint } from "./Endpoint.js"
import * as Endpoints from "./Endpoints.js"
import { accountId, type Provider } from "../catalog/Provider.js"
import type { Answer } from "./Transport.js"
import * as Upload from "./Upload.js"
import type { Request } from "./RequestBody.js"

/** A provider's account in use: one traffic limit, one record of its health, for all stages together. */
export interface ProviderClient {
  readonly provider: Provider
  /**
   * Waits until the request may go out, and gives what sends it: once, then the limits are corrected by what was used. A refusal for
   * too much traffic slows everybody down and is tried again there, because it costs nothing; every other failure is the asker's.
   * What was taken is given back when the scope closes.
   */
  readonly prepare: <E, R>(
    queued: QueuedRequest<E, R>
  ) => Effect.Effect<Effect.Effect<Answer, ModelError>, ModelError | E, R | Scope.Scope>
  readonly upload: Upload.Upload
  /** By base URL, the models that the server lists: a free question that also proves address and key. */
  readonly servers: ReadonlyArray<{
    readonly baseUrl: string
    readonly models: Effect.Effect<ReadonlyArray<string>, ModelError>
  }>
  /** Takes a request's failure to what is known of the service's health: many in a row are an outage. */
  readonly note: (error: ModelError) => ModelError
  /** Why nothing should be sent at the moment, when that is known. */
  readonly trouble: () => ModelError | undefined
}

/** A request, and what is known of it before it is made. */
export interface QueuedRequest<E, R> {
  readonly model: ModelSpec
  /** Expected. */
  readonly inputTokens: number
  /** Of the audio in the request. */
  readonly bytes: number
  /** Made when there is room for it, so that what waits in line holds no audio. */
  readonly request: Effect.Effect<Request, E, R>
}

/** Kilobytes of audio in the requests under way: each is in memory about four times over. */
const inMemory = 24 * 1024

/** Failures of a healthy service's requests come one by one; so many in a row, without a success between them, are an outage. */
const outage = 5
/**
 * Milliseconds that a refusal may be waited out here. One that says more is everybody's business: the run waits, or a watcher does,
 * and who tells it to go on is not kept waiting here.
 */
const patience = 60_000
/**
 * Milliseconds to wait at first and at most where the service doesn't say how long: what came a moment early, for services count by the
 * second, is soon let in.
 */
const FIRST_WAIT = 100
const LONGEST_WAIT = 4000
/** Milliseconds to wait after the first refusal, whatever it says; doubled after each further one. */
const SHORTEST_WAIT = 50
const tries = 7
/** How long a provider that failed with `later` is passed over when there is another. */
const rest = 30_000

/** What a model usually answers, learnt from what it answered: reservations then fit. */
const lengths = () => {
  const learnt = new Map<string, number>()
  return {
    of: (model: ModelSpec) => Math.ceil(learnt.get(model.name) ?? model.usualOutputTokens),
    learn: (model: ModelSpec, tokens: number) => {
      const before = learnt.get(model.name)
      learnt.set(model.name, before === undefined ? tokens : before * 0.8 + tokens * 0.2)
    }
  }
}

/** What a service that goes down gives, and what one request may meet at any time. */
const troubles: ReadonlySet<string> = new Set(["ServiceFailed", "FailedMidway", "ServiceTimedOut", "Interrupted"])

/** Counts failures in a row, and remembers the last that concerns everybody. */
const health = (provider: Provider) => {
  let inARow = 0
  let trouble: { readonly error: ModelError; readonly until: number } | undefined
  const note = (error: ModelError): ModelError => {
    const failed = troubles.has(error.code)
    inARow = failed ? inARow + 1 : inARow
    const known =
      failed && inARow >= outage
        ? new ModelError({
            code: "ServiceDown",
            detail: `${provider.name} failed ${inARow} times in a row; last: ${error.detail}`
          })
        : error
    if (known.retry === "later") trouble = { error: known, until: performance.now() + (known.retryAfterMillis ?? rest) }
    return known
  }
  return {
    note,
    well: () => {
      inARow = 0
      trouble = undefined
    },
    trouble: () => (trouble !== undefined && performance.now() < trouble.until ? trouble.error : undefined)
  }
}

/** A request, and the server that holds a place for it. */
interface Prepared {
  readonly endpoint: Endpoint
  readonly request: Request
  /** Expected, in and out. */
  readonly tokens: number
}

const isRefusal = (error: ModelError): boolean => error.code === "RateLimited"

/** Characters; what is shorter is no secret, and may be a part of any word. */
const SHORTEST_KEY = 8

/** A failure without the key: some services say back what they refuse. */
const withoutKey = (key: Redacted.Redacted | undefined) => {
  const value = key === undefined ? "" : Redacted.value(key)
  return (error: ModelError): ModelError =>
    value.length < SHORTEST_KEY || !error.detail.includes(value)
      ? error
      : new ModelError({
          code: error.code,
          detail: error.detail.replaceAll(value, "…"),
          ...(error.retryAfterMillis === undefined ? {} : { retryAfterMillis: error.retryAfterMillis })
        })
}

export const make = (
  provider: Provider,
  key: Redacted.Redacted | undefined
): Effect.Effect<ProviderClient, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(
      { requestsPerMinute: provider.rpm, unitsPerMinute: provider.tpm, concurrency: provider.concurrency },
      `provider:${accountId(provider)}`
    )
    const endpoints = yield* Endpoints.make(provider, key)
    const state = health(provider)
    const discreet = withoutKey(key)
    const length = lengths()

    const memory = yield* Effect.makeSemaphore(inMemory)

    const send = ({ endpoint, request, tokens }: Prepared, turn: Limiter.Turn): Effect.Effect<Answer, ModelError> =>
      endpoints.send(endpoint, request, tokens).pipe(
        Effect.mapError(discreet),
        Effect.tapError((error) => (error.billed === "no" ? turn.used(0) : Effect.void)),
        Effect.tap(({ usage }) => {
          if (usage === undefined) return Effect.void
          length.learn(request.model, usage.outputTokens)
          return turn.used(usage.inputTokens + usage.outputTokens)
        })
      )

    const persist = (prepared: Prepared, turn: Limiter.Turn, refusals: number): Effect.Effect<Answer, ModelError> =>
      Effect.catchIf(send(prepared, turn), isRefusal, (error) => {
        const wait = Math.max(
          error.retryAfterMillis ?? Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** refusals),
          SHORTEST_WAIT * 2 ** refusals
        )
        const again = Effect.flatMap(limiter.turn(prepared.tokens), (next) => persist(prepared, next, refusals + 1))
        // Who only looks whether an account is back doesn't insist.
        return wait > patience || refusals + 1 >= tries || state.trouble() !== undefined
          ? Effect.zipRight(limiter.refused(SHORTEST_WAIT), error)
          : Effect.zipRight(limiter.refused(wait), again)
      })

    return {
      provider,
      prepare: ({ bytes, inputTokens, model, request }) =>
        Effect.gen(function* () {
          yield* limiter.place
          yield* Limiter.acquireScoped(memory, Math.min(inMemory, Math.ceil(bytes / 1024)))
          const made = yield* request
          const tokens = inputTokens + length.of(model)
          const endpoint = yield* endpoints.take(tokens)
          yield* endpoint.warm(model)
          const turn = yield* limiter.turn(tokens)
          return Effect.tap(persist({ endpoint, request: made, tokens }, turn, 0), () => Effect.sync(state.well))
        }),
      upload: yield* Upload.upload(provider, key),
      servers: endpoints.all.map(({ baseUrl, models }) => ({ baseUrl, models: Effect.mapError(models, discreet) })),
      note: state.note,
      trouble: state.trouble
    }
  })
