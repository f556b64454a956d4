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

/** The program of the thread: JavaScript from `dist`, also where this module is read from `src`. */
const program = (): URL => {
  const file = new URL("./speech.worker.js", import.meta.url)
  return import.meta.url.endsWith(".ts") ? new URL(file.href.replace(/\/src\/(?!.*\/src\/)/, "/dist/")) : file
}

type Resume = (frames: Effect.Effect<SpeechFrames, SpeechError>) => void

/** The thread and those who wait for it. It starts with the first question, and keeps the process alive only while somebody waits. */
const make: Effect.Effect<Service, never, Scope.Scope> = Effect.gen(function* () {
  const open = new Map<number, Resume>()
  let worker: Worker | undefined
  let tickets = 0
  yield* Effect.addFinalizer(() => Effect.promise(async () => void (await worker?.terminate())))

  const settle = (ticket: number, frames: Effect.Effect<SpeechFrames, SpeechError>) => {
    const resume = open.get(ticket)
    open.delete(ticket)
    if (open.size === 0) worker?.unref()
    resume?.(frames)
  }
  const die = (cause: unknown) => {
    worker = undefined
    const failure = new SpeechError({ code: "DetectionFailed", detail: `the model's thread ended: ${String(cause)}` })
    for (const ticket of [...open.keys()]) settle(ticket, Effect.fail(failure))
  }
  const started = (): Worker => {
    const thread = new Worker(program())
    thread.on("message", (reply: SpeechReply) =>
      settle(
        reply.ticket,
        reply._tag === "Heard"
          ? Effect.succeed({ probabilities: reply.probabilities, seconds: reply.seconds })
          : Effect.fail(new SpeechError({ code: reply.code, detail: reply.detail }))
      )
    )
    thread.on("error", die)
    thread.on("exit", (code) => die(`exit code ${code}`))
    return thread
  }
  return {
    detect: (path) =>
      Effect.async<SpeechFrames, SpeechError>((resume) => {
        const ticket = tickets++
        worker ??= started()
        open.set(ticket, resume)
        worker.ref()
        worker.postMessage({ ticket, path } satisfies SpeechRequest)
        return Effect.sync(() => settle(ticket, Effect.interrupt))
      })
  }
})

/** Runs the Silero voice activity detector in a thread of its own. */
export class SpeechDetector extends Context.Tag("@mediaspool/speech/SpeechDetector")<SpeechDetector, Service>() {
  static readonly layer: Layer.Layer<SpeechDetector> = Layer.scoped(SpeechDetector, make)
}
