import { Usage } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { ModelError } from "../ModelError.js"
import * as ServiceFault from "./ServiceFault.js"

/** What a service answers to texts. `index` says which text a vector is of: their order isn't promised. */
const Body = Schema.parseJson(
  Schema.Struct({
    data: Schema.NonEmptyArray(Schema.Struct({ index: Schema.NonNegativeInt, embedding: Schema.NonEmptyArray(Schema.Number) })),
    usage: Schema.NullishOr(Schema.Struct({ prompt_tokens: Schema.NonNegativeInt }))
  })
)
const decode = Schema.decodeUnknownOption(Body)

/** Tokens that an answer counts; `None` for a body that is no answer. */
export const usage = (body: string): Option.Option<Usage | undefined> =>
  Option.map(decode(body), ({ usage }) =>
    usage === null || usage === undefined ? undefined : new Usage({ inputTokens: usage.prompt_tokens, outputTokens: 0 })
  )

/** A vector for each of `count` texts, in their order. */
export const parse = (
  provider: string,
  body: string,
  count: number
): Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, ModelError> =>
  Effect.suspend(() => {
    const data = Option.match(decode(body), { onNone: () => [], onSome: ({ data }) => data })
    const vectors = Array.from({ length: count }, (_, n) => data.find(({ index }) => index === n)?.embedding ?? [])
    const [first] = vectors
    return vectors.every(({ length }) => length > 0 && length === first?.length)
      ? Effect.succeed(vectors)
      : new ModelError({
          code: "NotTheService",
          detail: `the reply of ${provider} has no vector for each of ${count} texts: ${ServiceFault.quote(body)}`
        })
  })
