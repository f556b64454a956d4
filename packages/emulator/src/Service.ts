import { Effect, Either, Option, Schema } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { ModelCatalog } from "@mediaspool/plugins"
import { receive } from "./AudioSource.js"
import { watch } from "./PictureSource.js"
import type { Usage } from "./Usage.js"
import { type Checked, check, type Protocol } from "./Validation.js"
import type { Decode, Look } from "./Decoder.js"
import type { Fault, Script } from "./Fault.js"
import { type Limits, limits } from "./RateLimits.js"
import * as HttpReply from "./HttpReply.js"
import { Refusal, refusals } from "./Refusal.js"
import { refuse, respond } from "./Response.js"
import type { EmulatorSettings } from "./EmulatorSettings.js"
import { listen } from "./Sound.js"
import type { UploadStore } from "./UploadStore.js"
import { think } from "./Model.js"

/** A request as it came in. */
export interface Incoming {
  readonly protocol: Protocol
  readonly header: (name: string) => string | undefined
  readonly body: Buffer
  /** When its first line arrived, in seconds of `performance.now`. */
  readonly at: number
}

/** What an answer is made with. */
export interface ServerState {
  readonly settings: () => EmulatorSettings
  readonly decode: Decode
  readonly look: Look
  readonly store: UploadStore
  readonly script: Script
  readonly usage: Usage
  /** An account's traffic, by its key. */
  readonly limits: Map<string, Limits>
}

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())

/** The key of the request, when the service knows it. A server for open models asks for none. */
export const account = (
  { header, protocol }: Pick<Incoming, "header" | "protocol">,
  settings: EmulatorSettings
): Either.Either<string, Refusal> => {
  const key = /^Bearer (\S+)$/.exec(header("authorization") ?? "")?.[1]
  if (protocol === "vllm") return Either.right(key ?? "anybody")
  if (key !== undefined && key === settings.keyWithoutBalance) return Either.left(refusals.arrearage)
  if (key !== undefined && key === settings.keyWithoutAccess) return Either.left(refusals.unpurchased)
  return key !== undefined && settings.keys.includes(key) ? Either.right(key) : Either.left(refusals.key)
}

/** An account's traffic. */
export const trafficOf = ({ limits: open, settings }: ServerState, key: string): Limits => {
  const found = open.get(key) ?? limits(settings)
  open.set(key, found)
  return found
}

/** The refusal that a fault is; `undefined` for one of another kind. */
export const refusalOf = ({ kind, retryAfter }: Fault): Refusal | undefined => {
  switch (kind) {
    case "limit_requests":
      return refusals.requests(retryAfter)
    case "insufficient_quota":
      return refusals.tokens(retryAfter)
    case "limit_burst_rate":
      return refusals.burst(retryAfter)
    case "internal_error":
      return refusals.internal
    case "timeout":
      return refusals.timeout
    case "model_serving_error":
      return refusals.serving
    case "unavailable":
      return refusals.unavailable
    case "moderation":
      return refusals.moderation("Input")
    case "arrearage":
      return refusals.arrearage
    case "access_denied":
      return refusals.unpurchased
    default:
      return undefined
  }
}

/** Answers that no model service gives. */
export const foreign = (fault: Fault | undefined): HttpReply.HttpReply | undefined => {
  switch (fault?.kind) {
    case "html":
      return {
        _tag: "Whole",
        status: 200,
        type: "text/html",
        body: "<!doctype html><title>Sign in</title><p>Please sign in.</p>"
      }
    case "redirect":
      return { _tag: "Whole", status: 302, type: "text/plain", body: "", headers: { location: "http://127.0.0.1:9/elsewhere" } }
    case "reset":
      return { _tag: "Torn" }
    default:
      return undefined
  }
}

/** Which ways an answer can break off after the work was done. */
const breaking: ReadonlySet<string> = new Set([
  "moderation_midway",
  "sse_error",
  "truncated",
  "no_usage",
  "aborted",
  "reset_midway",
  "stall",
  "drip",
  "oversized"
])

/** The same for two requests that ask the same of the same model. */
const keyOf = ({ model, prompt, sampling, system }: Checked, ...media: ReadonlyArray<Buffer | undefined>): string => {
  const hash = createHash("sha256").update(JSON.stringify([model, system, prompt, sampling]))
  for (const bytes of media) if (bytes !== undefined) hash.update(bytes)
  return hash.digest("base64url")
}

const answer = (incoming: Incoming, state: ServerState, requestId: string): Effect.Effect<HttpReply.HttpReply, Refusal> =>
  Effect.gen(function* () {
    const settings = state.settings()
    const key = yield* account(incoming, settings)
    const traffic = incoming.protocol === "vllm" ? undefined : trafficOf(state, key)
    if (traffic?.request(incoming.at) === false) return yield* refusals.requests()
    const json = parseJson(incoming.body.toString("utf8"))
    if (!/^application\/json/i.test(incoming.header("content-type") ?? "") || Option.isNone(json))
      return yield* refusals.parameter("The request body is no valid JSON")
    const checked = yield* check(incoming.protocol, json.value, incoming.header("x-dashscope-sse") === "enable")
    const { vendor } = checked
    const resolves = incoming.header("x-dashscope-ossresourceresolve") === "enable"
    const received =
      checked.audio === undefined ? undefined : yield* receive(checked, checked.audio, state.decode, state.store, resolves)
    const watched = yield* watch(checked, state.decode, state.look, state.store, resolves)
    const sound = received?.sound ?? watched?.sound
    const heard = sound === undefined ? undefined : listen(sound)
    const fault = state.script.next({ model: checked.model, seconds: heard?.seconds, prompt: checked.prompt })
    const said = think(
      checked,
      heard,
      vendor.audio?.tokensPerSecond ?? ModelCatalog.usualAudio.tokensPerSecond,
      fault,
      watched?.seen
    )
    if (said.inputTokens > vendor.maxInputTokens) return yield* refusals.input(vendor.maxInputTokens)

    if (traffic?.tokens(said.inputTokens) === false) return yield* refusals.tokens()
    const refusal = fault === undefined ? undefined : refusalOf(fault)
    if (refusal !== undefined) return yield* refusal
    const other = foreign(fault)
    if (other !== undefined) return other

    // From here on the service works, and whoever asked pays, whether the answer arrives or not.
    state.usage.pay({
      key: keyOf(checked, received?.bytes, watched?.bytes),
      model: checked.model,
      inputTokens: said.inputTokens,
      outputTokens: said.outputTokens,
      outcome: breaking.has(fault?.kind ?? "") ? "broken" : "answered"
    })
    yield* Effect.sleep(fault?.kind === "slow" ? fault.millis : settings.answerMillis)
    traffic?.answered(said.outputTokens)
    return respond(checked, said, { requestId, gapMillis: settings.chunkMillis, fault })
  })

/** A model's answer to a request, or the service's refusal. */
export const handle = (
  incoming: Incoming,
  state: ServerState
): Effect.Effect<{ readonly reply: HttpReply.HttpReply; readonly requestId: string }> =>
  Effect.suspend(() => {
    const requestId = randomUUID()
    state.usage.request()
    return answer(incoming, state, requestId).pipe(
      Effect.catchAll((refusal) => {
        state.usage.refuse(refusal.code)
        return Effect.succeed(refuse(incoming.protocol === "native", refusal, requestId))
      }),
      Effect.map((reply) => ({ reply, requestId }))
    )
  })
