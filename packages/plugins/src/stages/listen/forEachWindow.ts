import type { FileSystem } from "@effect/platform"
import { ArtifactError, CallHeld, Calls, type Json, Node, type Note, Progress, SecretError } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import type { AudioFile, Speech } from "../../kinds.js"
import type { MediaEngine } from "../../media/MediaEngine.js"
import { MediaError } from "../../media/MediaError.js"
import { ModelError } from "../../models/ModelError.js"
import type { ModelSpec } from "../../models/catalog/ModelSpec.js"
import type { Models } from "../../models/Models.js"
import * as Prompts from "../../models/Prompts.js"
import * as ModelCall from "../../models/ModelCall.js"
import type { Window } from "./Windows.js"
import * as AudioParts from "./AudioParts.js"
import { type Listening, type Routes, sampling } from "./ListenConfig.js"

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
const listener = (audio: AudioFile, window: Window, config: Listening, routes: Routes, note: Note | undefined): Listener => {
  const drawn = sampling(config, note)
  return {
    ask: (prompt, again, schema) =>
      ModelCall.ask({
        routes,
        identity: { audio: AudioParts.soundIdentity(audio), window: [window.startSeconds, window.endSeconds] },
        audio: AudioParts.part(audio, window, config),
        prompt: (model) => {
          const asked = prompt(model)
          return asked && Prompts.noted(asked, note?.text)
        },
        schema,
        sampling: again === 0 ? drawn : { ...drawn, seed: (drawn.seed ?? 0) + again }
      })
  }
}

/** A window of the copy in the time of the file, whose sound may begin late. */
const inFile = ({ startSeconds: late = 0 }: AudioFile, { endSeconds, startSeconds }: Window) => ({
  startSeconds: startSeconds + late,
  endSeconds: endSeconds + late
})

const nothing = (omitted: ReadonlyArray<Omitted>): ModelError => {
  const has = (reason: Omitted["reason"]) => omitted.some((one) => one.reason === reason)
  if (has("moderated"))
    return new ModelError({ code: "Moderated", detail: "the provider's moderation refused every part of it that is heard" })
  if (has("empty")) return new ModelError({ code: "EmptyAnswer", detail: "the model said nothing about any part of it" })
  return new ModelError({ code: "AudioSilent", detail: "no part of it is louder than the stage's silence threshold" })
}

/** Asks about every window that is heard, several at a time. */
export const forEachWindow = <A>(
  audio: AudioFile,
  config: Listening,
  routes: Routes,
  windowSeconds: number,
  hear: (listener: Listener) => Effect.Effect<WindowReply<A>, ListenError, Needs>,
  speech?: Speech
): Effect.Effect<WindowResults<A>, ListenError, Needs> =>
  Effect.gen(function* () {
    const windows = yield* AudioParts.windows(audio, config, routes, windowSeconds, speech)
    const progress = yield* Progress
    const { note } = yield* Node
    let done = 0
    const one = (window: Window) =>
      Effect.suspend(() =>
        window.silent
          ? Effect.succeed<WindowReply<A>>({ _tag: "Omitted", reason: "silent" })
          : hear(listener(audio, window, config, routes, note))
      ).pipe(
        Effect.tap(() => {
          done += window.endSeconds - window.startSeconds
          return progress.media(done, audio.durationSeconds)
        }),
        Effect.map((outcome) => ({ window, outcome }))
      )
    const all = yield* Calls.each(windows, one, { concurrency: config.parallel })
    const heard = all.flatMap(({ outcome, window }) => (outcome._tag === "Heard" ? [{ ...inFile(audio, window), outcome }] : []))
    const omitted = all.flatMap(({ outcome, window }) =>
      outcome._tag === "Omitted" ? [{ ...inFile(audio, window), reason: outcome.reason }] : []
    )
    const last = heard.at(-1)
    if (last === undefined) return yield* nothing(omitted)
    return {
      windows: heard.map(({ endSeconds, outcome, startSeconds }) => ({ startSeconds, endSeconds, said: outcome.value })),
      omitted,
      whole: windows.length === 1,
      model: last.outcome.model,
      provider: last.outcome.provider
    }
  })
