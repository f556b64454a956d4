import { Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Caption, CaptionSegment, VideoFile } from "../kinds.js"
import { resource } from "../models/Models.js"
import * as Prompts from "../models/Prompts.js"
import { captionWindow } from "./listen/captionWindow.js"
import * as Estimate from "./listen/Estimate.js"
import { forEachWindow, ListenError } from "./listen/forEachWindow.js"
import { keys, listening, routes, routesIdentity, windowSeconds } from "./listen/ListenConfig.js"
import * as Timeline from "./listen/Timeline.js"
import { seen } from "./look/seen.js"
import { looking } from "./look/LookConfig.js"

const { minimumSeconds: _minimum, multichannel: _channels, publicUrl: _url, ...sent } = listening

const Config = Schema.Struct({
  ...sent,
  ...looking,
  sceneSeconds: Field.withDefault(
    Schema.Positive,
    5,
    "Shortest scene with a caption of its own, in seconds; shorter ones are described together"
  )
})

/** Describes a video in words, scene by scene: what is to be seen, and what is heard with it. */
export const videoCaption = Stage.make({
  name: "video-caption",
  version: 1,
  summary: "Describes a video in words, scene by scene: what is seen and what is heard",
  input: { video: VideoFile },
  output: Caption,
  config: Config,
  error: ListenError,
  nondeterministic: true,
  takesNotes: true,
  resource: ({ provider }) => resource(provider),
  secrets: (config) => keys(config, "watch"),
  keyParts: (config) =>
    Effect.gen(function* () {
      const found = yield* routes(config, "watch")
      return {
        routes: routesIdentity(found),
        prompts: [Prompts.videoCaption.id],
        window: config.window === "whole" ? "whole" : yield* windowSeconds(config.window, found, "caption")
      }
    }),
  estimate: ({ seconds }, config) => Estimate.ofLooking(seconds, config, "caption", Prompts.videoCaption),
  run: ({ video }, config) =>
    Effect.gen(function* () {
      const found = yield* routes(config, "watch")
      const seconds = yield* windowSeconds(config.window, found, "caption")
      const by = { _tag: "scene", leastSeconds: config.sceneSeconds } as const
      const parts = yield* seen(video, config, found, seconds, by)
      const { model, omitted, provider, windows } = yield* forEachWindow(
        parts,
        config,
        found,
        captionWindow(() => Prompts.videoCaption)
      )
      const segments = windows.map(
        ({ endSeconds, said, startSeconds }) => new CaptionSegment({ startSeconds, endSeconds, text: said })
      )
      return new Caption({ text: Timeline.join(segments), segments, model, provider, omitted })
    }).pipe(Effect.scoped),
  examples: [
    { title: "Each scene of five seconds or more", with: { provider: "dashscope-intl", model: "qwen3.8-omni-flash" } },
    {
      title: "A minute at a time, with few pictures",
      with: { provider: "dashscope-intl", window: 60, sceneSeconds: 60, frames: 12 }
    }
  ]
})
