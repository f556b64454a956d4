import { Usage } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import { ModelError } from "../ModelError.js"
import * as ServiceFault from "./ServiceFault.js"

/** What a recorded reply says. */
export type Completion =
  | {
      readonly _tag: "Said"
      readonly text: string
      /** It ran into the limit of an answer's length. */
      readonly truncated: boolean
    }
  | { readonly _tag: "Moderated"; readonly message: string }

const Parts = Schema.Array(Schema.Struct({ text: Schema.optional(Schema.NullOr(Schema.String)) }))
const Content = Schema.NullishOr(Schema.Union(Schema.String, Parts))
const Choices = Schema.NonEmptyArray(
  Schema.Struct({ message: Schema.Struct({ content: Content }), finish_reason: Schema.NullishOr(Schema.String) })
)
const Details = Schema.NullishOr(Schema.Struct({ audio_tokens: Schema.NullishOr(Schema.NonNegativeInt) }))
const CompatibleUsage = Schema.Struct({
  prompt_tokens: Schema.NonNegativeInt,
  completion_tokens: Schema.NonNegativeInt,
  prompt_tokens_details: Details
})
const NativeUsage = Schema.Struct({
  input_tokens: Schema.NonNegativeInt,
  output_tokens: Schema.NonNegativeInt,
  input_tokens_details: Details
})
/** Both protocols' answers; properties that we don't know are theirs to add. */
const Body = Schema.parseJson(
  Schema.Union(
    Schema.Struct({ choices: Choices, usage: CompatibleUsage }),
    Schema.Struct({ output: Schema.Struct({ choices: Choices }), usage: NativeUsage })
  )
)
const decode = Schema.decodeUnknownEither(Body)

const join = (content: typeof Content.Type): string =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("")

/** A finished answer with its text and tokens; undefined for anything else. */
const finished = (body: string) =>
  Either.getOrUndefined(
    Either.map(decode(body), (found) => {
      const [choice] = "choices" in found ? found.choices : found.output.choices
      const reason = choice.finish_reason
      const done = typeof reason === "string" && reason !== "null" && reason !== ""
      const usage =
        "choices" in found
          ? {
              input: found.usage.prompt_tokens,
              output: found.usage.completion_tokens,
              details: found.usage.prompt_tokens_details
            }
          : { input: found.usage.input_tokens, output: found.usage.output_tokens, details: found.usage.input_tokens_details }
      const audioTokens = usage.details?.audio_tokens ?? undefined
      return {
        done,
        reason,
        text: join(choice.message.content),
        usage: new Usage({
          inputTokens: usage.input,
          outputTokens: usage.output,
          ...(audioTokens === undefined ? {} : { audioTokens })
        })
      }
    })
  )

/** The tokens of an answer that is whole: it says why it ended and what it used. Undefined when it isn't. */
export const usage = (body: string): Usage | undefined => {
  const found = finished(body)
  return found?.done === true ? found.usage : undefined
}

/** Reads a recorded reply. The reply was whole when it was recorded; one that isn't any more is another program's. */
export const parse = (provider: string, body: string): Effect.Effect<Completion, ModelError> =>
  Effect.suspend(() => {
    const found = finished(body)
    if (found?.done === true && found.reason !== "content_filter")
      return Effect.succeed<Completion>({ _tag: "Said", text: found.text.trim(), truncated: found.reason === "length" })
    const fault = ServiceFault.inText(body)
    if (found?.reason === "content_filter" || (fault !== undefined && ServiceFault.toError(provider, fault).code === "Moderated"))
      return Effect.succeed<Completion>({ _tag: "Moderated", message: ServiceFault.quote(fault?.message ?? "content_filter") })
    return new ModelError({ code: "NotTheService", detail: `the reply of ${provider} is no answer: ${ServiceFault.quote(body)}` })
  })
