import { Effect, Either, Option, Schema } from "effect"
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
  readonly end: () => Either.Either<boolean, ModelError>
  /** The answer, once it is whole. */
  readonly answer: () => Either.Either<Answer, ModelError> | undefined
  /** What an answer that ended before it was whole is. */
  readonly cutShort: () => ModelError
}

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())

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
  const take = (frame: Sse.Frame): Either.Either<boolean, ModelError> => {
    const piece = accumulator.add(frame)
    if (piece._tag === "Fault")
      return Either.left(midway(ServiceFault.toError(provider.name, { requestId, ...piece.fault }), accumulator.size() > 0))
    if (piece._tag === "Said") watchdog.fed()
    return Either.right(piece._tag === "Done")
  }
  return {
    push: (bytes) => {
      received += bytes.byteLength
      for (const frame of parser.push(bytes)) {
        const taken = take(frame)
        if (Either.isLeft(taken) || taken.right) return taken
      }
      if (accumulator.size() > maxAnswerBytes || received > maxStreamBytes) return Either.left(tooLarge(provider))
      if (accumulator.body() !== undefined) watchdog.whole()
      return Either.right(false)
    },
    end: () => {
      const last = parser.end()
      const taken = last === undefined ? Either.right(true) : take(last)
      accumulator.end()
      return taken
    },
    answer: whole,
    cutShort: () => interrupted(provider, `the answer ended without ${accumulator.missing()}`)
  }
}

/** Whether this is the beginning of an object, and no more. */
const isCut = (text: string): boolean => text.trimStart().startsWith("{") && Option.isNone(parseJson(text))

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
    end: () => Either.right(true),
    answer: () => found,
    cutShort: () =>
      isCut(text)
        ? interrupted(provider, "the answer ended in the middle of its JSON")
        : Either.match(answer(provider, text, requestId), {
            onLeft: (error) => error,
            onRight: () => notTheService(provider, text)
          })
  }
}

/** Bytes that tell an answer's form, and those after which it is no use to wait for more. */
const FORM_BYTES = 6
const MOST_FORM_BYTES = 64

/**
 * Whether an answer comes in events. A server that doesn't stream, or isn't one, answers with something else; and proxies give either
 * the other's type, so its first bytes count for more. Undefined while there are too few of them.
 */
const streams = (type: string, head: Uint8Array, isAll: boolean): boolean | undefined => {
  const begin = new TextDecoder().decode(head.subarray(0, MOST_FORM_BYTES)).trimStart()
  if (/^(data|event|id|retry)?:/.test(begin)) return true
  if (begin.length < FORM_BYTES && head.length < MOST_FORM_BYTES && !begin.startsWith("{") && !isAll) return undefined
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
      let head = new Uint8Array()
      const readerOf = (isAll: boolean): Reader | undefined => {
        const isStream = streams(type, head, isAll)
        if (isStream === undefined) return undefined
        return isStream ? eventReader(provider, accumulator(), requestId, watchdog) : textReader(provider, requestId, watchdog)
      }
      /** What a reader gives for these bytes, or nothing until there is one. */
      const take = (bytes: Uint8Array, isAll = false): Either.Either<boolean, ModelError> => {
        if (reader !== undefined) return reader.push(bytes)
        head = Buffer.concat([head, bytes])
        reader = readerOf(isAll)
        watchdog.fed()
        return reader?.push(head) ?? Either.right(false)
      }
      for await (const bytes of response.body ?? []) {
        watchdog.began()
        const read = take(bytes)
        if (Either.isLeft(read)) return read.left
        if (read.right) return undefined
      }
      if (reader === undefined) take(new Uint8Array(), true)
      const end = reader?.end()
      return end !== undefined && Either.isLeft(end) ? end.left : undefined
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
