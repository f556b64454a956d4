import type { FileSystem } from "@effect/platform"
import { Effect, type Scope } from "effect"
import type { VideoFile } from "../../kinds.js"
import type { MediaEngine } from "../../media/MediaEngine.js"
import type { MediaError } from "../../media/MediaError.js"
import { ModelError } from "../../models/ModelError.js"
import type { Part } from "../listen/forEachWindow.js"
import type { Listening, Routes } from "../listen/ListenConfig.js"
import * as VideoParts from "./VideoParts.js"
import type { Planning } from "./VideoWindows.js"
import { mostFrames, type Looking } from "./LookConfig.js"

/** The windows of a video, with its pictures and its sound. */
export const seen = (
  video: VideoFile,
  config: Pick<Listening, "window" | "silence"> & Looking,
  routes: Routes,
  windowSeconds: number,
  by: Planning["by"] = { _tag: "fewest" }
): Effect.Effect<ReadonlyArray<Part>, MediaError | ModelError, MediaEngine | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const plan = yield* VideoParts.plan(video, config, routes, windowSeconds, by)
    if (video.durationSeconds * plan.rate <= 1)
      return yield* new ModelError({
        code: "VideoTooShort",
        detail: `its ${video.durationSeconds.toFixed(2)} s give one picture`
      })
    const film = yield* VideoParts.film(video, plan, config)
    return plan.windows.map((window): Part => {
      const { audio, pictures } = VideoParts.parts(video, plan, window, config, film)
      return {
        startSeconds: window.startSeconds,
        endSeconds: window.endSeconds,
        isBlank: audio === undefined && pictures === undefined,
        question: {
          identity: {
            video: VideoParts.videoIdentity(video),
            window: [window.startSeconds, window.endSeconds],
            frames: { rate: plan.rate, most: mostFrames(config, routes), size: config.frameSize, as: config.pictures }
          },
          ...(audio === undefined ? {} : { audio }),
          ...(pictures === undefined ? {} : { pictures })
        }
      }
    })
  })
