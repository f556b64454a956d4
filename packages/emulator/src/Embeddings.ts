import { ModelCatalog } from "@mediaspool/plugins"
import { Effect, Option, Schema } from "effect"
import { createHash, randomUUID } from "node:crypto"
import * as HttpReply from "./HttpReply.js"
import * as Meaning from "./Meaning.js"
import { type Refusal, refusals } from "./Refusal.js"
import { refuse } from "./Response.js"
import { account, foreign, type Incoming, refusalOf, type ServerState, trafficOf } from "./Service.js"

const Body = Schema.Struct({
  model: Schema.String,
  input: Schema.Union(Schema.String, Schema.Array(Schema.String)),
  dimensions: Schema.optional(Schema.Int),
  encoding_format: Schema.optional(Schema.String)
})
const decode = Schema.decodeUnknownOption(Schema.parseJson(Body))

/** What the service takes of texts, and what a vector has unless asked otherwise. */
const MOST = 10
const USUAL = 1024

const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4))

const plain = (name: string): string => name.slice(name.lastIndexOf("/") + 1).toLowerCase()

const answer = (incoming: Incoming, state: ServerState): Effect.Effect<HttpReply.HttpReply, Refusal> =>
  Effect.gen(function* () {
    const key = yield* account(incoming, state.settings())
    const isOwn = incoming.protocol === "vllm"
    const traffic = isOwn ? undefined : trafficOf(state, key)
    if (traffic?.request(incoming.at) === false) return yield* refusals.requests()
    const decoded = decode(incoming.body.toString("utf8"))
    if (Option.isNone(decoded)) return yield* refusals.parameter("Invalid request body: model, input or dimensions")
    const { dimensions = USUAL, encoding_format: format = "float", input, model } = decoded.value
    const vendor = ModelCatalog.models[plain(model)]
    // A server for open models has whatever it was started with.
    if (!isOwn && vendor?.kind !== "embedding") return yield* refusals.model(model)
    const texts = typeof input === "string" ? [input] : input
    if (texts.length === 0 || texts.some((text) => text === "")) return yield* refusals.parameter("The input must not be empty")
    if (!isOwn && texts.length > MOST)
      return yield* refusals.parameter(`batch size is invalid, it should not be larger than ${MOST}.`)
    if (format !== "float") return yield* refusals.parameter("encoding_format must be float")
    if (dimensions < 64 || dimensions > 2048) return yield* refusals.parameter("dimensions must lie between 64 and 2048")
    const most = vendor?.maxInputTokens ?? 8192
    if (texts.some((text) => tokensOf(text) > most)) return yield* refusals.input(most)
    const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0)
    if (traffic?.tokens(tokens) === false) return yield* refusals.tokens()
    const fault = state.script.next({ model, seconds: undefined, prompt: texts.join("\n") })
    const refusal = fault === undefined ? undefined : refusalOf(fault)
    if (refusal !== undefined) return yield* refusal
    const other = foreign(fault)
    if (other !== undefined) return other
    state.usage.pay({
      key: createHash("sha256")
        .update(JSON.stringify([model, dimensions, texts]))
        .digest("base64url"),
      model,
      inputTokens: tokens,
      outputTokens: 0,
      outcome: "answered"
    })
    yield* Effect.sleep(fault?.kind === "slow" ? fault.millis : state.settings().answerMillis)
    const data = texts.map((text, index) => ({ object: "embedding", index, embedding: Meaning.vectorOf(text, dimensions) }))
    return HttpReply.json(
      200,
      // Their order is promised nowhere.
      JSON.stringify({ object: "list", model, data: data.reverse(), usage: { prompt_tokens: tokens, total_tokens: tokens } })
    )
  })

/** Vectors of texts, or the service's refusal. */
export const embeddings = (
  incoming: Incoming,
  state: ServerState
): Effect.Effect<{ readonly reply: HttpReply.HttpReply; readonly requestId: string }> =>
  Effect.suspend(() => {
    const requestId = randomUUID()
    state.usage.request()
    return answer(incoming, state).pipe(
      Effect.catchAll((refusal) => {
        state.usage.refuse(refusal.code)
        return Effect.succeed(refuse(false, refusal, requestId))
      }),
      Effect.map((reply) => ({ reply, requestId }))
    )
  })
