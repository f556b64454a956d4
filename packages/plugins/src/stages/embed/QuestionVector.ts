import type { Money } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import * as EmbeddingCall from "../../models/EmbeddingCall.js"
import * as Likeness from "../../library/Likeness.js"
import * as Questions from "../../library/Questions.js"
import { embed, route } from "../Embed.js"

/** A question's vector, by the model of the library's own. */
export interface QuestionVector {
  readonly vector: Float32Array
  readonly model: string
  /** What it cost now; absent for a question that was asked before, and where nobody knows. */
  readonly price?: Money | undefined
}

const decode = Schema.decodeUnknownOption(Schema.typeSchema(embed.config))

/** The settings of a node that runs `embed`; `undefined` of any other. */
export const settingsOf = (node: { readonly stage: { readonly name: string }; readonly config: unknown }) =>
  node.stage.name === embed.name ? Option.getOrUndefined(decode(node.config)) : undefined

/**
 * Asks for a question's vector, once: it is kept by its text. Nothing is asked, or paid, where the library has none to compare it with.
 *
 * @param hint what to do then
 */
export const of = (text: string, config: NonNullable<ReturnType<typeof settingsOf>>, hint: string) =>
  Effect.gen(function* () {
    const found = yield* route(config)
    const model = EmbeddingCall.modelName(found)
    yield* Likeness.comparable(model, config.dimensions, hint)
    const known = yield* Questions.known(text, model, config.dimensions)
    if (known !== undefined) return { vector: known, model } satisfies QuestionVector
    const { price, vectors } = yield* EmbeddingCall.ask(found, [EmbeddingCall.fitting(text, found.model)], config.dimensions)
    const [values = []] = vectors
    yield* Questions.keep(text, model, config.dimensions, values, price)
    return { vector: Float32Array.from(values), model, price } satisfies QuestionVector
  })
