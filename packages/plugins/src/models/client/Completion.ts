import { Usage } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
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
  Schema.Struct({
    message: Schema.Struct({ content: Content, refusal: Schema.optional(Schema.Unknown) }),
    finish_reason: Schema.optional(Schema.NullishOr(Schema.String)),
    error: Schema.optional(Schema.Unknown)
  })
)
const Details = Schema.NullishOr(
  Schema.Struct({
    audio_tokens: Schema.NullishOr(Schema.NonNegativeInt),
    image_tokens: Schema.NullishOr(Schema.NonNegativeInt),
    video_tokens: Schema.NullishOr(Schema.NonNegativeInt),
    cached_tokens: Schema.NullishOr(Schema.NonNegativeInt)
  })
)
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
const decodeUsage = Schema.decodeUnknownOption(Schema.Union(CompatibleUsage, NativeUsage))

/**
 * Both protocols' answers; properties that we don't know are theirs to add. Some proxies leave the usage out of an answer that is whole
 * otherwise, or send one that can't be: then it is unknown, and the text is kept.
 */
const Body = Schema.parseJson(
  Schema.Union(
    Schema.Struct({ choices: Choices, usage: Schema.optional(Schema.Unknown) }),
    Schema.Struct({ output: Schema.Struct({ choices: Choices }), usage: Schema.optional(Schema.Unknown) })
  )
)
const decode = Schema.decodeUnknownOption(Body)

const join = (content: typeof Content.Type): string =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("")

/** Half of a character, which no text may hold: models break off, and escape, wherever they like. */
const halves = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

const usageOf = (found: unknown): Usage | undefined => {
  const usage = Option.getOrUndefined(decodeUsage(found))
  if (usage === undefined) return undefined
  const [input, output, details] =
    "prompt_tokens" in usage
      ? [usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details]
      : [usage.input_tokens, usage.output_tokens, usage.input_tokens_details]
  const audioTokens = details?.audio_tokens ?? undefined
  const cachedTokens = details?.cached_tokens ?? 0
  const pictureTokens = (details?.image_tokens ?? 0) + (details?.video_tokens ?? 0)
  return new Usage({
    inputTokens: input,
    outputTokens: output,
    ...(audioTokens === undefined ? {} : { audioTokens }),
    ...(pictureTokens === 0 ? {} : { pictureTokens }),
    ...(cachedTokens === 0 ? {} : { cachedTokens })
  })
}

/** What a model thinks before it answers, where a server doesn't keep it apart; its first mark may stand in the prompt. */
const thoughts = /^(?:\s*<think>(?:(?!<\/think>)[\s\S])*$|[\s\S]*<\/think>)/

/** An answer with its text and tokens; undefined for anything else, and for one without words that doesn't say why it ended. */
const finished = (body: string) =>
  Option.filterMap(decode(body), (found) => {
    const [choice] = "choices" in found ? found.choices : found.output.choices
    const { content, refusal } = choice.message
    const text = join(content).replace(halves, "\uFFFD")
    const named = choice.finish_reason === "null" || choice.finish_reason === "" ? undefined : choice.finish_reason
    // Some servers leave out why a text ends.
    const reason = named ?? (text === "" ? undefined : "stop")
    return reason === undefined
      ? Option.none()
      : Option.some({
          reason,
          text: text.replace(thoughts, ""),
          refusal: typeof refusal === "string" ? refusal : "",
          usage: usageOf(found.usage),
          isGivenUp: ServiceFault.givenUp(choice) !== undefined
        })
  })

/** What an answer that is whole used, where it says so. None when it isn't whole: it doesn't say why it ended, or was given up. */
export const usage = (body: string): Option.Option<Usage | undefined> =>
  Option.filterMap(finished(body), ({ isGivenUp, usage }) => (isGivenUp ? Option.none() : Option.some(usage)))

/** Reads a recorded reply. The reply was whole when it was recorded; one that isn't any more is another program's. */
export const parse = (provider: string, body: string): Effect.Effect<Completion, ModelError> =>
  Effect.suspend(() => {
    const found = Option.getOrUndefined(finished(body))
    const refusal = found?.text === "" ? found.refusal : ""
    if (refusal !== "") return Effect.succeed<Completion>({ _tag: "Moderated", message: ServiceFault.quote(refusal) })
    if (found !== undefined && found.reason !== "content_filter")
      return Effect.succeed<Completion>({ _tag: "Said", text: found.text.trim(), truncated: found.reason === "length" })
    const fault = ServiceFault.inText(body)
    if (found?.reason === "content_filter" || (fault !== undefined && ServiceFault.toError(provider, fault).code === "Moderated"))
      return Effect.succeed<Completion>({ _tag: "Moderated", message: ServiceFault.quote(fault?.message ?? "content_filter") })
    return new ModelError({ code: "NotTheService", detail: `the reply of ${provider} is no answer: ${ServiceFault.quote(body)}` })
  })
