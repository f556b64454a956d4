import { type CallHeld, Calls, type Json, type Reply, type SecretError, Usage } from "@mediaspool/core"
import { Duration, Effect, type Scope } from "effect"
import * as Completion from "./client/Completion.js"
import { ModelError } from "./ModelError.js"
import { audioTokens, type ModelSpec } from "./catalog/ModelSpec.js"
import { Models, type Route } from "./Models.js"
import { isSold } from "./catalog/Provider.js"
import * as Price from "./catalog/Price.js"
import type { Prompt } from "./Prompts.js"
import { type AudioPart, type PicturesPart, identity as samplingIdentity, type Sampling } from "./client/RequestBody.js"

/** One thing to ask a model, once and for all: its answer is recorded and never paid for again. */
export interface ModelCall<E, R> {
  /** In this order; a later one is asked only when those before it can't answer now. */
  readonly routes: readonly [Route, ...ReadonlyArray<Route>]
  /** What the answer depends on besides model, prompt and parameters: the audio's identity, the window. */
  readonly identity: { readonly [key: string]: Json }
  /** By model, for some take none. */
  readonly prompt?: ((model: ModelSpec) => Prompt | undefined) | undefined
  readonly audio?: Audio<E, R> | undefined
  /** What is to be seen, as this route takes it. */
  readonly pictures?: ((route: Route) => Pictures<E, R> | undefined) | undefined
  readonly sampling: Sampling
  /** A JSON schema for servers that can force it; the prompt names it too. */
  readonly schema?: Json | undefined
}

/** Sound that a question is about. */
export interface Audio<E, R> {
  readonly seconds: number
  /** About how large its data URL is. */
  readonly bytes: number
  /** Made only when the question is really sent, for the route that it is sent to. */
  readonly part: (route: Route) => Effect.Effect<AudioPart, E, R>
}

/** Pictures, or a video, that a question is about. */
export interface Pictures<E, R> {
  readonly frames: number
  /** About how large their data URLs are. */
  readonly bytes: number
  /** Seconds of sound that are in it; 0 for pictures alone. */
  readonly soundSeconds: number
  /** Whether the model takes no sound beside it. */
  readonly isAlone: boolean
  /** Made only when the question is really sent. */
  readonly part: Effect.Effect<PicturesPart, E, R>
}

/** What was said, and who said it. */
export interface ModelReply {
  readonly completion: Completion.Completion
  readonly provider: string
  readonly model: string
}

/** A third of the bytes: more than English needs, less than Chinese. */
const textTokens = (prompt: Prompt | undefined): number =>
  prompt === undefined ? 0 : Math.ceil((Buffer.byteLength(prompt.system) + Buffer.byteLength(prompt.text)) / 3)

/** Tokens that a question should use, for limits and for the price beforehand. */
export const expected = (model: ModelSpec, seconds: number | undefined, prompt: Prompt | undefined, frames = 0): Usage => {
  const audio = seconds === undefined ? 0 : audioTokens(model, seconds)
  const seen = Math.ceil(frames * (model.video?.tokensPerFrame ?? 0))
  return new Usage({
    inputTokens: audio + seen + textTokens(prompt),
    outputTokens: model.usualOutputTokens,
    audioTokens: audio,
    ...(seen === 0 ? {} : { pictureTokens: seen })
  })
}

/** Everything that the answer depends on: authority, model, prompt and parameters, and what the question adds. */
const identityOf = <E, R>(
  route: Route,
  prompt: Prompt | undefined,
  { identity, sampling, schema }: ModelCall<E, R>
): { readonly [key: string]: Json } => ({
  ...identity,
  authority: route.provider.authority,
  model: route.model.name,
  ...(prompt === undefined ? {} : { prompt: { id: prompt.id, system: prompt.system, text: prompt.text } }),
  ...(schema === undefined ? {} : { schema }),
  sampling: samplingIdentity(route.model, sampling)
})

/** Moderation is the service's last word on this content, so it is recorded like an answer and not asked for again. */
const moderated = (error: ModelError): Reply => ({
  body: JSON.stringify({ error: { code: "data_inspection_failed", message: error.message } })
})

/** Before the one answer there may be refusals, which are waited out. */
const REFUSALS_SECONDS = 300

const askOne = <E = never, R = never>(route: Route, question: ModelCall<E, R>) =>
  Effect.gen(function* () {
    const { model, provider } = route
    const { sampling, schema } = question
    const pictures = question.pictures?.(route)
    const audio = pictures?.isAlone === true ? undefined : question.audio
    const prompt = question.prompt?.(model)
    const usage = expected(model, audio?.seconds ?? (pictures?.soundSeconds || undefined), prompt, pictures?.frames)
    if (usage.inputTokens > model.maxInputTokens)
      return yield* new ModelError({
        code: pictures !== undefined ? "VideoTooLong" : audio === undefined ? "TextTooLong" : "AudioTooLong",
        detail: `about ${usage.inputTokens} tokens are more than the ${model.maxInputTokens} that '${model.name}' takes at once`
      })
    const account = yield* Effect.flatMap(Models, (models) => models.account(provider))
    const parts = Effect.all([audio?.part(route) ?? Effect.void, pictures?.part ?? Effect.void])
    const request = Effect.map(parts, ([part, seen]) => ({
      model,
      system: prompt?.system,
      audio: part ?? undefined,
      pictures: seen ?? undefined,
      prompt: prompt?.text,
      sampling,
      schema
    }))
    const prepared = yield* Effect.cached(
      account.prepare({ model, inputTokens: usage.inputTokens, bytes: (audio?.bytes ?? 0) + (pictures?.bytes ?? 0), request })
    )
    const sent = Effect.flatten(prepared).pipe(
      Effect.map((answer): Reply => ({
        body: answer.body,
        requestId: answer.requestId,
        usage: answer.usage,
        price: model.price === undefined || answer.usage === undefined ? undefined : Price.of(model.price, answer.usage)
      })),
      Effect.catchIf(
        (error): error is ModelError => error instanceof ModelError && error.code === "Moderated",
        (error) => Effect.succeed(moderated(error))
      )
    )
    const calls = yield* Calls
    const reply = yield* calls
      .call(
        {
          identity: identityOf(route, prompt, question),
          account: provider.name,
          model: model.name,
          onAmbiguous: provider.onAmbiguous,
          deadline: Duration.seconds(provider.totalSeconds + REFUSALS_SECONDS),
          ...(model.price === undefined ? { isPriceUnknown: isSold(provider) } : { estimate: Price.of(model.price, usage) })
        },
        sent,
        prepared
      )
      .pipe(Effect.mapError((error) => (error instanceof ModelError ? account.note(error) : error)))
    const completion = yield* Completion.parse(provider.name, reply.body)
    return { completion, provider: provider.name, model: model.name } satisfies ModelReply
  })

const isAway = (error: unknown): error is ModelError => error instanceof ModelError && error.retry === "later"

/** Asks, or gives the answer of the time when it was asked before. */
export const ask = <E = never, R = never>(
  question: ModelCall<E, R>
): Effect.Effect<ModelReply, ModelError | SecretError | CallHeld | E, Models | Exclude<R, Scope.Scope>> =>
  Effect.gen(function* () {
    const models = yield* Models
    const [first, ...others] = question.routes
    let route = first
    for (const next of others) {
      // Known to be away: the next one is asked at once.
      const known = (yield* models.account(route.provider)).trouble()
      const tried = known === undefined ? yield* Effect.either(askOne(route, question)) : undefined
      if (tried?._tag === "Right") return tried.right
      if (tried?._tag === "Left" && !isAway(tried.left)) return yield* Effect.fail(tried.left)
      route = next
    }
    return yield* askOne(route, question)
  })
