import { ThreadClient } from "@mediaspool/core"
import { Deferred, Effect, Pool, type Scope } from "effect"
import { Writable } from "node:stream"
import { Worker } from "node:worker_threads"
import { MediaError } from "../MediaError.js"
import type { MeterJob } from "../../meters/WavMeterRun.js"
import type { MeteredFile, MeterOrder, MeterReply, MeterReport } from "./MeterMessage.js"

/** Threads that measure sound, one job each at a time. */
export interface MeterThreads {
  /** Gives the reports in the order of the files; short ones go to a thread together. */
  readonly measureFiles: (files: ReadonlyArray<MeteredFile>) => Effect.Effect<ReadonlyArray<MeterReport>, MediaError>
  /** Measures what is written to `sink`, which takes no more than the thread keeps up with. */
  readonly measureStream: (
    job: MeterJob
  ) => Effect.Effect<
    { readonly sink: Writable; readonly report: Effect.Effect<MeterReport, MediaError> },
    MediaError,
    Scope.Scope
  >
}

const failed = (detail: string): MediaError => new MediaError({ code: "EngineFailed", detail })

/** Megabytes for what lives briefly: the meters work in memory of their own, and a large place would only fill before it is swept. */
const YOUNG = 4

/** A thread that keeps the process alive only while somebody waits for it. */
const start: Effect.Effect<Worker, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const worker = new Worker(ThreadClient.file(import.meta.url, "meters.worker"), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG }
    })
    worker.unref()
    return worker
  }),
  (worker) => Effect.promise(() => worker.terminate())
)

/** Bytes that may be on their way to a thread. */
const AHEAD = 4 * 1024 * 1024

type Reports = ReadonlyArray<MeterReport>

/** Hears a thread until it has reported or failed. `taken` is called for each piece that it has read. */
const hear = (worker: Worker, taken: () => void): Effect.Effect<Effect.Effect<Reports, MediaError>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const reports = yield* Deferred.make<Reports, MediaError>()
    const settle = (outcome: Effect.Effect<Reports, MediaError>) => Deferred.unsafeDone(reports, outcome)
    const listener = (reply: MeterReply) => {
      if (reply.type === "taken") return taken()
      settle(
        reply.type === "measured"
          ? Effect.succeed(reply.reports)
          : Effect.fail(new MediaError({ code: reply.code, detail: `the sound can't be measured: ${reply.detail}` }))
      )
      taken()
    }
    const die = (cause: unknown) => {
      settle(Effect.fail(failed(`the thread that measures sound ended: ${String(cause)}`)))
      taken()
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        worker.ref()
        worker.on("message", listener).on("error", die).on("exit", die)
      }),
      () =>
        Effect.sync(() => {
          worker.off("message", listener).off("error", die).off("exit", die)
          worker.unref()
        })
    )
    return Deferred.await(reports)
  })

const send = (worker: Worker, order: MeterOrder, transfer: ReadonlyArray<ArrayBuffer> = []): void =>
  worker.postMessage(order, [...transfer])

/** No sound, and nothing found. */
const NOTHING: MeterReport = { measured: [], seconds: 0 }

/** Seconds of sound that are worth a thread more. */
const SHORT = 15

/** @param count threads at once; they start when needed and leave after half a minute without work */
export const make = (count: number): Effect.Effect<MeterThreads, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pool = yield* Pool.makeWithTTL({ acquire: start, min: 0, max: count, timeToLive: "30 seconds" })
    /** To measure a short sound takes half as long as to decode it: half the threads keep up, each spared saves its start and 30 MB. */
    const forShort = yield* Effect.makeSemaphore(Math.ceil(count / 2))
    /** A thread that was left in the middle of a job is no good for the next. */
    const taken = Effect.gen(function* () {
      const worker = yield* Effect.disconnect(pool.get)
      yield* Effect.addFinalizer((exit) => (exit._tag === "Success" ? Effect.void : pool.invalidate(worker)))
      return worker
    })
    const measure = (files: ReadonlyArray<MeteredFile>) =>
      Effect.gen(function* () {
        const worker = yield* taken
        const reports = yield* hear(worker, () => undefined)
        send(worker, { type: "files", files })
        const found = yield* reports
        return files.flatMap((file, n) => (found[n] === undefined ? [] : [[file, found[n]] as const]))
      }).pipe(Effect.scoped)
    return {
      measureFiles: (files) =>
        Effect.gen(function* () {
          const short = files.filter(({ job }) => job.seconds < SHORT)
          const shares = [
            ...(short.length === 0 ? [] : [forShort.withPermits(1)(measure(short))]),
            ...files.filter((file) => !short.includes(file)).map((file) => measure([file]))
          ]
          const found = new Map((yield* Effect.all(shares, { concurrency: count })).flat())
          return files.map((file) => found.get(file) ?? NOTHING)
        }),
      measureStream: (job) =>
        Effect.gen(function* () {
          const worker = yield* taken
          let ahead = 0
          let waiting: (() => void) | undefined
          const sizes: Array<number> = []
          const reports = yield* hear(worker, () => {
            ahead -= sizes.shift() ?? ahead
            const resume = waiting
            waiting = undefined
            resume?.()
          })
          const order = (size: number, order: MeterOrder, transfer?: ReadonlyArray<ArrayBuffer>) => {
            ahead += size
            sizes.push(size)
            send(worker, order, transfer)
          }
          order(0, { type: "begin", job })
          const sink = new Writable({
            // Fluent-ffmpeg gives ffmpeg 20 ms from there to its end, which on a busy machine are too few.
            emitClose: false,
            highWaterMark: 1_048_576,
            write: (chunk: Buffer, _, done) => {
              const bytes = Uint8Array.from(chunk)
              order(bytes.length, { type: "bytes", bytes }, [bytes.buffer])
              if (ahead < AHEAD) done()
              else waiting = () => done()
            },
            final: (done) => {
              send(worker, { type: "end" })
              done()
            }
          })
          return { sink, report: Effect.map(reports, ([report = NOTHING]) => report) }
        })
    }
  })
