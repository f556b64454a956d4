import { Effect, Either } from "effect"
import type { Provider } from "../catalog/Provider.js"
import { ModelError } from "../ModelError.js"
import * as ServiceFault from "./ServiceFault.js"
import * as Sse from "./Sse.js"
import type { StreamAccumulator } from "./StreamAccumulator.js"
import { type Answer, answer, disconnected, interrupted, maxAnswerBytes, midway, notTheService, timedOut } from "./Transport.js"
import * as Watchdog from "./Watchdog.js"

/** Takes an answer's bytes as they come. */
interface Reader {
  /** Gives `true` when no more has to be read. */
  readonly push: (bytes: Uint8Array) => Either.Either<boolean, ModelError>
  /** The connection ended as it should. */
  readonly end: () => void
  /** The answer, once it is whole. */
  readonly answer: () => Either.Either<Answer, ModelError> | undefined
  /** What an answer that ended before it was whole is. */
  readonly cutShort: () => ModelError
}

/** A stream may say little in many bytes: frames around single characters, comments that keep a connection open. */
const maxStreamBytes = 4 * maxAnswerBytes

const tooLarge = (provider: Provider): ModelError =>
  new ModelError({
    code: "AnswerTooLarge",
    detail: `${provider.name} sent more than ${maxAnswerBytes / 1024 / 1024} MiB in answer to one request`
  })

const eventReader = (
  provider: Provider,
  accumulator: StreamAccumulator,
  requestId: string | undefined,
  watchdog: Watchdog.Watchdog
): Reader => {
  const parser = Sse.parser()
  let received = 0
  const whole = () => {
    const body = accumulator.body()
    return body === undefined ? undefined : answer(provider, body, requestId)
  }
  return {
    push: (bytes) => {
      received += bytes.byteLength
      for (const frame of parser.push(bytes)) {
        const piece = accumulator.add(frame)
        if (piece._tag === "Fault") return Either.left(midway(ServiceFault.toError(provider.name, { requestId, ...piece.fault })))
        if (piece._tag === "Done") return Either.right(true)
        if (piece._tag === "Said") watchdog.fed()
      }
      if (accumulator.size() > maxAnswerBytes || received > maxStreamBytes) return Either.left(tooLarge(provider))
      if (accumulator.body() !== undefined) watchdog.whole()
      return Either.right(false)
    },
    end: accumulator.end,
    answer: whole,
    cutShort: () => interrupted(provider, `the answer ended without ${accumulator.missing()}`)
  }
}

const textReader = (provider: Provider, requestId: string | undefined, watchdog: Watchdog.Watchdog): Reader => {
  const decoder = new TextDecoder()
  let text = ""
  let received = 0
  let found: Either.Either<Answer, ModelError> | undefined
  return {
    push: (bytes) => {
      received += bytes.byteLength
      if (received > maxAnswerBytes) return Either.left(tooLarge(provider))
      const piece = decoder.decode(bytes, { stream: true })
      text += piece
      watchdog.fed()
      // Only what ends like JSON is worth a look.
      found = /\}\s*$/.test(piece)
        ? Either.match(answer(provider, text, requestId), { onLeft: () => undefined, onRight: Either.right })
        : undefined
      if (found !== undefined) watchdog.whole()
      return Either.right(false)
    },
    end: () => undefined,
    answer: () => found,
    cutShort: () =>
      Either.match(answer(provider, text, requestId), { onLeft: (error) => error, onRight: () => notTheService(provider, text) })
  }
}

/**
 * Whether an answer comes in events. A server that doesn't stream, or isn't one, answers with something else; and proxies give either
 * the other's type, so its first bytes count for more.
 */
const streams = (type: string, first: Uint8Array): boolean => {
  const begin = new TextDecoder().decode(first.subarray(0, 64)).trimStart()
  if (/^(data|event|id|retry)?:/.test(begin)) return true
  return !begin.startsWith("{") && type.toLowerCase().includes("text/event-stream")
}

/** What a watchdog's expiry says of an answer. */
const words: Readonly<Record<Watchdog.Expiry["of"], string>> = {
  firstByte: "no answer began",
  idle: "the answer stopped in the middle",
  total: "the answer did not end"
}

type Ended =
  | { readonly _tag: "Read"; readonly failed: ModelError | undefined }
  | { readonly _tag: "Stopped"; readonly expiry: Watchdog.Expiry | undefined }

/**
 * Sends one request and reads its answer, within the provider's times and no longer than until it is whole. An answer that is whole is
 * kept, however its connection ends, or doesn't.
 *
 * @param post sends, until the signal says to stop
 * @param failure what an error of `post`, or of the connection, is
 */
export const exchange = (
  provider: Provider,
  post: (signal: AbortSignal) => PromiseLike<Response>,
  failure: (cause: unknown) => Effect.Effect<ModelError>,
  accumulator: () => StreamAccumulator
): Effect.Effect<Answer, ModelError> =>
  Effect.gen(function* () {
    const abort = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort())
    )
    const { firstByteSeconds: firstByte, idleSeconds: idle, totalSeconds: total } = provider
    const watchdog = Watchdog.make({ firstByte, idle, total })
    let reader: Reader | undefined

    const consume = async (): Promise<ModelError | undefined> => {
      const response = await post(abort.signal)
      if (!response.ok)
        return ServiceFault.toError(
          provider.name,
          ServiceFault.ofResponse(response.status, await response.text(), (name) => response.headers.get(name))
        )
      const requestId = response.headers.get("x-request-id") ?? undefined
      const type = response.headers.get("content-type") ?? ""
      const readerOf = (first: Uint8Array): Reader =>
        streams(type, first)
          ? eventReader(provider, accumulator(), requestId, watchdog)
          : textReader(provider, requestId, watchdog)
      for await (const bytes of response.body ?? []) {
        watchdog.began()
        reader ??= readerOf(bytes)
        const read = reader.push(bytes)
        if (Either.isLeft(read)) return read.left
        if (read.right) return undefined
      }
      reader ??= readerOf(new Uint8Array())
      reader.end()
      return undefined
    }

    const read = Effect.tryPromise({ try: consume, catch: (cause) => cause }).pipe(
      Effect.catchAll((cause) => (reader?.answer() === undefined ? failure(cause) : Effect.succeed(undefined))),
      Effect.map((failed): Ended => ({ _tag: "Read", failed }))
    )
    const stopped = Effect.map(watchdog.watch, (expiry): Ended => ({ _tag: "Stopped", expiry }))
    const ended = yield* Effect.raceFirst(read, stopped)
    if (ended._tag === "Read" && ended.failed !== undefined) return yield* ended.failed
    const found = reader?.answer()
    if (found !== undefined) return yield* found
    if (ended._tag === "Stopped" && ended.expiry !== undefined)
      return yield* timedOut(provider, words[ended.expiry.of], ended.expiry.seconds)
    return yield* reader?.cutShort() ?? disconnected(provider, "no answer")
  }).pipe(Effect.scoped)
