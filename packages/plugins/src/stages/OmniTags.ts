import { either, Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { AudioFile, Tags, VideoFile } from "../kinds.js"
import { Models, resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import * as TagReply from "../models/answers/TagReply.js"
import type { Vocabulary } from "../models/vocabularies/Vocabulary.js"
import { forEachWindow, heard, type Listener, ListenError } from "./listen/forEachWindow.js"
import * as Estimate from "./listen/Estimate.js"
import { readable } from "./listen/readable.js"
import { listening, keys, type Routes, routes, routesIdentity, sampling, windowSeconds } from "./listen/ListenConfig.js"
import * as TagSpans from "./listen/TagSpans.js"
import { isLooking } from "./look/isLooking.js"
import { seen } from "./look/seen.js"
import { looking } from "./look/LookConfig.js"

const Config = Schema.Struct({
  ...listening,
  ...looking,
  vocabulary: Field.required(
    Schema.NonEmptyString,
    "The labels: emotion (of voices), mood (of music), instruments, or one of your own under `vocabularies`"
  )
})

const tagWindow =
  (prompt: Prompts.Prompt, vocabulary: Vocabulary, config: typeof Config.Type, found: Routes) =>
  ({ ask }: Listener) =>
    Effect.gen(function* () {
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

/** Labels a recording from a closed vocabulary, by listening, or by looking at it where it is a video. */
export const omniTags = Stage.make({
  name: "omni-tags",
  version: 1,
  summary: "Labels a recording by listening: emotion, mood, instruments, or your own vocabulary",
  input: { audio: either(AudioFile, VideoFile) },
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
      const isVideo = yield* isLooking("audio")
      const found = yield* routes(config, isVideo ? "watch" : "tags")
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      return {
        routes: routesIdentity(found),
        window: config.window === "whole" ? "whole" : yield* windowSeconds(config.window, found, "tags"),
        prompts: [isVideo ? Prompts.videoKey(Prompts.videoTags(vocabulary)) : Prompts.tags(vocabulary).id, "repair@1"],
        vocabulary: { id: vocabulary.id, digest: vocabulary.digest }
      }
    }),
  estimate: ({ seconds }, config) =>
    Effect.gen(function* () {
      const vocabulary = yield* Effect.flatMap(Models, (models) => models.vocabulary(config.vocabulary))
      return yield* (yield* isLooking("audio"))
        ? Estimate.ofLooking(seconds, config, "tags", Prompts.videoTags(vocabulary))
        : Estimate.ofListening(seconds, config, "tags", () => Prompts.tags(vocabulary))
    }),
  run: ({ audio }, config) =>
    Effect.gen(function* () {
      const models = yield* Models
      const found = yield* routes(config, "tags")
      const vocabulary = yield* models.vocabulary(config.vocabulary)
      const seconds = yield* windowSeconds(config.window, found, "tags")
      const isVideo = audio instanceof VideoFile
      const parts = isVideo ? yield* seen(audio, config, found, seconds) : yield* heard(audio, config, found, seconds)
      const prompt = isVideo ? Prompts.videoTags(vocabulary) : Prompts.tags(vocabulary)
      const said = yield* forEachWindow(parts, config, found, tagWindow(prompt, vocabulary, config, found))
      const { model, provider } = said
      return new Tags({ vocabulary: vocabulary.id, tags: TagSpans.merge(said), model, provider })
    }).pipe(Effect.scoped),
  examples: [
    { title: "Emotion of the voices", with: { provider: "dashscope-intl", vocabulary: "emotion" } },
    { title: "Instruments, minute by minute", with: { provider: "dashscope-intl", vocabulary: "instruments", window: 60 } }
  ]
})
