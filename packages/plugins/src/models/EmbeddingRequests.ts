import { type CallHeld, Calls, type SecretError } from "@mediaspool/core"
import { Either, Effect, Option, Schema } from "effect"
import { createHash } from "node:crypto"
import * as EmbeddingCall from "./EmbeddingCall.js"
import { ModelError } from "./ModelError.js"
import type { Models, Route } from "./Models.js"

const Texts = Schema.parseJson(Schema.NonEmptyArray(Schema.String))

const digest = (text: string): string => createHash("sha256").update(text).digest("hex")

type Vectors = ReadonlyArray<Either.Either<ReadonlyArray<number>, ModelError>>
type Failure = ModelError | SecretError | CallHeld

/**
 * Which texts go together into a request, decided once for each text: files come in another order after a crash, and what a request was
 * paid for is found again however they do.
 */
const requests = ({ model, provider }: Route, texts: ReadonlyArray<string>, dimensions: number | undefined) =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const who = { authority: provider.authority, model: model.name, ...(dimensions === undefined ? {} : { dimensions }) }
    const requestOf = <E>(text: string, decide: Effect.Effect<string, E>) =>
      calls.decide({ decision: "embedding-request@1", ...who, text: digest(text) }, decide)
    const textsOf = <E>(request: string, decide: Effect.Effect<string, E>) =>
      calls.decide({ decision: "embedding-texts@1", ...who, request }, decide)

    // A decision that can't be made is one that is only looked up.
    const known = yield* Effect.forEach(texts, (text) => Effect.option(requestOf(text, Effect.fail(undefined))), {
      concurrency: "unbounded"
    })
    const fresh = texts.filter((_, n) => Option.isNone(known[n] ?? Option.none()))
    const together = JSON.stringify(fresh)
    const id = digest(together)
    if (fresh.length > 0) yield* textsOf(id, Effect.succeed(together))
    const decided = yield* Effect.forEach(fresh, (text) => requestOf(text, Effect.succeed(id)), { concurrency: "unbounded" })
    const ids = [...new Set([...known.flatMap(Option.toArray), ...decided])]
    // Committed by us before anything that names it; in a program of one's own nothing is remembered, and ours are those of now.
    return yield* Effect.forEach(ids, (one) =>
      Effect.orDie(
        Effect.flatMap(
          textsOf(one, one === id ? Effect.succeed(together) : Effect.fail("the texts of a request are gone")),
          Schema.decode(Texts)
        )
      )
    )
  })

/** Whether a request was refused for what stands in it, and nothing was paid. */
const isRefused = (error: Failure): error is ModelError =>
  error instanceof ModelError && error.retry === "never" && (error.billed === "no" || error.code === "Moderated")

const single = (route: Route, text: string, dimensions: number | undefined) =>
  EmbeddingCall.ask(route, [text], dimensions).pipe(
    Effect.map(({ vectors: [vector = []] }): Vectors[number] => Either.right(vector)),
    Effect.catchIf(isRefused, (error) => Effect.succeed(Either.left(error)))
  )

/** One request; where it is refused, one for each of its texts, so that the text that is meant is the only one without a vector. */
const ask = (route: Route, texts: Schema.Schema.Type<typeof Texts>, dimensions: number | undefined) =>
  EmbeddingCall.ask(route, texts, dimensions).pipe(
    Effect.map(({ vectors }): Vectors => vectors.map((vector) => Either.right(vector))),
    Effect.catchIf(isRefused, (error) =>
      texts.length === 1
        ? Effect.succeed<Vectors>([Either.left(error)])
        : Effect.forEach(texts, (text) => single(route, text, dimensions))
    ),
    Effect.map((vectors) => texts.map((text, n) => [text, vectors[n]] as const))
  )

/** Vectors of up to {@link EmbeddingCall.MOST} different texts, in their order; a text that the service refuses fails alone. */
export const vectors = (
  route: Route,
  texts: ReadonlyArray<string>,
  dimensions: number | undefined
): Effect.Effect<Vectors, Failure, Models> =>
  Effect.gen(function* () {
    const sent = yield* requests(route, texts, dimensions)
    const found = new Map((yield* Effect.forEach(sent, (one) => ask(route, one, dimensions))).flat())
    return texts.map((text) => found.get(text) ?? Either.right([]))
  })
