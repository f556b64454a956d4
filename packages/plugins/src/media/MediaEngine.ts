import { type Artifact, type Original, Progress, Provenance, StateFolder } from "@mediaspool/core"
import { Cache, Clock, Context, Effect, Exit, Layer, type Scope } from "effect"
import { availableParallelism } from "node:os"
import type { Probe } from "../kinds.js"
import * as Batcher from "./Batcher.js"
import type { Engine } from "./Engine.js"
import * as FfmpegEngine from "./ffmpeg/FfmpegEngine.js"
import * as FfprobeProber from "./ffmpeg/FfprobeProber.js"
import { type Inspection, toProbe } from "./Inspection.js"
import { MediaError } from "./MediaError.js"
import { handlerOf, type MediaRequest, type MediaResult, trackOf } from "./MediaRequest.js"
import * as NodeAvEngine from "./node-av/NodeAvEngine.js"
import * as NodeAvProber from "./node-av/NodeAvProber.js"
import * as Programs from "./Programs.js"
import { isMuffled } from "./requests/audioCopy.js"
import { isLostIn } from "./requests/videoCopy.js"
import { type BatchSettings, type Made, type Probed, runBatch } from "./runBatch.js"
import { rememberedProof } from "./security/rememberedProof.js"
import { reads } from "./security/Whitelist.js"
import { picture, sound, trackNames } from "./Streams.js"

export type { MediaRequest, MediaResult } from "./MediaRequest.js"
export type { AudioCopy } from "./requests/audioCopy.js"
export type { VideoCopy } from "./requests/videoCopy.js"

/** A file that the engine reads; never one that it writes. */
export type Input = Original | Artifact

export interface Service {
  /** `ffmpeg` or `node-av`, with the version: recorded with results, never part of their key. */
  readonly engine: { readonly name: string; readonly version: string }
  /**
   * What the container says, with the length that a decode found since. Refuses what no decoder would accept: a sound needs a sample rate, channels and
   * a duration.
   */
  readonly probe: (input: Input) => Effect.Effect<Probe, MediaError>
  /**
   * Answers a request. Requests on one input are merged into one decode, short inputs are packed into one process, long ones run
   * alone and report to `Progress`. Outputs are complete files or absent. Interruption ends the process when nobody else waits for it.
   */
  readonly ask: <const R extends MediaRequest>(input: Input, request: R) => Effect.Effect<MediaResult<R>, MediaError>
  /** Answers several requests on one input, by their names, or fails with the first failure in their order. */
  readonly askAll: <const R extends Readonly<Record<string, MediaRequest>>>(
    input: Input,
    requests: R
  ) => Effect.Effect<MediaResults<R>, MediaError>
}

/** The results of several requests, by their names. */
export type MediaResults<R extends Readonly<Record<string, MediaRequest>>> = {
  readonly [Name in keyof R]: MediaResult<Extract<R[Name], MediaRequest>>
}

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

/** Short inputs to a process: starting ffmpeg costs some 60 ms, which they share. */
const PACK = 64

/** The part of a pack that is worth a second process beside one that is at work: fewer wait for the next turn. */
const HALF = 0.5

/** Seconds of sound that make a process worth starting for one input alone, and of how many the start is most of the work. */
const ALONE = 120
const SHORT = 4

const idOf = ({ hash, path }: Input): string => `${hash} ${path}`

const cost = ({ inspection }: Probed): number => Math.max(1 / PACK, (inspection.durationSeconds - SHORT) / (ALONE - SHORT))

/** What a request needs of the input, before anything is started for it. */
const fits = (request: MediaRequest, inspection: Inspection, maxSeconds: number): MediaError | undefined => {
  const looks = !["Sound", "Packets"].includes(handlerOf(request)._tag)
  const stream = looks ? picture(inspection) : sound(inspection, trackOf(request))
  if (stream === undefined) {
    if (looks) return new MediaError({ code: "NoVideo", detail: "the file has no moving picture" })
    const tracks = trackNames(inspection)
    return new MediaError({
      code: "NoAudio",
      detail: tracks === "" ? "the file has no sound" : `the file has no such track; it has these: ${tracks}`
    })
  }
  if (request._tag === "AudioCopy" && isMuffled(request, stream))
    return new MediaError({
      code: "TooManyChannels",
      detail: `${request.codec} keeps only the low frequencies of one of ${stream.channels} channels`
    })
  const copied = request._tag === "VideoCopy" && request.videoCodec === "copy"
  if (request._tag === "VideoCopy" && isLostIn(request, stream.codec))
    return new MediaError({
      code: "CodecRefused",
      detail: `Matroska doesn't hold how deep the pixels of ${stream.codec} are: it can be encoded, but not copied as it is`
    })
  if (!copied && !reads(stream.codec))
    return new MediaError({ code: "CodecRefused", detail: `the codec ${stream.codec} is not among those that are opened` })
  return inspection.durationSeconds > maxSeconds
    ? new MediaError({ code: "TooLarge", detail: `the input lasts ${Math.round(inspection.durationSeconds)} seconds` })
    : undefined
}

/** What reads media here, by the options. */
const choose = ({ engine = "auto", prober = "auto" }: Options, slots: number, maxBytes: number) =>
  Effect.gen(function* () {
    const { ffmpeg, nodeAv, setpriv } = yield* Programs.find
    const viaFfmpeg = ffmpeg !== undefined && engine !== "node-av"
    const none = "neither ffmpeg nor node-av is installed"
    const probe =
      nodeAv !== undefined && prober !== "ffprobe"
        ? yield* NodeAvProber.make
        : ffmpeg?.ffprobe !== undefined && prober !== "node-av"
          ? yield* FfprobeProber.make(ffmpeg.ffprobe)
          : yield* missing(ffmpeg === undefined ? none : "ffmpeg comes without ffprobe, and node-av is not installed")
    if (viaFfmpeg) {
      const program = { path: ffmpeg.path, guard: setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"] }
      return {
        probe,
        engine: yield* FfmpegEngine.make(program, ffmpeg.version, ffmpeg.encoders, slots, maxBytes),
        // It starts no process before it is asked.
        second: nodeAv === undefined || engine === "ffmpeg" ? undefined : yield* NodeAvEngine.make(nodeAv, slots, maxBytes)
      }
    }
    return nodeAv !== undefined && engine !== "ffmpeg"
      ? { probe, engine: yield* NodeAvEngine.make(nodeAv, slots, maxBytes), second: undefined }
      : yield* missing(engine === "auto" ? none : `${engine} is asked for and not installed`)
  })

/** However short the input was: whoever waits adds media hours up. */
const wholly = ({ inspection: { durationSeconds } }: Probed) =>
  Effect.flatMap(Progress, ({ media }) => media(durationSeconds, durationSeconds))

/** Which files are probed again when asked of: as many answers as this are kept. */
const REMEMBERED = 4096

/** Failures that are everybody's: the next file would meet them too. */
const isSystemic = ({ code }: MediaError): boolean => ["DiskFull", "EngineMissing", "EngineUnsafe"].includes(code)

/** An engine that refuses everything: so that a library without media work runs where nothing is installed. */
const refusing = (failure: MediaError): Service => ({
  engine: { name: "none", version: "" },
  probe: () => Effect.fail(failure),
  ask: () => Effect.fail(failure),
  askAll: () => Effect.fail(failure)
})

/** Proves an engine once, when there is something to decode. */
const proven = (engine: Engine): Effect.Effect<Effect.Effect<void, MediaError, StateFolder>> =>
  Effect.map(Effect.makeSemaphore(1), (one) => {
    let isProven = false
    const proof = Effect.flatMap(rememberedProof(engine), (closed) => {
      isProven = closed
      const detail = `${engine.name} ${engine.version} opened a file that a playlist named`
      return closed ? Effect.void : Effect.fail(new MediaError({ code: "EngineUnsafe", detail }))
    })
    return Effect.suspend(() => (isProven ? Effect.void : one.withPermits(1)(Effect.unless(proof, () => isProven))))
  })

/** The service, with what is installed here. Never fails: where nothing is installed, every request does. */
const make = (options: Options): Effect.Effect<Service, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const folder = yield* StateFolder
    const slots = options.slots ?? availableParallelism()
    const maxBytes = options.maxBytes ?? 8 * 1024 ** 3
    const maxSeconds = options.maxSeconds ?? 48 * 3600
    const { engine, probe, second } = yield* choose(options, slots, maxBytes)
    const seen = yield* Cache.makeWith({
      capacity: REMEMBERED,
      lookup: (id: string) => {
        const path = id.slice(id.indexOf(" ") + 1)
        return Effect.map(probe(path), (inspection): Probed => ({ id, path, inspection }))
      },
      timeToLive: (exit) => (Exit.isSuccess(exit) ? "1 hour" : "0 millis")
    })
    const madeWith = ({ name, version }: Engine) => Effect.flatMap(Provenance, (provenance) => provenance.madeWith(name, version))
    const safe = yield* proven(engine)
    const secondSafe = second === undefined ? undefined : yield* proven(second)
    const settings: BatchSettings = {
      engine,
      second: second === undefined || secondSafe === undefined ? undefined : Effect.as(secondSafe, second),
      probe,
      maxBytes,
      learn: (probed, inspection) => seen.set(probed.id, { ...probed, inspection })
    }
    const ask = yield* Batcher.make<Probed, MediaRequest, Made, MediaError>({
      slots,
      cost,
      maxBatchDelay: "20 millis",
      worthAnother: HALF,
      longestWait: "250 millis",
      prepare: Effect.ignore(safe).pipe(Effect.provideService(StateFolder, folder)),
      inputId: ({ id }) => id,
      requestId: (request) => JSON.stringify(request),
      isSystemic,
      closed: () => new MediaError({ code: "EngineFailed", detail: "the engine was shut down" }),
      run: (jobs) => Effect.zipRight(safe, runBatch(jobs, settings)).pipe(Effect.provideService(StateFolder, folder))
    })
    const answer = (input: Input, requests: ReadonlyArray<MediaRequest>) =>
      Effect.gen(function* () {
        const probed = yield* seen.get(idOf(input))
        for (const request of requests) {
          const unfit = fits(request, probed.inspection, maxSeconds)
          if (unfit !== undefined) return yield* unfit
        }
        const { media } = yield* Progress
        yield* madeWith(engine)
        const answers = yield* Effect.zipLeft(ask(probed, requests, media), wholly(probed))
        for (const made of answers) if (made.engine !== engine) yield* madeWith(made.engine)
        return answers.map(({ result }) => result)
      })
    return {
      engine: { name: engine.name, version: engine.version },
      probe: (input: Input) =>
        seen.get(idOf(input)).pipe(
          Effect.tap(wholly),
          Effect.map(({ inspection }) => toProbe(inspection))
        ),
      ask: <const R extends MediaRequest>(input: Input, request: R) =>
        // The one cast, here and below: a result is made by its request's own handler, which the batcher hands back as one of all.
        Effect.map(answer(input, [request]), ([result]) => result as MediaResult<R>),
      askAll: <const R extends Readonly<Record<string, MediaRequest>>>(input: Input, requests: R) =>
        Effect.map(
          answer(input, Object.values(requests)),
          (results) => Object.fromEntries(Object.keys(requests).map((name, n) => [name, results[n]])) as MediaResults<R>
        )
    }
  }).pipe(
    Effect.catchAll((failure) => Effect.succeed(refusing(failure))),
    // Processes know no other time than the real one, also where a test stops the clock.
    Effect.withClock(Clock.make())
  )

/** Reads and writes media, with ffmpeg where it is found and node-av where it is not. */
export class MediaEngine extends Context.Tag("@mediaspool/plugins/MediaEngine")<MediaEngine, Service>() {
  /** With what is installed; options narrow the choice. Never fails: where nothing is installed, every request does. */
  static readonly with = (options: Options): Layer.Layer<MediaEngine, never, StateFolder> =>
    Layer.scoped(MediaEngine, make(options))

  /** The same as {@link layer}, with so many processes that decode at once. */
  static readonly withSlots = (slots: number | undefined): Layer.Layer<MediaEngine, never, StateFolder> =>
    Layer.suspend(() => {
      const asked = process.env["MEDIASPOOL_ENGINE"]
      return MediaEngine.with({ slots, engine: asked === "ffmpeg" || asked === "node-av" ? asked : "auto" })
    })

  /** With what is installed: `MEDIASPOOL_ENGINE` (`ffmpeg`, `node-av`) narrows the choice. */
  static readonly layer: Layer.Layer<MediaEngine, never, StateFolder> = MediaEngine.withSlots(undefined)
}
