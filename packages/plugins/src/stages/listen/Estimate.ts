import { type Stage, Usage } from "@mediaspool/core"
import { Effect } from "effect"
import type { Task } from "../../models/catalog/ModelCatalog.js"
import type { ModelSpec } from "../../models/catalog/ModelSpec.js"
import * as Price from "../../models/catalog/Price.js"
import * as ModelCall from "../../models/ModelCall.js"
import type { ModelError } from "../../models/ModelError.js"
import type { Models, Route } from "../../models/Models.js"
import type { Prompt } from "../../models/Prompts.js"
import { type Asking, type Listening, routes, windowSeconds } from "./ListenConfig.js"
import { mostFrames, rateOf, type Looking } from "../look/LookConfig.js"
import * as Windows from "./Windows.js"

type PromptOf = (model: ModelSpec) => Prompt | undefined

/**
 * Requests to one model, one for each length.
 *
 * @param lengths seconds of audio; `undefined` for a request without
 * @param rate pictures of a second; 0 without
 */
const calls = (
  { model, provider }: Route,
  lengths: ReadonlyArray<number | undefined>,
  prompt: PromptOf,
  rate = 0
): ReadonlyArray<Stage.CallEstimate> => {
  const usages = lengths.map((seconds = 0) =>
    ModelCall.expected(model, seconds === 0 ? undefined : seconds, prompt(model), Math.ceil(seconds * rate))
  )
  const sum = (field: "inputTokens" | "outputTokens" | "audioTokens" | "pictureTokens") =>
    usages.reduce((tokens, usage) => tokens + (usage[field] ?? 0), 0)
  const { price } = model
  return [
    {
      account: provider.name,
      model: model.name,
      requests: usages.length,
      usage: new Usage({
        inputTokens: sum("inputTokens"),
        outputTokens: sum("outputTokens"),
        audioTokens: sum("audioTokens"),
        pictureTokens: sum("pictureTokens")
      }),
      price: price && ((usage) => Price.of(price, usage)),
      requestsPerMinute: provider.rpm
    }
  ]
}

/** What listening to a file takes: a request a window. Silences, which may save some, aren't known yet. */
export const ofListening = (
  seconds: number,
  config: Listening,
  task: Exclude<Task, "watch" | "chat" | "embed">,
  prompt: PromptOf
): Effect.Effect<ReadonlyArray<Stage.CallEstimate>, ModelError, Models> =>
  Effect.gen(function* () {
    const found = yield* routes(config, task)
    const size = yield* windowSeconds(config.window, found, task)
    const windows = Windows.plan({ durationSeconds: seconds, windowSeconds: size, silences: [] })
    return calls(
      found[0],
      windows.map(({ endSeconds, startSeconds }) => endSeconds - startSeconds),
      prompt
    )
  })

/** What looking at a video takes: a request a window. Where its scenes end isn't known yet. */
export const ofLooking = (
  seconds: number,
  config: Asking & Pick<Listening, "window"> & Looking,
  task: "caption" | "tags" | "ask",
  prompt: Prompt
): Effect.Effect<ReadonlyArray<Stage.CallEstimate>, ModelError, Models> =>
  Effect.gen(function* () {
    const found = yield* routes(config, "watch")
    const size = yield* windowSeconds(config.window, found, task)
    const count = Math.max(1, Math.ceil(seconds / size))
    const lengths = Array.from({ length: count }, () => seconds / count)
    const rate = rateOf(mostFrames(config, found), Math.min(size, seconds))
    return calls(found[0], lengths, () => prompt, rate)
  })

/** What one question without audio takes. */
export const ofReading = (
  config: Asking,
  prompt: PromptOf
): Effect.Effect<ReadonlyArray<Stage.CallEstimate>, ModelError, Models> =>
  Effect.map(routes(config, "chat"), ([route]) => calls(route, [undefined], prompt))
