import { FileSystem } from "@effect/platform"
import { Calls, type Json } from "@mediaspool/core"
import { Effect, Schema, Scope } from "effect"
import type { VideoFile } from "../../kinds.js"
import { MediaEngine } from "../../media/MediaEngine.js"
import type { MediaError } from "../../media/MediaError.js"
import type { WrittenStills } from "../../media/requests/stills.js"
import type { Audio, Pictures } from "../../models/ModelCall.js"
import { ModelError } from "../../models/ModelError.js"
import type { Models, Route } from "../../models/Models.js"
import * as AudioParts from "../listen/AudioParts.js"
import type { Listening, Routes } from "../listen/ListenConfig.js"
import * as SceneCuts from "./SceneCuts.js"
import * as VideoWindows from "./VideoWindows.js"
import { mostFrames, rateOf, sighted, type Looking } from "./LookConfig.js"

const { folder, quietly } = AudioParts

/** The video in call keys: the result that it belongs to, never its bytes or its place. */
export const videoIdentity = ({ file }: VideoFile): { readonly [key: string]: Json } => ({ key: file.key, slot: file.slot })

/** What is decided once about a video, so that every call that rests on it is found again. */
const Plan = Schema.Struct({
  windows: Schema.Array(VideoWindows.VideoWindow),
  /** Pictures a second. */
  rate: Schema.Positive,
  /** Where nothing is to be seen: pictures from there aren't sent. */
  black: Schema.Array(Schema.Struct({ startSeconds: Schema.NonNegative, endSeconds: Schema.NonNegative }))
})
export type Plan = typeof Plan.Type
const Stored = Schema.parseJson(Plan)

/** Pauses shorter than this are part of what is heard. */
const shortestPause = 0.3

const tooLong = ({ durationSeconds }: VideoFile, [{ model, provider }]: Routes): ModelError | undefined => {
  const most = Math.min(model.video?.maxSeconds ?? Infinity, model.audio?.maxSeconds ?? Infinity)
  return durationSeconds <= most
    ? undefined
    : new ModelError({
        code: "VideoTooLong",
        detail: `${Math.round(durationSeconds)} s of video are more than the ${most} s that '${model.name}' takes at once from '${provider.name}'`
      })
}

/** Cuts a video into windows where its picture changes, and chooses how often it is looked at. */
export const plan = (
  video: VideoFile,
  config: Pick<Listening, "window" | "silence"> & Looking,
  routes: Routes,
  seconds: number,
  by: VideoWindows.Planning["by"]
): Effect.Effect<Plan, MediaError | ModelError, MediaEngine | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    yield* sighted(routes)
    const { audioCodec, durationSeconds, file } = video
    const long = config.window === "whole" ? tooLong(video, routes) : undefined
    if (long !== undefined) return yield* long
    const windowSeconds = config.window === "whole" ? durationSeconds : Math.min(seconds, durationSeconds)
    const rate = rateOf(mostFrames(config, routes), windowSeconds)
    const engine = yield* MediaEngine
    const calls = yield* Calls
    const decide = Effect.gen(function* () {
      const looked = Effect.scoped(Effect.flatMap(folder, (path) => SceneCuts.scenes(file, `${path}/small.rgb`, SceneCuts.usual)))
      const heard =
        audioCodec === undefined
          ? Effect.succeed(undefined)
          : engine.ask(file, { _tag: "Silences", threshold: config.silence, minimumSeconds: shortestPause })
      const [scenes, silences] = yield* Effect.all([looked, heard], { concurrency: "unbounded" })
      const windows = VideoWindows.plan({ durationSeconds, windowSeconds, scenes, silences, by })
      const black = scenes.filter(({ isBlack }) => isBlack)
      return yield* Effect.orDie(Schema.encode(Stored)({ windows, rate, black }))
    }).pipe(quietly)
    const decided = yield* calls.decide(
      {
        decision: "video-windows@1",
        video: videoIdentity(video),
        window: config.window === "whole" ? "whole" : seconds,
        silence: config.silence,
        rate,
        by: { ...by }
      },
      decide
    )
    // Committed by us; unreadable, it is as good as lost, and made again it would be the same.
    const plan = yield* Schema.decode(Stored)(decided).pipe(
      Effect.orElse(() => Effect.flatMap(decide, Schema.decode(Stored))),
      Effect.catchTag("ParseError", Effect.die)
    )
    return plan
  })

type Needs = MediaEngine | FileSystem.FileSystem
type Fails = ModelError | MediaError

/** All the pictures of a video that may be sent, in one file. */
interface Film extends WrittenStills {
  readonly path: string
}

/** Takes the pictures of a video, in one decode; asked for only when one of them is sent. */
export const film = (
  video: VideoFile,
  { rate }: Plan,
  { frameSize }: Looking
): Effect.Effect<Effect.Effect<Film, Fails, Needs>, never, Scope.Scope | Needs> =>
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.cached(
      Effect.gen(function* () {
        const engine = yield* MediaEngine
        const path = `${yield* folder}/stills.mjpeg`
        const written = yield* quietly(engine.ask(video.file, { _tag: "Stills", path, rate, size: frameSize }))
        return { path, ...written }
      }).pipe(Scope.extend(scope))
    )
  )

const unreadable = (cause: unknown) =>
  new ModelError({ code: "AudioUnreadable", detail: `the pictures to be sent can't be read: ${String(cause)}` })

const tooLarge = ({ model }: Route, bytes: number) =>
  new ModelError({
    code: "VideoTooLarge",
    detail: `the pictures came out as ${(bytes / 1e6).toFixed(1)} MB of base64, more than '${model.name}' takes in a request`
  })

/** The pictures of a window that show something: their numbers in the film. */
const shown = ({ black, rate }: Plan, { endSeconds, startSeconds }: VideoWindows.VideoWindow): ReadonlyArray<number> => {
  const first = Math.ceil(startSeconds * rate - 1e-6)
  const count = Math.max(0, Math.ceil(endSeconds * rate - 1e-6) - first)
  return Array.from({ length: count }, (_, n) => first + n).filter(
    (n) => !black.some((span) => n / rate >= span.startSeconds && n / rate < span.endSeconds)
  )
}

const dataUrl = (type: string, bytes: Buffer): string => `data:${type};base64,${bytes.toString("base64")}`

/** A picture's data URL, about: 448 pixels make some 20 kB. */
const usualBytes = ({ frameSize }: Looking): number => Math.ceil(0.14 * frameSize ** 2)

const framesPart = (route: Route, film: Effect.Effect<Film, Fails, Needs>, numbers: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const { path, stills } = yield* film
    const files = yield* FileSystem.FileSystem
    const bytes = Buffer.from(yield* Effect.mapError(files.readFile(path), unreadable))
    const last = stills.length - 1
    const urls = numbers.flatMap((n) => {
      const still = stills[Math.min(n, last)]
      return still === undefined ? [] : [dataUrl("image/jpeg", bytes.subarray(still.offset, still.offset + still.bytes))]
    })
    const size = urls.reduce((sum, url) => sum + url.length, 0)
    if (size >= (route.model.audio?.maxBase64Bytes ?? Infinity)) return yield* tooLarge(route, size)
    // A single picture makes no video for a model.
    return { _tag: "Frames" as const, urls: urls.length === 1 ? [...urls, ...urls] : urls }
  })

/** Lines of a small video: what a model looks at is not larger. */
const LINES = 360

const filePart = (route: Route, video: VideoFile, { endSeconds, startSeconds }: VideoWindows.VideoWindow) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const files = yield* FileSystem.FileSystem
    const path = `${yield* folder}/part.mp4`
    yield* quietly(
      engine.ask(video.file, {
        _tag: "VideoCopy",
        path,
        container: "mp4",
        videoCodec: "h264",
        audioCodec: "aac",
        maxHeight: LINES,
        quality: 28,
        cut: { startSeconds, durationSeconds: endSeconds - startSeconds }
      })
    )
    const url = dataUrl("video/mp4", Buffer.from(yield* Effect.mapError(files.readFile(path), unreadable)))
    if (url.length >= (route.model.audio?.maxBase64Bytes ?? Infinity)) return yield* tooLarge(route, url.length)
    return { _tag: "File" as const, url }
  }).pipe(Effect.scoped)

/** What of a window goes into a request: pictures, sound, or both. */
export interface WindowParts {
  readonly audio?: Audio<Fails, Needs | Models | Scope.Scope>
  readonly pictures?: (route: Route) => Pictures<Fails, Needs>
}

/** What is to be seen and heard of a window, made when it is sent: nothing that is black, and no silence. */
export const parts = (
  video: VideoFile,
  plan: Plan,
  window: VideoWindows.VideoWindow,
  config: Looking,
  film: Effect.Effect<Film, Fails, Needs>
): WindowParts => {
  const seconds = window.endSeconds - window.startSeconds
  const numbers = shown(plan, window)
  const pictures = (route: Route): Pictures<Fails, Needs> => {
    const { sound = "beside", maxSeconds = 0 } = route.model.video ?? {}
    const fits = window.isHeard && seconds <= maxSeconds
    const isFile = fits && (config.pictures === "file" || (config.pictures === "auto" && sound === "inside"))
    return {
      frames: numbers.length,
      bytes: numbers.length * usualBytes(config),
      soundSeconds: isFile ? seconds : 0,
      isAlone: isFile || sound === "inside",
      part: isFile ? filePart(route, video, window) : framesPart(route, film, numbers)
    }
  }
  return {
    ...(window.isSeen && numbers.length > 0 ? { pictures } : {}),
    ...(window.isHeard
      ? {
          audio: AudioParts.part(
            {
              file: video.file,
              container: video.container,
              codec: video.audioCodec ?? "",
              durationSeconds: video.durationSeconds
            },
            window,
            {}
          )
        }
      : {})
  }
}
