import { Progress, Provenance, StateFolder } from "@mediaspool/core"
import { Cache, Clock, Effect, Either, Exit, type Scope } from "effect"
import { availableParallelism } from "node:os"
import * as Batcher from "./Batcher.js"
import type { Engine } from "./Engine.js"
import * as FfmpegEngine from "./ffmpeg/Engine.js"
import * as FfprobeProber from "./ffmpeg/Prober.js"
import { type AnyAnswer, finish, isFile, remove } from "./Finish.js"
import { type Inspection, toProbe } from "./Inspection.js"
import * as LibAv from "./LibAv.js"
import * as LibAvProber from "./libav/Prober.js"
import * as Location from "./Location.js"
import type { Input, Service } from "./MediaEngine.js"
import { MediaError } from "./MediaError.js"
import type { Prober } from "./Prober.js"
import * as Programs from "./Programs.js"
import { picture, sound } from "./Streams.js"
import type { Answer, Want } from "./Want.js"
import { reads } from "./Whitelist.js"
import { closes } from "./Whitelisting.js"

export interface Options {
  /** `auto`: ffmpeg where it is found, node-av where it is not. */
  readonly engine?: "auto" | "ffmpeg" | "node-av" | undefined
  /** `auto`: node-av where it is installed, ffprobe where it is not. */
  readonly prober?: "auto" | "ffprobe" | "node-av" | undefined
  /** Processes that decode at once; default: one a processor. */
  readonly slots?: number | undefined
  /** Bytes that no output may pass; default 8 GiB. */
  readonly maxBytes?: number | undefined
  /** Seconds that an input may last; default 48 hours. */
  readonly maxSeconds?: number | undefined
}

const missing = (detail: string): MediaError => new MediaError({ code: "EngineMissing", detail })

/** Short inputs to a process: starting ffmpeg costs some 50 ms, which 20 share. More gain nothing. */
const PACK = 20

/** Seconds of sound that make a process worth starting for one input alone. */
const ALONE = 120

/** An input that was probed, with what the decode must know of it. */
interface Probed {
  /** Content and place: a file that changed where it is is another input. */
  readonly id: string
  readonly path: string
  readonly inspection: Inspection
}

const idOf = ({ hash, path }: Input): string => `${hash} ${path}`

const weight = ({ inspection }: Probed): number => Math.max(1 / PACK, inspection.durationSeconds / ALONE)

/** What a want needs of the input, before anything is started for it. */
const fits = (want: Want, inspection: Inspection, maxSeconds: number): MediaError | undefined => {
  const looks = want._tag === "VideoCopy" || want._tag === "Frame"
  const stream = looks ? picture(inspection) : sound(inspection)
  if (stream === undefined)
    return looks
      ? new MediaError({ code: "NoVideo", detail: "the file has no moving picture" })
      : new MediaError({ code: "NoAudio", detail: "the file has no sound" })
  const copied = want._tag === "VideoCopy" && want.videoCodec === "copy"
  if (!copied && !reads(stream.codec))
    return new MediaError({ code: "CodecRefused", detail: `the codec ${stream.codec} is not among those that are opened` })
  return inspection.durationSeconds > maxSeconds
    ? new MediaError({ code: "TooLarge", detail: `the input lasts ${Math.round(inspection.durationSeconds)} seconds` })
    : undefined
}

/** One run of the engine over a batch. */
const run = (
  engine: Engine,
  prober: Prober,
  maxBytes: number,
  jobs: ReadonlyArray<Batcher.Job<Probed, Want>>
): Effect.Effect<Batcher.Answers<Probed, Want, AnyAnswer, MediaError>, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const unfinished = jobs.flatMap(({ wants }) =>
      wants.flatMap((want) => (isFile(want) ? [Location.unfinished(want.path)] : []))
    )
    const clear = Effect.forEach(unfinished, remove, { discard: true, concurrency: "unbounded" })
    const specs = yield* Effect.forEach(jobs, ({ input, wants }) =>
      Effect.map(Location.input(input.path), (url) => ({
        url,
        inspection: input.inspection,
        wants: wants.map((want) => (isFile(want) ? { ...want, path: Location.url(Location.unfinished(want.path)) } : want))
      }))
    )
    return yield* Effect.gen(function* () {
      const outcomes = yield* engine.run(specs, (number, seconds) => {
        const job = jobs[number]
        return job === undefined ? Effect.void : job.report(seconds, job.input.inspection.durationSeconds)
      })
      const finished = yield* Effect.forEach(
        jobs,
        ({ input, wants }, number) => {
          const outcome = outcomes[number] ?? { readings: [], complaints: 0 }
          return Effect.map(
            finish(input.inspection, wants, outcome, maxBytes, prober),
            (answers) => [input, new Map(wants.map((want, n) => [want, answers[n]]))] as const
          )
        },
        { concurrency: "unbounded" }
      )
      const found = new Map(finished)
      return (input: Probed, want: Want): Exit.Exit<AnyAnswer, MediaError> => {
        const given = found.get(input)?.get(want)
        return given === undefined
          ? Exit.fail(new MediaError({ code: "EngineFailed", detail: "the engine passed it over" }))
          : Either.match(given, { onLeft: Exit.fail, onRight: Exit.succeed })
      }
    }).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : clear)))
  }).pipe(Effect.scoped)

/** What reads media here, by the options. */
const choose = ({ engine = "auto", prober = "auto" }: Options, slots: number, maxBytes: number) =>
  Effect.gen(function* () {
    const { ffmpeg, nodeAv, setpriv } = yield* Programs.find
    const viaFfmpeg = ffmpeg !== undefined && engine !== "node-av"
    const none = "neither ffmpeg nor node-av is installed"
    const probe =
      nodeAv !== undefined && prober !== "ffprobe"
        ? yield* LibAvProber.make
        : ffmpeg?.ffprobe !== undefined && prober !== "node-av"
          ? yield* FfprobeProber.make(ffmpeg.ffprobe)
          : yield* missing(ffmpeg === undefined ? none : "ffmpeg comes without ffprobe, and node-av is not installed")
    if (viaFfmpeg) {
      const program = { path: ffmpeg.path, guard: setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"] }
      return { probe, engine: yield* FfmpegEngine.make(program, ffmpeg.version, ffmpeg.encoders, maxBytes) }
    }
    return nodeAv !== undefined && engine !== "ffmpeg"
      ? { probe, engine: yield* LibAv.make(nodeAv, slots, maxBytes) }
      : yield* missing(engine === "auto" ? none : `${engine} is asked for and not installed`)
  })

/** However short the input was: whoever waits adds media hours up. */
const wholly = ({ inspection: { durationSeconds } }: Probed) =>
  Effect.flatMap(Progress, ({ report }) => report(durationSeconds, durationSeconds))

/** Which files are probed again when asked of: as many answers as this are kept. */
const REMEMBERED = 4096

/** Failures that are everybody's: the next file would meet them too. */
const everybodys = ({ code }: MediaError): boolean => ["DiskFull", "EngineMissing", "EngineUnsafe"].includes(code)

/** An engine that refuses everything: so that a library without media work runs where nothing is installed. */
const refusing = (failure: MediaError): Service => ({
  engine: { name: "none", version: "" },
  probe: () => Effect.fail(failure),
  ask: () => Effect.fail(failure)
})

/** The service, with what is installed here. Never fails: where nothing is installed, every request does. */
export const make = (options: Options): Effect.Effect<Service, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const folder = yield* StateFolder
    const slots = options.slots ?? availableParallelism()
    const maxBytes = options.maxBytes ?? 8 * 1024 ** 3
    const maxSeconds = options.maxSeconds ?? 48 * 3600
    const { engine, probe } = yield* choose(options, slots, maxBytes)
    const seen = yield* Cache.makeWith({
      capacity: REMEMBERED,
      lookup: (id: string) => {
        const path = id.slice(id.indexOf(" ") + 1)
        return Effect.map(probe(path), (inspection): Probed => ({ id, path, inspection }))
      },
      timeToLive: (exit) => (Exit.isSuccess(exit) ? "1 hour" : "0 millis")
    })
    const made = Effect.flatMap(Provenance, (provenance) => provenance.madeWith(engine.name, engine.version))
    let proven = false
    const proof = Effect.flatMap(Effect.provideService(closes(engine), StateFolder, folder), (closed) => {
      proven = closed
      const detail = `${engine.name} ${engine.version} opened a file that a playlist named`
      return closed ? Effect.void : Effect.fail(new MediaError({ code: "EngineUnsafe", detail }))
    })
    const one = yield* Effect.makeSemaphore(1)
    /** Proven once, when there is something to decode. */
    const safe = Effect.suspend(() => (proven ? Effect.void : one.withPermits(1)(Effect.unless(proof, () => proven))))
    const ask = yield* Batcher.make<Probed, Want, AnyAnswer, MediaError>({
      slots,
      weight,
      linger: "4 millis",
      inputId: ({ id }) => id,
      wantId: (want) => JSON.stringify(want),
      everybodys,
      closed: () => new MediaError({ code: "EngineFailed", detail: "the engine was shut down" }),
      run: (jobs) => Effect.zipRight(safe, Effect.provideService(run(engine, probe, maxBytes, jobs), StateFolder, folder))
    })
    return {
      engine: { name: engine.name, version: engine.version },
      probe: (input: Input) =>
        seen.get(idOf(input)).pipe(
          Effect.tap(wholly),
          Effect.map(({ inspection }) => toProbe(inspection))
        ),
      ask: <const W extends Want>(input: Input, want: W) =>
        Effect.gen(function* () {
          const probed = yield* seen.get(idOf(input))
          const unfit = fits(want, probed.inspection, maxSeconds)
          if (unfit !== undefined) return yield* unfit
          const { report } = yield* Progress
          yield* made
          // The one cast: an answer is made from its want's own reading, which the batcher hands back as one of all.
          return (yield* Effect.zipLeft(ask(probed, want, report), wholly(probed))) as Answer<W>
        })
    }
  }).pipe(
    Effect.catchAll((failure) => Effect.succeed(refusing(failure))),
    // Processes know no other time than the real one, also where a test stops the clock.
    Effect.withClock(Clock.make())
  )
