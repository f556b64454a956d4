import { CallHeld, Field, Node, SecretError, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Caption, Tag, Tags } from "../kinds.js"
import { ModelError } from "../models/ModelError.js"
import { Models, resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import * as ModelCall from "../models/ModelCall.js"
import * as TagReply from "../models/answers/TagReply.js"
import * as Estimate from "./listen/Estimate.js"
import { readable } from "./listen/readable.js"
import { asking, keys, routes, routesIdentity, sampling } from "./listen/ListenConfig.js"

const Config = Schema.Struct({
  ...asking,
  vocabulary: Field.required(
    Schema.NonEmptyString,
    "The labels: emotion (of voices), mood (of music), instruments, or one of your own under `vocabularies`"
  )
})

/** Of a usual length: the captions aren't known before they are made. */
const typicalCaption = "x".repeat(600)

/** Labels a recording from its caption. */
export const textTags = Stage.make({
  name: "text-tags",
  version: 1,
  summary: "Labels a recording by reading its caption: cheaper than listening, and knows what the caption says",
  input: { caption: Caption },
  output: Tags,
  config: Config,
  error: Schema.Union(ModelError, CallHeld, SecretError),
  nondeterministic: true,
  takesNotes: true,
  resource: ({ provider }) => resource(provider),
  secrets: (config) => keys(config, "chat"),
  keyParts: (config) =>
    Effect.gen(function* () {
      const models = yield* Models
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      return {
        routes: routesIdentity(yield* routes(config, "chat")),
        prompts: [Prompts.textTags(vocabulary, "").id, "repair@1"],
        vocabulary: { id: vocabulary.id, digest: vocabulary.digest }
      }
    }),
  estimate: (_, config) =>
    Effect.gen(function* () {
      const vocabulary = yield* Effect.flatMap(Models, (models) => models.vocabulary(config.vocabulary))
      return yield* Estimate.ofReading(config, () => Prompts.textTags(vocabulary, typicalCaption))
    }),
  run: ({ caption }, config) =>
    Effect.gen(function* () {
      const models = yield* Models
      const found = yield* routes(config, "chat")
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      const { note } = yield* Node
      const prompt = Prompts.noted(Prompts.textTags(vocabulary, caption.text), note?.text)
      const { completion, model, provider } = yield* ModelCall.ask({
        routes: found,
        identity: {},
        prompt: () => prompt,
        sampling: sampling(config, note)
      })
      if (completion._tag === "Moderated")
        return yield* new ModelError({
          code: "Moderated",
          detail: `the provider's moderation refused the caption: ${completion.message}`
        })
      const tags = yield* readable(completion.text, {
        routes: found,
        request: prompt.text,
        sampling: sampling(config),
        identity: { repairs: prompt.id },
        read: (text) => TagReply.parse(text, vocabulary)
      })
      return new Tags({
        vocabulary: vocabulary.id,
        tags: tags.map(
          ({ confidence, evidence, label, raw }) =>
            new Tag({
              label,
              raw,
              ...(confidence === undefined ? {} : { confidence }),
              ...(evidence === undefined ? {} : { evidence })
            })
        ),
        model,
        provider
      })
    }),
  examples: [{ title: "Emotion, from the caption", with: { provider: "dashscope-intl", vocabulary: "emotion" } }]
})
