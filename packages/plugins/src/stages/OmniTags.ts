import { Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { AudioFile, Tags } from "../kinds.js"
import { Models, resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import * as TagReply from "../models/answers/TagReply.js"
import type { Vocabulary } from "../models/vocabularies/Vocabulary.js"
import { forEachWindow, type Listener, ListenError } from "./listen/forEachWindow.js"
import * as Estimate from "./listen/Estimate.js"
import { readable } from "./listen/readable.js"
import { listening, keys, type Routes, routes, routesIdentity, sampling, windowSeconds } from "./listen/ListenConfig.js"
import * as TagSpans from "./listen/TagSpans.js"

const Config = Schema.Struct({
  ...listening,
  vocabulary: Field.required(
    Schema.NonEmptyString,
    "The labels: emotion (of voices), mood (of music), instruments, or one of your own under `vocabularies`"
  )
})

const tagWindow =
  (vocabulary: Vocabulary, config: typeof Config.Type, found: Routes) =>
  ({ ask }: Listener) =>
    Effect.gen(function* () {
      const prompt = Prompts.tags(vocabulary)
      const { completion, model, provider } = yield* ask(() => prompt, 0)
      if (completion._tag === "Moderated") return { _tag: "Omitted" as const, reason: "moderated" as const }
      const value = yield* readable(completion.text, {
        routes: found,
        request: prompt.text,
        sampling: sampling(config),
        identity: { repairs: prompt.id },
        read: (text) => TagReply.parse(text, vocabulary)
      })
      return { _tag: "Heard" as const, value, provider, model }
    })

/** Labels a recording from a closed vocabulary, by listening. */
export const omniTags = Stage.make({
  name: "omni-tags",
  version: 1,
  summary: "Labels a recording by listening: emotion, mood, instruments, or your own vocabulary",
  input: { audio: AudioFile },
  output: Tags,
  config: Config,
  error: ListenError,
  nondeterministic: true,
  takesNotes: true,
  resource: ({ provider }) => resource(provider),
  secrets: (config) => keys(config, "tags"),
  keyParts: (config) =>
    Effect.gen(function* () {
      const models = yield* Models
      const found = yield* routes(config, "tags")
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      return {
        routes: routesIdentity(found),
        window: config.window === "whole" ? "whole" : yield* windowSeconds(config.window, found, "tags"),
        prompts: [Prompts.tags(vocabulary).id, "repair@1"],
        vocabulary: { id: vocabulary.id, digest: vocabulary.digest }
      }
    }),
  estimate: ({ seconds }, config) =>
    Effect.gen(function* () {
      const vocabulary = yield* Effect.flatMap(Models, (models) => models.vocabulary(config.vocabulary))
      return yield* Estimate.ofListening(seconds, config, "tags", () => Prompts.tags(vocabulary))
    }),
  run: ({ audio }, config) =>
    Effect.gen(function* () {
      const models = yield* Models
      const found = yield* routes(config, "tags")
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      const seconds = yield* windowSeconds(config.window, found, "tags")
      const heard = yield* forEachWindow(audio, config, found, seconds, tagWindow(vocabulary, config, found))
      const { model, provider } = heard
      return new Tags({ vocabulary: vocabulary.id, tags: TagSpans.merge(heard), model, provider })
    }),
  examples: [
    { title: "Emotion of the voices", with: { provider: "dashscope-intl", vocabulary: "emotion" } },
    { title: "Instruments, minute by minute", with: { provider: "dashscope-intl", vocabulary: "instruments", window: 60 } }
  ]
})
