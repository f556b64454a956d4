import { FileSystem } from "@effect/platform"
import { Calls, type Json, Progress, StateFolder } from "@mediaspool/core"
import { Effect, Option, Schema, type Scope } from "effect"
import type { AudioFile, Speech } from "../../kinds.js"
import { MediaEngine } from "../../media/MediaEngine.js"
import type { MediaError } from "../../media/MediaError.js"
import * as AudioInput from "../../models/AudioInput.js"
import { ModelError } from "../../models/ModelError.js"
import { Models, type Route } from "../../models/Models.js"
import type { Audio } from "../../models/ModelCall.js"
import { infrasound, RUMBLE } from "./infrasound.js"
import * as Windows from "./Windows.js"
import type { AudioPart } from "../../models/client/RequestBody.js"
import type { Listening, Routes } from "./ListenConfig.js"

/**
 * The sound in call keys: the result that it belongs to, never its bytes or its place. A result whose channels are mixed in another way
 * than before is another sound.
 */
export const soundIdentity = ({ file, mix }: AudioFile): { readonly [key: string]: Json } => ({
  key: file.key,
  slot: file.slot,
  ...(mix === undefined ? {} : { mix })
})

/** A sound in a file, alone or with pictures. */
export type Sounding = Pick<AudioFile, "file" | "container" | "codec" | "durationSeconds"> & { readonly channels?: number }

const soundOf = ({ codec, container, durationSeconds, file }: Sounding): AudioInput.Sound => ({
  container,
  codec,
  bytes: file.size,
  seconds: durationSeconds
})

/** Where nobody speaks, in the time of the copy, whose sound may begin late in the file. */
const pausesOf = ({ durationSeconds, startSeconds: late = 0 }: AudioFile, { spans }: Speech): ReadonlyArray<Windows.Span> => {
  const bounds = [
    0,
    ...spans.flatMap(({ endSeconds, startSeconds }) => [startSeconds - late, endSeconds - late]),
    durationSeconds
  ]
  return bounds.flatMap((startSeconds, n) => {
    const endSeconds = bounds[n + 1]
    return n % 2 === 0 && endSeconds !== undefined && endSeconds > startSeconds ? [{ startSeconds, endSeconds }] : []
  })
}

const Plan = Schema.parseJson(Schema.Array(Windows.Window))

/** dBFS of `silence` below which a copy in which nothing is heard is listened to all the same. */
const INAUDIBLE = -60

/** Pauses shorter than this are part of speech. */
const shortestPause = 0.3

/** Progress counts what was asked, not what was cut. */
export const quietly = Effect.provideService(Progress, { report: () => Effect.void, media: () => Effect.void })

/**
 * The windows of a sound: decided once, so that every call that rests on them is found again, whatever engine measures the silences
 * the next time. Stages with the same settings share them.
 */
export const windows = (
  audio: AudioFile,
  config: Listening,
  routes: Routes,
  seconds: number,
  speech?: Speech
): Effect.Effect<ReadonlyArray<Windows.Window>, MediaError | ModelError, MediaEngine> =>
  Effect.gen(function* () {
    const { durationSeconds } = audio
    if (durationSeconds < config.minimumSeconds)
      return yield* new ModelError({
        code: "AudioTooShort",
        detail: `${durationSeconds.toFixed(2)} s is ${(config.minimumSeconds - durationSeconds).toFixed(2)} s less than the stage's minimumSeconds of ${config.minimumSeconds}`
      })
    if (audio.inaudible !== undefined && config.silence >= INAUDIBLE)
      return yield* new ModelError({ code: "AudioSilent", detail: audio.inaudible })
    // What can't be sent in one piece is refused before it is looked at.
    if (config.window === "whole" && config.publicUrl === undefined)
      yield* AudioInput.way(routes[0].provider, routes[0].model, soundOf(audio), false)
    const engine = yield* MediaEngine
    const calls = yield* Calls
    const decide = Effect.gen(function* () {
      const {
        bands: [band],
        silences
      } = yield* engine.askAll(audio.file, {
        silences: { _tag: "Silences", threshold: config.silence, minimumSeconds: shortestPause },
        bands: { _tag: "Bands", edges: [RUMBLE] }
      })
      const unheard = band === undefined || config.silence < INAUDIBLE ? undefined : infrasound(band)
      if (unheard !== undefined) return yield* new ModelError({ code: "AudioSilent", detail: unheard })
      const windowSeconds = config.window === "whole" ? Math.max(seconds, durationSeconds) : seconds
      return yield* Effect.orDie(
        Schema.encode(Plan)(
          Windows.plan({
            durationSeconds,
            windowSeconds,
            silences,
            pauses: speech === undefined ? undefined : pausesOf(audio, speech)
          })
        )
      )
    }).pipe(quietly)
    const decided = yield* calls.decide(
      {
        decision: "windows@1",
        audio: soundIdentity(audio),
        window: config.window === "whole" ? "whole" : seconds,
        silence: config.silence,
        ...(speech === undefined
          ? {}
          : { speech: speech.spans.map(({ endSeconds, startSeconds }): Json => [startSeconds, endSeconds]) })
      },
      decide
    )
    // Committed by us; unreadable, it is as good as lost, and made again it would be the same.
    return yield* Schema.decode(Plan)(decided).pipe(
      Effect.orElse(() => Effect.flatMap(decide, Schema.decode(Plan))),
      Effect.catchTag("ParseError", Effect.die)
    )
  })

/** A folder for a part while it is sent. */
export const folder = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const state = yield* Effect.serviceOption(StateFolder)
  return yield* files
    .makeTempDirectoryScoped({
      prefix: "listen-",
      ...Option.match(state, { onNone: () => ({}), onSome: ({ temporary }) => ({ directory: temporary }) })
    })
    .pipe(
      Effect.mapError((cause) => new ModelError({ code: "AudioUnreadable", detail: `no folder for the copy: ${cause.message}` }))
    )
})

const isWhole = (audio: Sounding, window: Windows.Span): boolean =>
  window.startSeconds === 0 && window.endSeconds >= audio.durationSeconds - 0.001

const publicUrl = (template: string, { container, file }: Sounding): string =>
  template
    .replaceAll("{hash}", encodeURIComponent(file.hash))
    .replaceAll("{key}", encodeURIComponent(file.key))
    .replaceAll("{slot}", encodeURIComponent(file.slot))
    .replaceAll("{extension}", encodeURIComponent(container))

type Needs = MediaEngine | FileSystem.FileSystem | Models | Scope.Scope

/** A window of a sound, made to fit when it is sent: as it is, cut, in another format, or through the provider's upload. */
export const part = (
  audio: Sounding,
  window: Windows.Span,
  config: Partial<Pick<Listening, "publicUrl" | "multichannel">>
): Audio<ModelError | MediaError, Needs> => {
  const whole = isWhole(audio, window)
  const seconds = whole ? audio.durationSeconds : window.endSeconds - window.startSeconds
  const bytes = Math.ceil((audio.file.size * seconds) / Math.max(seconds, audio.durationSeconds))
  const channels = config.multichannel === true ? audio.channels : undefined
  const sound = { ...soundOf(audio), bytes, seconds, channels }
  const mark = (part: AudioPart): AudioPart => (channels === undefined ? part : { ...part, isMultichannel: true })
  return {
    seconds,
    bytes: Math.min(bytes * 1.34, 12e6),
    part: ({ model, provider }: Route): Effect.Effect<AudioPart, ModelError | MediaError, Needs> =>
      Effect.gen(function* () {
        if (whole && config.publicUrl !== undefined)
          return mark({ url: publicUrl(config.publicUrl, audio), format: audio.container })
        const { by, encoding } = yield* AudioInput.way(provider, model, sound, !whole)
        const made =
          encoding === undefined
            ? { path: audio.file.path, size: audio.file.size, container: audio.container }
            : yield* copy(audio, encoding, whole ? undefined : window)
        if (by === "data") return mark(yield* AudioInput.read(made.path, made.container, model, seconds))
        const models = yield* Models
        // The account is open already; a secret that went missing meanwhile is reported by the request itself.
        const account = yield* Effect.orDie(models.account(provider))
        const url = yield* account.upload(model, { path: made.path, size: made.size, format: made.container })
        return mark({ url, format: made.container })
      })
  }
}

const copy = (audio: Sounding, { bitRate, ...encoding }: AudioInput.Encoding, window: Windows.Span | undefined) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = `${yield* folder}/part.${encoding.container}`
    const written = yield* quietly(
      engine.ask(audio.file, {
        _tag: "AudioCopy",
        path,
        ...encoding,
        ...(bitRate === undefined ? {} : { bitRate }),
        ...(window === undefined
          ? {}
          : { cut: { startSeconds: window.startSeconds, durationSeconds: window.endSeconds - window.startSeconds } })
      })
    )
    return { path, size: written.size, container: encoding.container }
  })
