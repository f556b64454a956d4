import { Calls, type Money, Usage } from "@mediaspool/core"
import { Duration, Effect } from "effect"
import * as Price from "./catalog/Price.js"
import type { ModelSpec } from "./catalog/ModelSpec.js"
import * as Embeddings from "./client/Embeddings.js"
import { ModelError } from "./ModelError.js"
import { Models, type Route } from "./Models.js"
import { isSold } from "./catalog/Provider.js"

/** Texts that one request may have: DashScope's limit, and small enough for any server. */
export const MOST = 10

/** A third of the bytes: more than English needs, less than Chinese. */
const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 3)

/** What of a text a model takes. */
export const fitting = (text: string, { maxInputTokens }: ModelSpec): string => {
  const most = maxInputTokens * 3
  if (Buffer.byteLength(text) <= most) return text
  // Cut by bytes, and never within a character.
  return Buffer.from(text)
    .subarray(0, most)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")
}

/** Tokens that texts should use. */
export const expected = (texts: ReadonlyArray<string>): Usage =>
  new Usage({ inputTokens: texts.reduce((sum, text) => sum + tokensOf(text), 0), outputTokens: 0 })

/** The name under which vectors are kept: the same model at another service than its vendor's is another. */
export const modelName = ({ model, provider }: Route): string =>
  provider.authority === "dashscope" ? model.name : `${model.name}@${provider.authority}`

/** Before the one answer there may be refusals, which are waited out. */
const REFUSALS_SECONDS = 300

/** Vectors of texts, in their order. */
export interface Answer {
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
  /** What was paid now; absent for what was asked before, and where nobody knows. */
  readonly price: Money | undefined
}

/** Vectors of up to {@link MOST} texts, in one request; or those of the time when the same was asked before. */
export const ask = (route: Route, texts: ReadonlyArray<string>, dimensions: number | undefined) =>
  Effect.gen(function* () {
    const { model, provider } = route
    const account = yield* Effect.flatMap(Models, (models) => models.account(provider))
    const usage = expected(texts)
    const request = Effect.succeed({ model, texts, dimensions, sampling: {} })
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const prepared = yield* Effect.cached(account.prepare({ model, inputTokens: usage.inputTokens, bytes, request }))
    const { price } = model
    let paid: Money | undefined
    const sent = Effect.map(Effect.flatten(prepared), (answer) => {
      paid = price === undefined || answer.usage === undefined ? undefined : Price.of(price, answer.usage)
      return { body: answer.body, requestId: answer.requestId, usage: answer.usage, price: paid }
    })
    const calls = yield* Calls
    const reply = yield* calls
      .call(
        {
          identity: {
            authority: provider.authority,
            model: model.name,
            texts,
            ...(dimensions === undefined ? {} : { dimensions })
          },
          account: provider.name,
          model: model.name,
          onAmbiguous: provider.onAmbiguous,
          deadline: Duration.seconds(provider.totalSeconds + REFUSALS_SECONDS),
          ...(price === undefined ? { isPriceUnknown: isSold(provider) } : { estimate: Price.of(price, usage) })
        },
        sent,
        prepared
      )
      .pipe(Effect.mapError((error) => (error instanceof ModelError ? account.note(error) : error)))
    return { vectors: yield* Embeddings.parse(provider.name, reply.body, texts.length), price: paid } satisfies Answer
  })
