import { Usage } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { ModelError } from "../ModelError.js"
import * as ServiceFault from "./ServiceFault.js"

const Tokens = Schema.Struct({ prompt_tokens: Schema.NonNegativeInt })

/** What a service answers to texts, whatever it takes for their vectors. */
const Reply = Schema.parseJson(
  Schema.Struct({
    data: Schema.NonEmptyArray(Schema.Struct({ embedding: Schema.Union(Schema.String, Schema.Array(Schema.Unknown)) })),
    usage: Schema.optional(Schema.Unknown)
  })
)
const decodeReply = Schema.decodeUnknownOption(Reply)
const decodeTokens = Schema.decodeUnknownOption(Tokens)

/** `index` says which text a vector is of: their order isn't promised. Where it is left out, it is the texts' own. */
const Vectors = Schema.parseJson(
  Schema.Struct({
    data: Schema.NonEmptyArray(
      Schema.Struct({ index: Schema.NullishOr(Schema.NonNegativeInt), embedding: Schema.NonEmptyArray(Schema.Number) })
    )
  })
)
const decode = Schema.decodeUnknownOption(Vectors)

/** Tokens that an answer counts; `None` for a body that is no answer. One whose vectors are no use is one all the same, and paid. */
export const usage = (body: string): Option.Option<Usage | undefined> =>
  Option.map(decodeReply(body), ({ usage }) =>
    Option.getOrUndefined(
      Option.map(decodeTokens(usage), ({ prompt_tokens }) => new Usage({ inputTokens: prompt_tokens, outputTokens: 0 }))
    )
  )

/** Whether a vector says anything: one of zeros is as near to every question. */
const hasDirection = (vector: ReadonlyArray<number>): boolean => vector.some((number) => number !== 0)

/** A vector for each of `count` texts, in their order. */
export const parse = (
  provider: string,
  body: string,
  count: number
): Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, ModelError> =>
  Effect.suspend(() => {
    const data = Option.match(decode(body), { onNone: () => [], onSome: ({ data }) => data })
    const vectors = Array.from(
      { length: count },
      (_, n) => data.find(({ index }, place) => (index ?? place) === n)?.embedding ?? []
    )
    const [first] = vectors
    return vectors.every((vector) => vector.length === first?.length && hasDirection(vector))
      ? Effect.succeed(vectors)
      : new ModelError({
          code: "NotTheService",
          detail: `the reply of ${provider} has no vector for each of ${count} texts: ${ServiceFault.quote(body)}`
        })
  })
