import { RawPath, StateFolder } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import * as Batcher from "../Batcher.js"
import type { Inspection } from "../Inspection.js"
import { MediaError } from "../MediaError.js"
import * as MediaUrl from "../MediaUrl.js"
import { type Prober, verdict } from "../Prober.js"
import * as DecoderPool from "./DecoderPool.js"

/** Files to a message: enough that messages cost nothing, few enough that two children share a small folder. */
const MESSAGE = 32

/** Probes through node-av in two child processes: some 60 times as fast as a process a file. */
export const make: Effect.Effect<Prober, never, Scope.Scope | StateFolder> = Effect.gen(function* () {
  const folder = yield* StateFolder
  const pool = yield* DecoderPool.make(2)
  const ask = yield* Batcher.make<string, "inspect", Inspection, MediaError>({
    slots: 2,
    cost: () => 1 / MESSAGE,
    // The first of many don't go alone.
    maxBatchDelay: "2 millis",
    inputId: (path) => path,
    requestId: (request) => request,
    isSystemic: ({ code }) => code === "EngineMissing",
    closed: () => new MediaError({ code: "EngineFailed", detail: "the engine was shut down" }),
    run: (jobs) =>
      Effect.gen(function* () {
        const paths = jobs.map(({ input }) => input)
        const files = yield* Effect.forEach(paths, (path) =>
          Effect.map(MediaUrl.input(path), (url) => ({ path: RawPath.toBytes(path).toString("base64"), url }))
        )
        const results = yield* pool.call({ type: "inspect", files }, "60 seconds", (reply) =>
          reply.type === "inspected" ? reply.results : undefined
        )
        const found = new Map(paths.map((path, n) => [path, results[n]]))
        return (path: string) =>
          verdict(found.get(path) ?? { refusal: "EngineFailed", detail: "the child process passed the file over" })
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  })
  return (path) => ask(path, "inspect")
})
