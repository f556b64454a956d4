import { Field, type Note, type SecretRef } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { ModelError } from "../../models/ModelError.js"
import type { Task } from "../../models/catalog/ModelCatalog.js"
import { Models, type Route } from "../../models/Models.js"
import type { Sampling } from "../../models/client/RequestBody.js"

/** Whom to ask, and how: the settings of every stage that asks a model. */
export const asking = {
  provider: Field.required(
    Field.unkeyed(Schema.NonEmptyString),
    "Who is asked: dashscope-cn, dashscope-intl, dashscope-us, dashscope-hk, vllm, sglang, or one of your own under `providers`"
  ),
  model: Field.maybe(Field.unkeyed(Schema.NonEmptyString), "The model; the provider's usual one for the task when left out"),
  fallback: Field.withDefault(
    Field.unkeyed(Schema.Array(Schema.NonEmptyString)),
    [],
    "Providers to ask instead, in this order, while the first is away; their own usual model answers when `model` is left out"
  ),
  temperature: Field.maybe(Schema.Number.pipe(Schema.between(0, 1.99)), "0 says the likeliest, more is freer"),
  topP: Field.maybe(
    Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(1)),
    "Share of the likeliest words to choose from"
  ),
  topK: Field.maybe(Schema.Int.pipe(Schema.positive()), "Number of the likeliest words to choose from"),
  seed: Field.maybe(Schema.Int.pipe(Schema.between(0, 2 ** 31 - 2)), "The same seed tends to give the same answer"),
  maxTokens: Field.maybe(Schema.Int.pipe(Schema.positive()), "Longest answer, in tokens"),
  thinking: Field.maybe(
    Schema.Literal("low", "medium", "high"),
    "How long a model thinks before it answers, where it can; without it, not at all. What it thinks is paid as answer"
  )
}

/** What a stage that listens sends. */
export const listening = {
  ...asking,
  window: Field.withDefault(
    Field.unkeyed(Schema.Union(Schema.Literal("auto", "whole"), Schema.Positive)),
    "auto",
    "Seconds of sound in one request: `auto` is what keeps the detail, `whole` sends the file in one piece"
  ),
  silence: Field.withDefault(
    Schema.Number.pipe(Schema.between(-120, 0)),
    -50,
    "Level in dBFS below which nothing counts as heard; silent windows are not sent"
  ),
  minimumSeconds: Field.withDefault(
    Schema.NonNegative,
    0.3,
    "Shorter sounds are left out; what is sent and shorter than a second is padded to one, as it is billed"
  ),
  parallel: Field.withDefault(
    Field.unkeyed(Schema.Int.pipe(Schema.between(1, 64))),
    4,
    "Windows of one file that are asked about at the same time; the provider's own limits hold for all files together"
  ),
  multichannel: Field.withDefault(
    Schema.Boolean,
    false,
    "Send all channels of the copy, for a model that hears where sounds come from; give `transcode` no `channels` then"
  ),
  publicUrl: Field.maybe(
    Field.unkeyed(Schema.String.pipe(Schema.pattern(/^https?:\/\/.*\{(hash|key)\}/))),
    "Where the copies that this stage listens to can be fetched, for files sent whole: https://cdn.example.com/{hash}.{extension}"
  )
}

export type Asking = Schema.Struct.Type<typeof asking>
export type Listening = Schema.Struct.Type<typeof listening>

/** More than the seeds that one question is asked with. */
const SEEDS_A_NOTE = 100

/** How the answer is drawn, as the config says. What is asked again with a note is drawn from another seed: it is another call. */
export const sampling = ({ maxTokens, seed, temperature, thinking, topK, topP }: Asking, note?: Note): Sampling => ({
  temperature,
  topP,
  topK,
  seed: note === undefined ? seed : (seed ?? 0) + SEEDS_A_NOTE * note.times,
  maxTokens,
  effort: thinking
})

export type Routes = readonly [Route, ...ReadonlyArray<Route>]

/** Provider and model, and those of the fallbacks. Fails as the config's fault, before anything is asked. */
export const routes = (config: Asking, task: Task): Effect.Effect<Routes, ModelError, Models> =>
  Effect.gen(function* () {
    const models = yield* Models
    const first = yield* models.route(config.provider, config.model, task)
    const others = yield* Effect.forEach(config.fallback, (name) => models.route(name, config.model, task))
    const unfit = (reason: string, can: (route: Route) => boolean) =>
      Effect.forEach(
        [first, ...others].filter((route) => !can(route)),
        ({ model, provider }) =>
          Effect.fail(new ModelError({ code: "ModelUnfit", detail: `'${model.name}' at '${provider.name}' ${reason}` }))
      )
    if (config.thinking !== undefined) yield* unfit("doesn't think before it answers", ({ model }) => model.thinks)
    if ("multichannel" in config && config.multichannel === true)
      yield* unfit("doesn't hear where sounds come from", ({ model }) => model.multichannel)
    return [first, ...others]
  })

/** Where the keys are of those who may be asked. */
export const keys = (config: Asking, task: Task): Effect.Effect<ReadonlyArray<SecretRef>, ModelError, Models> =>
  Effect.map(routes(config, task), (found) => found.flatMap(({ provider }) => provider.apiKey ?? []))

/** Who answers, for result keys: not the names of providers, and nothing of where they are. */
export const routesIdentity = (routes: Routes) =>
  routes.map(({ model, provider }) => ({ authority: provider.authority, model: model.name }))

/** Seconds of a window: for `whole` the longest that every route takes, and then a file that is longer is refused. */
export const windowSeconds = (
  window: Listening["window"],
  routes: Routes,
  task: Exclude<Task, "watch" | "chat" | "embed">
): Effect.Effect<number, ModelError> => {
  const limits = routes.map(({ model }) => ({ longest: model.audio?.maxSeconds ?? 0, detail: model.audio?.detail[task] ?? 0 }))
  const longest = Math.min(...limits.map((limit) => limit.longest))
  if (window === "whole") return Effect.succeed(longest)
  if (window === "auto") return Effect.succeed(Math.min(longest, ...limits.map((limit) => limit.detail)))
  return window <= longest
    ? Effect.succeed(window)
    : new ModelError({
        code: "WindowTooLong",
        detail: `a window of ${window} s is ${Math.round((window - longest) * 1000) / 1000} s more than '${routes[0].model.name}' takes at once from '${routes[0].provider.name}'`
      })
}
