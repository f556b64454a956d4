import { ThreadClient } from "@mediaspool/core"
import { Context, Effect, Layer, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import { SpeechError } from "./SpeechError.js"
import type { SpeechReply, SpeechRequest } from "./SpeechMessage.js"

/** How likely each frame of a sound is speech. */
export interface SpeechFrames {
  readonly probabilities: Float32Array
  /** Length of the sound. */
  readonly seconds: number
}

/** Seconds that a frame lasts. */
export const FRAME_SECONDS = 512 / 16_000

export interface Service {
  /** @param path mono 32-bit float samples at 16 kHz, without a header */
  readonly detect: (path: string) => Effect.Effect<SpeechFrames, SpeechError>
}

const make: Effect.Effect<Service, never, Scope.Scope> = Effect.gen(function* () {
  const ended = (cause: string) => new SpeechError({ code: "DetectionFailed", detail: `the model's thread ended: ${cause}` })
  const thread = yield* ThreadClient.make<SpeechRequest, SpeechReply, SpeechError>(
    () => new Worker(ThreadClient.file(import.meta.url, "speech.worker")),
    ended
  )
  return {
    detect: (path) =>
      Effect.flatMap(thread.ask({ path }), (reply) =>
        reply._tag === "Heard" ? Effect.succeed(reply) : new SpeechError({ code: reply.code, detail: reply.detail })
      )
  }
})

/** Runs the Silero voice activity detector in a thread of its own. */
export class SpeechDetector extends Context.Tag("@mediaspool/speech/SpeechDetector")<SpeechDetector, Service>() {
  static readonly layer: Layer.Layer<SpeechDetector> = Layer.scoped(SpeechDetector, make)
}
