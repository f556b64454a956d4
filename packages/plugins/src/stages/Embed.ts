import { all, CallHeld, Field, SecretError, Stage } from "@mediaspool/core"
import { Array as Arr, Effect, Either, Schema } from "effect"
import { Caption, CleanCaption, Tags, Vector } from "../kinds.js"
import { ModelError } from "../models/ModelError.js"
import * as Word from "../library/Word.js"
import { Models, resource, type Route } from "../models/Models.js"
import * as EmbeddingCall from "../models/EmbeddingCall.js"
import * as EmbeddingRequests from "../models/EmbeddingRequests.js"
import * as Price from "../models/catalog/Price.js"
import { asking } from "./listen/ListenConfig.js"

const Config = Schema.Struct({
  provider: asking.provider,
  model: Field.maybe(Field.unkeyed(Schema.NonEmptyString), "The embedding model; the provider's usual one when left out"),
  dimensions: Field.maybe(
    Schema.Int.pipe(Schema.between(64, 2048)),
    "Numbers of a vector; the model's own choice when left out. Fewer take less room and find a little less"
  )
})
type Config = typeof Config.Type

/** The service and the model that a config names. */
export const route = ({ model, provider }: Config): Effect.Effect<Route, ModelError, Models> =>
  Effect.flatMap(Models, (models) => models.route(provider, model, "embed"))

type Said = ReadonlyArray<{ readonly node: string; readonly value: Caption | CleanCaption | Tags }>

/** What a file is known by: its captions, those by people or the clean ones where there are some, and its labels. */
const textOf = (nodes: Said): string => {
  const values = nodes.map(({ value }) => value)
  const said = values.filter((value) => value instanceof Caption || value instanceof CleanCaption)
  const best = [said.filter(({ model }) => model === Word.PERSON), said.filter((value) => value instanceof CleanCaption)]
  const captions = best.find(({ length }) => length > 0) ?? said
  const labels = values
    .filter((value) => value instanceof Tags)
    .flatMap(({ tags, vocabulary }) => {
      const names = [...new Set(tags.map(({ label }) => label.replaceAll("_", " ")))]
      return names.length === 0 ? [] : [`${vocabulary.split("@")[0]}: ${names.join(", ")}`]
    })
  return [...captions.map(({ text }) => text), ...labels].filter((text) => text.trim() !== "").join("\n")
}

/** A millionth is finer than any model is sure of. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6

/** A text of a usual length, for the estimate. */
const USUAL = "x".repeat(700)

/** Makes vectors of what was said of files, so that they are found by meaning. */
export const embed = Stage.batch({
  name: "embed",
  version: 1,
  summary:
    "Makes a vector of a file's captions, tags and their corrections, so that it is found by meaning: `spool search --meaning`",
  input: { said: all(Caption, CleanCaption, Tags) },
  output: Vector,
  takesCorrections: true,
  config: Config,
  error: Schema.Union(ModelError, CallHeld, SecretError),
  size: EmbeddingCall.MOST,
  // A request is slower than this, and each costs a turn of the rate limit.
  maxDelay: "200 millis",
  resource: ({ provider }) => resource(provider),
  secrets: (config) => Effect.map(route(config), ({ provider }) => Arr.fromNullable(provider.apiKey)),
  keyParts: (config) =>
    Effect.map(route(config), ({ model, provider }) => ({ authority: provider.authority, model: model.name })),
  estimate: (_, config) =>
    Effect.map(route(config), ({ model, provider }) => {
      const { price } = model
      const estimate: Stage.CallEstimate = {
        account: provider.name,
        model: model.name,
        requests: 1 / EmbeddingCall.MOST,
        usage: EmbeddingCall.expected([USUAL]),
        price: price && ((usage) => Price.of(price, usage)),
        requestsPerMinute: provider.rpm
      }
      return [estimate]
    }),
  run: (items, config) =>
    Effect.gen(function* () {
      const found = yield* route(config)
      const texts = items.map(({ said }) => EmbeddingCall.fitting(textOf(said), found.model))
      // Equal texts, and there are many, are asked about once.
      const asked = [...new Set(texts)].filter((text) => text !== "")
      const vectors = asked.length === 0 ? [] : yield* EmbeddingRequests.vectors(found, asked, config.dimensions)
      const model = EmbeddingCall.modelName(found)
      const nothing: (typeof vectors)[number] = Either.right([])
      return texts.map((text) =>
        Either.map(
          vectors[asked.indexOf(text)] ?? nothing,
          (values) => new Vector({ model, provider: found.provider.name, values: values.map(rounded) })
        )
      )
    }),
  examples: [{ title: "Smaller vectors", with: { provider: "dashscope-intl", dimensions: 256 } }]
})
