import type { HttpClient } from "@effect/platform"
import { type SecretError, type Secrets } from "@mediaspool/core"
import { Effect, Either, Option, Schema } from "effect"
import { Providers } from "./catalog/Provider.js"
import * as ProviderCatalog from "./catalog/ProviderCatalog.js"
import type { ModelError } from "./ModelError.js"
import { shown } from "./client/baseUrlPolicy.js"
import { make } from "./Models.js"

/** A server of a provider, and the models that it lists or why it lists none. */
export interface ModelServer {
  readonly provider: string
  /** As people may see it. */
  readonly baseUrl: string
  readonly models: Either.Either<ReadonlyArray<string>, ModelError | SecretError>
}

const decode = Schema.validateOption(Schema.typeSchema(Providers))

/**
 * Asks every server of the config's providers for its models, which costs nothing, all at the same time and 20 seconds at most.
 *
 * @param section `providers`, as core has decoded it
 */
export const ask = (section: unknown): Effect.Effect<ReadonlyArray<ModelServer>, never, HttpClient.HttpClient | Secrets> =>
  Effect.gen(function* () {
    const providers = Option.getOrElse(decode(section), (): Providers => ({}))
    const { account } = yield* make({ providers })
    const asked = yield* Effect.forEach(
      Object.keys(providers),
      (name) =>
        Effect.gen(function* () {
          const provider = ProviderCatalog.resolve(name, providers)
          // What is wrong with the config is told where the config is looked at.
          if (Either.isLeft(provider)) return []
          const { baseUrls } = provider.right
          const opened = yield* Effect.either(account(provider.right))
          if (Either.isLeft(opened))
            return baseUrls.map((baseUrl) => ({ provider: name, baseUrl: shown(baseUrl), models: Either.left(opened.left) }))
          return yield* Effect.forEach(
            opened.right.servers,
            ({ baseUrl, models }) =>
              Effect.map(Effect.either(models), (models) => ({ provider: name, baseUrl: shown(baseUrl), models })),
            { concurrency: "unbounded" }
          )
        }),
      { concurrency: "unbounded" }
    )
    return asked.flat()
  })
