import { RawPath, StateFolder } from "@mediaspool/core"
import { Effect, Exit, type Scope } from "effect"
import * as Batcher from "../Batcher.js"
import type { Inspection } from "../Inspection.js"
import { MediaError } from "../MediaError.js"
import * as MediaUrl from "../MediaUrl.js"
import { type Prober, verdict } from "../Prober.js"
import * as DecoderPool from "./DecoderPool.js"

/** Files to a message: enough that messages cost nothing, few enough that two children share a folder. */
const MESSAGE = 32

/** Files that must wait for the second child to start: it takes as long to start as to read so many, and some 35 MB. */
const TWO = 200

/** To look at some hundred files, V8's other threads take a fifth more than they save; over thousands it is the same. */
const FLAGS = ["--no-opt", "--single-threaded-gc"]

const passedOver = new MediaError({ code: "EngineFailed", detail: "the child process passed the file over" })

/** Probes through node-av in a child process, or two where there are many files: some 60 times as fast as a process a file. */
export const make: Effect.Effect<Prober, never, Scope.Scope | StateFolder> = Effect.gen(function* () {
  const folder = yield* StateFolder
  const pool = yield* DecoderPool.make(2, FLAGS)
  const ask = yield* Batcher.make<string, "inspect", Inspection, MediaError>({
    slots: 2,
    cost: () => 1 / MESSAGE,
    // The first of many don't go alone.
    maxBatchDelay: "2 millis",
    worthAnother: TWO / MESSAGE,
    // Files gather while the first child starts.
    prepare: yield* Effect.cached(pool.warm),
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
        return (path: string) => {
          const one = found.get(path)
          return one === undefined ? Exit.fail(passedOver) : verdict(one)
        }
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  })
  return (path) => Effect.flatMap(ask(path, ["inspect"]), ([found]) => (found === undefined ? passedOver : Effect.succeed(found)))
})
