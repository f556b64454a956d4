import type { FileSystem, HttpClient } from "@effect/platform"
import { Effect, type Redacted, Schedule, type Scope } from "effect"
import * as Client from "./Client.js"
import * as Limiter from "./Limiter.js"
import { ModelError } from "./ModelError.js"
import type { ModelProfile } from "./ModelProfile.js"
import * as Native from "./Native.js"
import type { Provider } from "./Provider.js"
import type { Answer } from "./Transport.js"
import * as Upload from "./Upload.js"
import type { Request } from "./Wire.js"

/** A provider's account in use: one traffic limit, one record of its health, for all stages together. */
export interface Account {
  readonly provider: Provider
  /**
   * Waits for the account's limits, sends once, and corrects the limits by what was used. A refusal for too much traffic slows
   * everybody down and is tried again here, because it costs nothing; every other failure is the asker's.
   */
  readonly ask: <E, R>(errand: Errand<E, R>) => Effect.Effect<Answer, ModelError | E, Exclude<R, Scope.Scope>>
  readonly upload: Upload.Upload
  /** The models that the service lists: a free question that also proves address and key. */
  readonly models: Effect.Effect<ReadonlyArray<string>, ModelError>
  /** Why nothing should be sent at the moment, when that is known. */
  readonly trouble: () => ModelError | undefined
}

/** A request, and what is known of it before it is made. */
export interface Errand<E, R> {
  readonly model: ModelProfile
  /** Expected. */
  readonly inputTokens: number
  /** Of the audio in the request. */
  readonly bytes: number
  /** Made just before it goes out, so that what waits holds no audio; its scope closes when the answer is there. */
  readonly request: Effect.Effect<Request, E, R>
}

/** Kilobytes of audio in the requests under way: each is in memory about four times over. */
const inMemory = 24 * 1024

/** Failures of a healthy service's requests come one by one; so many in a row, without a success between them, are an outage. */
const outage = 5
/** A refusal may be waited out here for so long; after that the work waits elsewhere, and others may go first. */
const patience = 60_000
const tries = 5
/** How long a provider that failed with `later` is passed over when there is another. */
const rest = 30_000

/** Refused before any work was done on it: no tokens were used. */
const free: ReadonlySet<string> = new Set([
  "RateLimited",
  "KeyRefused",
  "NoBalance",
  "AccessRefused",
  "ModelNotFound",
  "RequestRefused",
  "AudioTooLong",
  "AudioTooShort",
  "AudioTooLarge",
  "DownloadFailed",
  "Unreachable",
  "NotTheService",
  "ServiceFailed"
])

/** What a model usually answers, learnt from what it answered: reservations then fit. */
const lengths = () => {
  const learnt = new Map<string, number>()
  return {
    of: (model: ModelProfile) => Math.ceil(learnt.get(model.name) ?? model.usualOutputTokens),
    learn: (model: ModelProfile, tokens: number) => {
      const before = learnt.get(model.name)
      learnt.set(model.name, before === undefined ? tokens : before * 0.8 + tokens * 0.2)
    }
  }
}

/** Counts failures in a row, and remembers the last that concerns everybody. */
const health = (provider: Provider) => {
  let inARow = 0
  let trouble: { readonly error: ModelError; readonly until: number } | undefined
  const note = (error: ModelError): ModelError => {
    const failed = error.code === "ServiceFailed" || error.code === "TimedOut"
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

const isRefusal = (error: unknown): error is ModelError => error instanceof ModelError && error.code === "RateLimited"

export const make = (
  provider: Provider,
  key: Redacted.Redacted | undefined
): Effect.Effect<Account, never, HttpClient.HttpClient | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({
      requestsPerMinute: provider.rpm,
      tokensPerMinute: provider.tpm,
      concurrency: provider.concurrency
    })
    const client = yield* Client.client(provider, key)
    const native = yield* Native.native(provider, key)
    const state = health(provider)
    const length = lengths()

    const memory = yield* Effect.makeSemaphore(inMemory)

    const send = <E, R>({ inputTokens, model, request }: Errand<E, R>) =>
      Effect.gen(function* () {
        const made = yield* request
        const turn = yield* limiter.turn(inputTokens + length.of(model))
        const transport = provider.protocol === "native" && model.kind === "captioner" ? native : client
        const answer = yield* transport
          .send(made)
          .pipe(Effect.tapError((error) => (free.has(error.code) ? turn.used(0) : Effect.void)))
        yield* turn.used(answer.usage.inputTokens + answer.usage.outputTokens)
        length.learn(model, answer.usage.outputTokens)
        return answer
      })

    const once = <E, R>(errand: Errand<E, R>) =>
      limiter.place.pipe(
        Effect.zipRight(memory.withPermits(Math.min(inMemory, Math.ceil(errand.bytes / 1024)))(send(errand))),
        Effect.scoped
      )

    const ask = <E, R>(errand: Errand<E, R>) =>
      Effect.suspend(() => {
        let refusals = 0
        return once(errand).pipe(
          Effect.tapError((error) => {
            if (!isRefusal(error)) return Effect.void
            refusals += 1
            return limiter.refused(error.retryAfterMillis ?? 1000 * 2 ** (refusals - 1))
          }),
          Effect.retry({
            schedule: Schedule.recurs(tries - 1),
            while: (error) => isRefusal(error) && (error.retryAfterMillis ?? 0) <= patience
          })
        )
      }).pipe(
        Effect.mapError((error) => (error instanceof ModelError ? state.note(error) : error)),
        Effect.tap(() => Effect.sync(state.well))
      )

    return {
      provider,
      ask,
      upload: yield* Upload.upload(provider, key),
      models: client.models,
      trouble: state.trouble
    }
  })
