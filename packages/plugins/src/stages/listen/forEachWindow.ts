import type { FileSystem } from "@effect/platform"
import { ArtifactError, CallHeld, Calls, type Json, Node, type Note, Progress, SecretError } from "@mediaspool/core"
import { Effect, Schema, type Scope } from "effect"
import type { AudioFile, Speech } from "../../kinds.js"
import type { MediaEngine } from "../../media/MediaEngine.js"
import { MediaError } from "../../media/MediaError.js"
import { ModelError } from "../../models/ModelError.js"
import type { ModelSpec } from "../../models/catalog/ModelSpec.js"
import type { Models } from "../../models/Models.js"
import * as Prompts from "../../models/Prompts.js"
import * as ModelCall from "../../models/ModelCall.js"
import * as AudioParts from "./AudioParts.js"
import { type Asking, type Listening, type Routes, sampling } from "./ListenConfig.js"

/** Everything that can go wrong when a model listens. */
export const ListenError = Schema.Union(ModelError, MediaError, CallHeld, SecretError, ArtifactError)
export type ListenError = typeof ListenError.Type

/** What was said of a window. */
export interface WindowResult<A> {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly said: A
}

export interface Omitted {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly reason: "silent" | "moderated" | "empty"
}

/** What was said of a sound, window by window. */
export interface WindowResults<A> {
  readonly windows: ReadonlyArray<WindowResult<A>>
  readonly omitted: ReadonlyArray<Omitted>
  /** The windows cover the sound in one piece. */
  readonly whole: boolean
  /** Who answered; the last, should several have. */
  readonly model: string
  readonly provider: string
}

/** What a stage makes of one window. */
export type WindowReply<A> =
  | { readonly _tag: "Heard"; readonly value: A; readonly provider: string; readonly model: string }
  | { readonly _tag: "Omitted"; readonly reason: Omitted["reason"] }

type Needs = Models | MediaEngine | FileSystem.FileSystem

/** How a stage asks about a window: with a prompt by model, and with another seed when it asks again. */
export interface Listener {
  readonly ask: (
    prompt: (model: ModelSpec) => Prompts.Prompt | undefined,
    again: number,
    schema?: Json
  ) => Effect.Effect<ModelCall.ModelReply, ListenError, Needs>
}

/** Asks about one window. The second time another seed is drawn from, so that it is another call with another answer. */
const listener = ({ question }: Part, config: Asking, routes: Routes, note: Note | undefined): Listener => {
  const drawn = sampling(config, note)
  return {
    ask: (prompt, again, schema) =>
      ModelCall.ask({
        ...question,
        routes,
        prompt: (model) => {
          const asked = prompt(model)
          return asked && Prompts.noted(asked, note?.text)
        },
        schema,
        sampling: again === 0 ? drawn : { ...drawn, seed: (drawn.seed ?? 0) + again }
      })
  }
}

type Question = ModelCall.ModelCall<ModelError | MediaError, MediaEngine | FileSystem.FileSystem | Models | Scope.Scope>

/** A window of a recording, and what of it goes into a request. */
export interface Part {
  /** In the time of the file. */
  readonly startSeconds: number
  readonly endSeconds: number
  /** Nothing is in it, so it isn't sent. */
  readonly isBlank: boolean
  readonly question: Pick<Question, "identity" | "audio" | "pictures">
}

/** The windows of a sound. Those of a copy are in the time of the file, whose sound may begin late. */
export const heard = (
  audio: AudioFile,
  config: Listening,
  routes: Routes,
  windowSeconds: number,
  speech?: Speech
): Effect.Effect<ReadonlyArray<Part>, MediaError | ModelError, MediaEngine> =>
  Effect.map(AudioParts.windows(audio, config, routes, windowSeconds, speech), (windows) =>
    windows.map((window): Part => {
      const { endSeconds, silent, startSeconds } = window
      const { startSeconds: late = 0 } = audio
      return {
        startSeconds: startSeconds + late,
        endSeconds: endSeconds + late,
        isBlank: silent,
        question: {
          identity: {
            audio: AudioParts.soundIdentity(audio),
            window: [startSeconds, endSeconds],
            ...(config.multichannel ? { multichannel: true } : {})
          },
          audio: AudioParts.part(audio, window, config)
        }
      }
    })
  )

const nothing = (omitted: ReadonlyArray<Omitted>, isVideo: boolean): ModelError => {
  const has = (reason: Omitted["reason"]) => omitted.some((one) => one.reason === reason)
  if (has("moderated"))
    return new ModelError({ code: "Moderated", detail: "the provider's moderation refused every part of it that is heard" })
  if (has("empty")) return new ModelError({ code: "EmptyAnswer", detail: "the model said nothing about any part of it" })
  if (isVideo)
    return new ModelError({ code: "VideoBlank", detail: "no part of it shows anything, or is louder than the silence threshold" })
  return new ModelError({ code: "AudioSilent", detail: "no part of it is louder than the stage's silence threshold" })
}

/** Asks about every window in which there is something, several at a time. */
export const forEachWindow = <A>(
  parts: ReadonlyArray<Part>,
  config: Asking & Pick<Listening, "parallel">,
  routes: Routes,
  hear: (listener: Listener) => Effect.Effect<WindowReply<A>, ListenError, Needs>
): Effect.Effect<WindowResults<A>, ListenError, Needs> =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const { note } = yield* Node
    const seconds = parts.reduce((sum, { endSeconds, startSeconds }) => sum + endSeconds - startSeconds, 0)
    let done = 0
    const one = (part: Part) =>
      Effect.suspend(() =>
        part.isBlank
          ? Effect.succeed<WindowReply<A>>({ _tag: "Omitted", reason: "silent" })
          : hear(listener(part, config, routes, note))
      ).pipe(
        Effect.tap(() => {
          done += part.endSeconds - part.startSeconds
          return progress.media(done, seconds)
        }),
        Effect.map((outcome) => ({ part, outcome }))
      )
    const all = yield* Calls.each(parts, one, { concurrency: config.parallel })
    const heard = all.flatMap(({ outcome, part: { endSeconds, startSeconds } }) =>
      outcome._tag === "Heard" ? [{ startSeconds, endSeconds, outcome }] : []
    )
    const omitted = all.flatMap(({ outcome, part: { endSeconds, startSeconds } }) =>
      outcome._tag === "Omitted" ? [{ startSeconds, endSeconds, reason: outcome.reason }] : []
    )
    const last = heard.at(-1)
    if (last === undefined)
      return yield* nothing(
        omitted,
        parts.some(({ question }) => "video" in question.identity)
      )
    return {
      windows: heard.map(({ endSeconds, outcome, startSeconds }) => ({ startSeconds, endSeconds, said: outcome.value })),
      omitted,
      whole: parts.length === 1,
      model: last.outcome.model,
      provider: last.outcome.provider
    }
  })
