import { Field, maybe, Node, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { AudioFile, Caption, CaptionSegment, Speech } from "../kinds.js"
import type { ModelSpec } from "../models/catalog/ModelSpec.js"
import { resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import * as ModelCall from "../models/ModelCall.js"
import { forEachWindow, heard, ListenError } from "./listen/forEachWindow.js"
import * as Estimate from "./listen/Estimate.js"
import * as AudioParts from "./listen/AudioParts.js"
import { captionWindow } from "./listen/captionWindow.js"
import { listening, keys, routes, routesIdentity, sampling, windowSeconds } from "./listen/ListenConfig.js"
import * as Timeline from "./listen/Timeline.js"

const Config = Schema.Struct({
  ...listening,
  summary: Field.maybe(
    Schema.Struct({
      model: Field.maybe(Schema.NonEmptyString, "A chat model of the same provider; its usual one when left out"),
      words: Field.withDefault(Schema.Int.pipe(Schema.between(20, 2000)), 150, "Longest summary, in words")
    }),
    "Lets a chat model make one text of the windows' captions; without it they are put below each other with their times"
  )
})
type Config = typeof Config.Type

/** The captioner knows what to do; an omni model has to be told. */
const promptFor = ({ kind }: ModelSpec): Prompts.Prompt | undefined => (kind === "omni" ? Prompts.caption : undefined)

/** Of a usual length, to estimate what reading captions takes. */
const typicalCaption = "x".repeat(600)

const tooLong = (words: number): number => Math.ceil(words * 2)

/** One text for the whole. */
const merge = (audio: AudioFile, segments: ReadonlyArray<CaptionSegment>, config: Config) =>
  Effect.gen(function* () {
    const joined = Timeline.join(segments)
    if (config.summary === undefined || segments.length < 2) return joined
    const chat = yield* routes({ ...config, model: config.summary.model }, "chat")
    const { note } = yield* Node
    const prompt = Prompts.noted(Prompts.summary(joined, config.summary.words), note?.text)
    const { completion } = yield* ModelCall.ask({
      routes: chat,
      identity: { audio: AudioParts.soundIdentity(audio) },
      prompt: () => prompt,
      sampling: { ...sampling(config, note), maxTokens: tooLong(config.summary.words) }
    })
    // The windows' captions are paid and true; a summary that says nothing doesn't take them away.
    return completion._tag === "Said" && completion.text !== "" ? completion.text : joined
  })

/** Describes a recording in words, by listening: Qwen3-Omni-Captioner, or an omni model's own description. */
export const caption = Stage.make({
  name: "caption",
  version: 1,
  summary: "Describes a recording in words by listening, window by window",
  input: { audio: AudioFile, speech: maybe(Speech) },
  output: Caption,
  config: Config,
  error: ListenError,
  nondeterministic: true,
  takesNotes: true,
  resource: ({ provider }) => resource(provider),
  secrets: (config) => keys(config, "caption"),
  keyParts: (config) =>
    Effect.gen(function* () {
      const found = yield* routes(config, "caption")
      const chat = config.summary === undefined ? undefined : yield* routes({ ...config, model: config.summary.model }, "chat")
      return {
        routes: routesIdentity(found),
        prompts: [...new Set(found.flatMap(({ model }) => promptFor(model)?.id ?? []))],
        window: config.window === "whole" ? "whole" : yield* windowSeconds(config.window, found, "caption"),
        ...(chat === undefined ? {} : { summary: { prompt: "caption-summary@1", routes: routesIdentity(chat) } })
      }
    }),
  estimate: ({ seconds }, config) =>
    Effect.gen(function* () {
      const listened = yield* Estimate.ofListening(seconds, config, "caption", promptFor)
      const windows = listened.reduce((sum, { requests }) => sum + requests, 0)
      const { summary } = config
      if (summary === undefined || windows < 2) return listened
      const text = Array.from({ length: windows }, () => typicalCaption).join("\n")
      const asked = { ...config, model: summary.model }
      return [...listened, ...(yield* Estimate.ofReading(asked, () => Prompts.summary(text, summary.words)))]
    }),
  run: ({ audio, speech }, config) =>
    Effect.gen(function* () {
      const found = yield* routes(config, "caption")
      const seconds = yield* windowSeconds(config.window, found, "caption")
      const { model, omitted, provider, windows } = yield* forEachWindow(
        yield* heard(audio, config, found, seconds, speech),
        config,
        found,
        captionWindow(promptFor)
      )
      const segments = windows.map(
        ({ endSeconds, said, startSeconds }) => new CaptionSegment({ startSeconds, endSeconds, text: said })
      )
      return new Caption({ text: yield* merge(audio, segments, config), segments, model, provider, omitted })
    }),
  examples: [
    { title: "The usual captioner, in windows of 30 seconds", with: { provider: "dashscope-intl" } },
    {
      title: "A long recording, with one summary of it",
      with: { provider: "dashscope-cn", window: 30, summary: { words: 200 } }
    },
    { title: "Whole, up to 40 minutes in one request", with: { provider: "dashscope-intl", window: "whole" } },
    { title: "Your own server, and DashScope while it is away", with: { provider: "vllm", fallback: ["dashscope-intl"] } }
  ]
})
