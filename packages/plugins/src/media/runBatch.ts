import type { StateFolder } from "@mediaspool/core"
import { Effect, Either, Exit } from "effect"
import type { Answers, Job } from "./Batcher.js"
import type { Engine } from "./Engine.js"
import type { InputJob } from "./InputJob.js"
import type { Inspection } from "./Inspection.js"
import { isJoined } from "./Joined.js"
import type { JobOutcome } from "./JobOutcome.js"
import { MediaError } from "./MediaError.js"
import { type AnyMediaResult, isFileRequest, type MediaRequest, trackOf } from "./MediaRequest.js"
import * as MediaUrl from "./MediaUrl.js"
import type { Prober } from "./Prober.js"
import { picture, sound } from "./Streams.js"
import { TOLERANCE } from "./TimeAxis.js"
import { hearsAll, remove, verifyOutputs } from "./verifyOutputs.js"

/** An input that was probed, with what the decode must know of it. */
export interface Probed {
  /** Content and place: a file that changed where it is is another input. */
  readonly id: string
  readonly path: string
  readonly inspection: Inspection
}

/** A result, and the engine that gave it. */
export interface Made {
  readonly result: AnyMediaResult
  readonly engine: Engine
}

/** What a batch is run with. */
export interface BatchSettings {
  readonly engine: Engine
  /** The engine that is asked for what the first can't do; ready to use. */
  readonly second: Effect.Effect<Engine, MediaError, StateFolder> | undefined
  readonly probe: Prober
  /** Bytes that no output may pass. */
  readonly maxBytes: number
  /** Hears what a decode says of a file's length. */
  readonly learn: (input: Probed, inspection: Inspection) => Effect.Effect<void>
}

type Jobs = ReadonlyArray<Job<Probed, MediaRequest>>
type Results = ReadonlyArray<Either.Either<AnyMediaResult, MediaError>>

interface Finished {
  readonly outcome: JobOutcome
  readonly results: Results
}

const inputJob = ({ input, requests }: Jobs[number]) =>
  Effect.map(MediaUrl.input(input.path), (url): InputJob => ({
    url,
    inspection: input.inspection,
    requests: requests.map((request) =>
      isFileRequest(request) ? { ...request, path: MediaUrl.of(MediaUrl.unfinished(request.path)) } : request
    )
  }))

/** One process of an engine, and what it left. */
const decode = (engine: Engine, jobs: Jobs, { maxBytes, probe }: BatchSettings) =>
  Effect.gen(function* () {
    const inputs = yield* Effect.forEach(jobs, inputJob)
    const outcomes = yield* engine.run(inputs, (number, seconds) => {
      const job = jobs[number]
      return job === undefined ? Effect.void : job.report(seconds, job.input.inspection.durationSeconds)
    })
    return yield* Effect.forEach(
      jobs,
      ({ input, requests }, number) => {
        const outcome = outcomes[number] ?? NOTHING
        return Effect.map(verifyOutputs(input.inspection, requests, outcome, maxBytes, probe), (results): Finished => ({
          outcome,
          results
        }))
      },
      { concurrency: "unbounded" }
    )
  }).pipe(Effect.scoped)

/** Failures that may be the engine's: another version of libav may read what this one doesn't. */
const mayBeTheEngines = ({ code }: MediaError): boolean =>
  ["Undecodable", "Truncated", "CodecRefused", "EngineUnable"].includes(code)

/** What is wrong with a stream that changes on its way, for an engine that begins its filters again. */
const unable = ({ name, version }: Engine): MediaError =>
  new MediaError({
    code: "EngineUnable",
    detail: `the sound becomes another on its way (its sample rate, its channels, its codec), and ${name} ${version} can't follow`
  })

/** The first engine's results, with what it could not do as failures. */
const able = (engine: Engine, { outcome, results }: Finished): Results =>
  outcome.isChanging === true ? results.map(() => Either.left(unable(engine))) : results

const needsSecond = (result: Either.Either<AnyMediaResult, MediaError>): boolean =>
  Either.isLeft(result) && mayBeTheEngines(result.left)

/** Pictures beyond those of its length that a steady row may have. */
const MORE = 1.5

/** Whether a steady row of pictures has more of them than its time: ffmpeg begins again where they change their size on the way. */
const isRepeated = (request: MediaRequest | undefined, result: Results[number] | undefined, { durationSeconds }: Inspection) => {
  if (request === undefined || !("rate" in request) || result === undefined || Either.isLeft(result)) return false
  const { right } = result
  const pictures = "stills" in right ? right.stills.length : "pictures" in right ? right.pictures : 0
  return pictures > (request.cut?.durationSeconds ?? durationSeconds) * request.rate + MORE
}

const made =
  (engine: Engine) =>
  (result: Either.Either<AnyMediaResult, MediaError>): Either.Either<Made, MediaError> =>
    Either.map(result, (result) => ({ result, engine }))

/** A job's results, whichever engine gave them. */
interface Completed {
  readonly results: ReadonlyArray<Either.Either<Made, MediaError>>
  /** What the engine that could do it said. */
  readonly outcome: JobOutcome
}

/** Asks the second engine for what the first left; what it can't do either stays the first's failure, unless it says why. */
const complete = (
  job: Jobs[number],
  first: Finished,
  settings: BatchSettings
): Effect.Effect<Completed, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const results = able(settings.engine, first)
    const own = results.map(made(settings.engine))
    const isAsked = (result: Results[number], place: number) =>
      needsSecond(result) || isRepeated(job.requests[place], result, job.input.inspection)
    const places = results.flatMap((result, place) => (isAsked(result, place) ? [place] : []))
    if (places.length === 0 || settings.second === undefined) return { results: own, outcome: first.outcome }
    const second = yield* settings.second
    const requests = places.flatMap((place) => job.requests[place] ?? [])
    const [again] = yield* decode(second, [{ ...job, requests }], settings)
    if (again === undefined) return { results: own, outcome: first.outcome }
    return {
      results: own.map((result, place) => {
        const other = again.results[places.indexOf(place)]
        const isLeft = Either.isLeft(result) && result.left.code === "EngineUnable"
        return other !== undefined && (isLeft || Either.isRight(other) || other.left.code === "EngineUnable")
          ? made(second)(other)
          : result
      }),
      outcome: again.results.some(Either.isRight) ? again.outcome : first.outcome
    }
  })

/** What is known of a file after all of it was decoded: its length, where the container told another. */
const learned = ({ input: { inspection }, requests }: Jobs[number], { sounds }: JobOutcome): Inspection | undefined => {
  const stream = sound(inspection)
  const counted = sounds.find(({ stream: index }) => index === stream?.index)
  // What only a cut was heard of is longer than that.
  const isWhole = requests.some((request) => hearsAll(request) && sound(inspection, trackOf(request)) === stream)
  if (stream === undefined || counted === undefined || !isWhole) return undefined
  const end = (stream.startSeconds ?? 0) + counted.seconds
  const durationSeconds = picture(inspection) === undefined ? end : Math.max(end, inspection.durationSeconds)
  const { durationEstimated, ...rest } = inspection
  return durationEstimated === true || Math.abs(durationSeconds - inspection.durationSeconds) > TOLERANCE
    ? { ...rest, durationSeconds }
    : undefined
}

const NOTHING: JobOutcome = { outcomes: [], sounds: [], complaints: 0 }

/**
 * What the first engine gives of each job. Joined recordings are left to the second, where there is one: ffmpeg carries what a decoder
 * holds over the joint.
 */
const decodeAll = (jobs: Jobs, settings: BatchSettings): Effect.Effect<ReadonlyArray<Finished>, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const { engine, second } = settings
    const own = second === undefined ? jobs : jobs.filter(({ input }) => !isJoined(input.inspection))
    const failed = (job: Jobs[number], error: MediaError): Finished => ({
      outcome: NOTHING,
      results: job.requests.map(() => Either.left(error))
    })
    const [only, ...more] = own
    const finished: ReadonlyArray<Finished> =
      only === undefined
        ? []
        : yield* decode(engine, own, settings).pipe(
            // A failure of the whole belongs to one input once it is alone.
            Effect.catchIf(
              (error) => more.length === 0 && second !== undefined && mayBeTheEngines(error),
              (error) => Effect.succeed([failed(only, error)])
            )
          )
    return jobs.map((job) => finished[own.indexOf(job)] ?? failed(job, unable(engine)))
  })

/** Runs the engine over a batch, checks what it left, and asks the second engine for what the first can't do. */
export const runBatch = (
  jobs: Jobs,
  settings: BatchSettings
): Effect.Effect<Answers<Probed, MediaRequest, Made, MediaError>, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const finished = yield* decodeAll(jobs, settings)
    const answers = yield* Effect.forEach(jobs, (job, number) =>
      Effect.gen(function* () {
        const { outcome, results } = yield* complete(job, finished[number] ?? { outcome: NOTHING, results: [] }, settings)
        const corrected = results.some(Either.isRight) ? learned(job, outcome) : undefined
        if (corrected !== undefined) yield* settings.learn(job.input, corrected)
        return [job.input, new Map(job.requests.map((request, place) => [request, results[place]]))] as const
      })
    )
    const found = new Map(answers)
    return (input: Probed, request: MediaRequest): Exit.Exit<Made, MediaError> => {
      const given = found.get(input)?.get(request)
      return given === undefined
        ? Exit.fail(new MediaError({ code: "EngineFailed", detail: "the media engine returned no result for this request" }))
        : Either.match(given, { onLeft: Exit.fail, onRight: Exit.succeed })
    }
  }).pipe(
    Effect.onExit((exit) =>
      Exit.isSuccess(exit)
        ? Effect.void
        : Effect.forEach(
            jobs.flatMap(({ requests }) => requests).filter(isFileRequest),
            ({ path }) => remove(MediaUrl.unfinished(path)),
            { discard: true, concurrency: "unbounded" }
          )
    )
  )
