import { HttpClient } from "@effect/platform"
import { type SecretError, Secrets, Settings } from "@mediaspool/core"
import { Context, Effect, Layer, Schema } from "effect"
import * as ProviderClient from "./client/ProviderClient.js"
import * as baseUrlPolicy from "./client/baseUrlPolicy.js"
import { ModelError } from "./ModelError.js"
import type * as ModelCatalog from "./catalog/ModelCatalog.js"
import * as ModelSpec from "./catalog/ModelSpec.js"
import * as ProviderCatalog from "./catalog/ProviderCatalog.js"
import { accountId, type Provider, Providers, resource } from "./catalog/Provider.js"
import { Vocabularies, type Vocabulary, resolve as resolveVocabulary } from "./vocabularies/Vocabulary.js"

/** Who is asked: a provider and a model that it has. */
export interface Route {
  readonly provider: Provider
  readonly model: ModelSpec.ModelSpec
}

/** The models that the config names, and what they are asked by. */
export interface Service {
  /** Provider and model, checked against each other and the task. Nothing is sent and no secret is read. */
  readonly route: (provider: string, model: string | undefined, task: ModelCatalog.Task) => Effect.Effect<Route, ModelError>
  /** The account behind a provider, opened once; two names for the same address and key share it. */
  readonly account: (provider: Provider) => Effect.Effect<ProviderClient.ProviderClient, ModelError | SecretError>
  readonly vocabulary: (name: string) => Effect.Effect<Vocabulary, ModelError>
}

/** One for all stages of a run, so that they share their accounts' limits. */
export class Models extends Context.Tag("@mediaspool/plugins/Models")<Models, Service>() {}

/** For programs without a config file. */
export const make = (settings: {
  readonly providers?: Providers
  readonly vocabularies?: Vocabularies
}): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { providers = {}, vocabularies = {} } = settings
    const context = yield* Effect.context<HttpClient.HttpClient>()
    const opening = yield* Effect.makeSemaphore(1)
    const open = new Map<string, ProviderClient.ProviderClient>()

    const account: Service["account"] = (provider) =>
      opening.withPermits(1)(
        Effect.gen(function* () {
          const id = accountId(provider)
          const found = open.get(id)
          if (found !== undefined) return found
          yield* Effect.forEach(provider.baseUrls, (url) => baseUrlPolicy.check(provider.name, url), { discard: true })
          const secrets = yield* Secrets
          const key = provider.apiKey === undefined ? undefined : yield* secrets.resolve(provider.apiKey)
          const made = yield* ProviderClient.make(provider, key)
          open.set(id, made)
          return made
        }).pipe(Effect.provide(context))
      )

    const warned = new Set<string>()
    const warnOnce = (provider: Provider, { name }: ModelSpec.ModelSpec): Effect.Effect<void> =>
      Effect.suspend(() => {
        const key = `${provider.name} ${name}`
        if (warned.has(key)) return Effect.void
        warned.add(key)
        return Effect.logWarning(
          `The model '${name}' is not in the catalog: usual limits are assumed and its price is unknown. Describe it under providers.${provider.name}.models.${name}.`
        )
      })

    return {
      account,
      route: (name, model, task) =>
        Effect.gen(function* () {
          const provider = yield* ProviderCatalog.resolve(name, providers)
          yield* Effect.forEach(provider.baseUrls, (url) => baseUrlPolicy.checkUrl(provider.name, url), { discard: true })
          const found = yield* ModelSpec.resolve(provider, model, task)
          if (provider.hasBudget && found.price === undefined)
            return yield* new ModelError({
              code: "ModelPriceless",
              detail: `the price of '${found.name}' at '${provider.name}' is unknown, and the provider has a budget`
            })
          if (found.isAssumed) yield* warnOnce(provider, found)
          return { provider, model: found }
        }),
      vocabulary: (name) => resolveVocabulary(name, vocabularies)
    }
  })

/** The config's sections `providers` and `vocabularies`; without them, the built-in ones. */
export const layer: Layer.Layer<Models, never, Settings | HttpClient.HttpClient> = Layer.effect(
  Models,
  Effect.gen(function* () {
    const settings = yield* Settings
    // Core has decoded them by these schemas; this gives them back their types.
    const section = <A>(name: string, schema: Schema.Schema<A>, none: A) =>
      Effect.orDie(Effect.map(Schema.validate(Schema.UndefinedOr(schema))(settings.section(name)), (found) => found ?? none))
    const providers = yield* section("providers", Schema.typeSchema(Providers), {})
    const vocabularies = yield* section("vocabularies", Schema.typeSchema(Vocabularies), {})
    return yield* make({ providers, vocabularies })
  })
)

export { resource }
