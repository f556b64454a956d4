import { either, Field, type Json, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Answer, AudioFile, VideoFile } from "../kinds.js"
import * as AnswerSchema from "../models/answers/AnswerSchema.js"
import * as Language from "../models/answers/Language.js"
import { ModelError } from "../models/ModelError.js"
import { resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import * as ServiceFault from "../models/client/ServiceFault.js"
import { forEachWindow, heard, type Listener, ListenError } from "./listen/forEachWindow.js"
import { readable } from "./listen/readable.js"
import { listening, keys, type Routes, routes, routesIdentity, sampling, windowSeconds } from "./listen/ListenConfig.js"
import * as Estimate from "./listen/Estimate.js"
import * as Timeline from "./listen/Timeline.js"
import { isLooking } from "./look/isLooking.js"
import { seen } from "./look/seen.js"
import { looking } from "./look/LookConfig.js"

const Config = Schema.Struct({
  ...listening,
  ...looking,
  prompt: Field.required(Schema.NonEmptyString, "What you want to know of the recording"),
  schema: Field.maybe(
    AnswerSchema.JsonSchema,
    "A JSON schema of type object: the answer is then read, checked and kept as a value"
  ),
  language: Field.maybe(
    Schema.String.pipe(Schema.pattern(/^[a-z]{2}(-[A-Za-z]+)?$/)),
    "The language that the answer has to be in (en, zh, de): in another it is asked for once more, then refused"
  )
})
type Config = typeof Config.Type

/** What was answered about one window. */
interface Said {
  readonly text: string
  readonly value: Json | undefined
}

const promptOf = ({ language, prompt, schema }: Config, isVideo = false): Prompts.Prompt => {
  const asked = isVideo ? Prompts.askVideo(prompt, schema) : Prompts.ask(prompt, schema)
  return language === undefined ? asked : { ...asked, text: `${asked.text}\nAnswer in this language: ${language}.` }
}

const askWindow =
  (config: Config, found: Routes, read: AnswerSchema.Reader | undefined, prompt: Prompts.Prompt) =>
  ({ ask }: Listener) =>
    Effect.gen(function* () {
      for (const again of [0, 1]) {
        const { completion, model, provider } = yield* ask(() => prompt, again, config.schema)
        if (completion._tag === "Moderated") return { _tag: "Omitted" as const, reason: "moderated" as const }
        const { text } = completion
        const foreign = config.language !== undefined && read === undefined && !Language.fits(text, config.language)
        if (text !== "" && !foreign) {
          const value =
            read === undefined
              ? undefined
              : yield* readable(text, {
                  routes: found,
                  request: prompt.text,
                  sampling: sampling(config),
                  identity: { repairs: prompt.id },
                  read
                })
          const said: Said = { text, value }
          return { _tag: "Heard" as const, value: said, provider, model }
        }
        if (foreign && again === 1)
          return yield* new ModelError({
            code: "WrongLanguage",
            detail: `the answer is in '${Language.detect(text)}' and not in '${config.language}', twice: ${ServiceFault.quote(text)}`
          })
      }
      return { _tag: "Omitted" as const, reason: "empty" as const }
    })

/** Asks a model anything about a recording, of sound or of pictures with their sound. */
export const omniAsk = Stage.make({
  name: "omni-ask",
  version: 1,
  summary: "Asks a model anything about a recording, for words or for data by a JSON schema",
  input: { audio: either(AudioFile, VideoFile) },
  output: Answer,
  config: Config,
  error: ListenError,
  nondeterministic: true,
  takesNotes: true,
  resource: ({ provider }) => resource(provider),
  secrets: (config) => keys(config, "ask"),
  keyParts: (config) =>
    Effect.gen(function* () {
      const isVideo = yield* isLooking("audio")
      const found = yield* routes(config, isVideo ? "watch" : "ask")
      if (config.schema !== undefined) yield* AnswerSchema.compile(config.schema)
      return {
        routes: routesIdentity(found),
        window: config.window === "whole" ? "whole" : yield* windowSeconds(config.window, found, "ask"),
        prompts: [isVideo ? Prompts.videoKey(promptOf(config, true)) : promptOf(config).id, "repair@1"]
      }
    }),
  estimate: ({ seconds }, config) =>
    Effect.flatMap(isLooking("audio"), (isVideo) =>
      isVideo
        ? Estimate.ofLooking(seconds, config, "ask", promptOf(config, true))
        : Estimate.ofListening(seconds, config, "ask", () => promptOf(config))
    ),
  run: ({ audio }, config) =>
    Effect.gen(function* () {
      const found = yield* routes(config, "ask")
      const read = config.schema === undefined ? undefined : yield* AnswerSchema.compile(config.schema)
      const seconds = yield* windowSeconds(config.window, found, "ask")
      const isVideo = audio instanceof VideoFile
      const parts = isVideo ? yield* seen(audio, config, found, seconds) : yield* heard(audio, config, found, seconds)
      const ask = askWindow(config, found, read, promptOf(config, isVideo))
      const { model, provider, whole, windows } = yield* forEachWindow(parts, config, found, ask)
      const text = Timeline.join(windows.map(({ said, ...bounds }) => ({ ...bounds, text: said.text })))
      if (read === undefined) return new Answer({ text, model, provider })
      const values = windows.map(({ endSeconds, said, startSeconds }) => ({ startSeconds, endSeconds, value: said.value }))
      return new Answer({ text, value: whole ? values[0]?.value : values, model, provider })
    }).pipe(Effect.scoped),
  examples: [
    {
      title: "A question",
      with: { provider: "dashscope-intl", prompt: "What language is spoken, and what about?", language: "en" }
    },
    {
      title: "Data",
      with: {
        provider: "dashscope-intl",
        prompt: "Count the speakers and name the topic.",
        schema: {
          type: "object",
          properties: { speakers: { type: "integer" }, topic: { type: "string" } },
          required: ["speakers", "topic"]
        }
      }
    }
  ]
})
