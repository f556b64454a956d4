import { Effect, Either } from "effect"
import { promises as fs } from "node:fs"
import { rounded } from "./FilterChain.js"
import type { Inspection, Stream } from "./Inspection.js"
import type { JobOutcome, RequestOutcome } from "./JobOutcome.js"
import { MediaError } from "./MediaError.js"
import { type AnyMediaResult, type FileRequest, handlerOf, isFileRequest, type MediaRequest, trackOf } from "./MediaRequest.js"
import * as MediaUrl from "./MediaUrl.js"
import type { Prober } from "./Prober.js"
import type { HeardSpan } from "./RequestHandler.js"
import { picture, sound } from "./Streams.js"

const error = (code: MediaError["code"], detail: string): MediaError => new MediaError({ code, detail })

/** A failure to touch an output: usually the disk. */
export const errorOf = (cause: unknown): MediaError => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  const detail = cause instanceof Error ? cause.message : String(cause)
  return error(code === "ENOSPC" || code === "EDQUOT" ? "DiskFull" : "EngineFailed", detail)
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, MediaError> => Effect.tryPromise({ try: run, catch: errorOf })

/** Seconds: less than a frame of most codecs, and than resamplers hold back. */
const SHORTEST = 0.1

/** Samples of a frame of MP3: of fewer, at whatever rate, there may be no copy. */
const FRAME = 1152

/** Why an output has nothing in it: a sound can be whole, and still too short to come out of an encoder. */
const nothing = (
  inspection: Inspection,
  { complaints }: JobOutcome,
  detail: string,
  code: "Undecodable" | "EngineUnable" = "Undecodable"
): MediaError => {
  const { durationSeconds } = inspection
  const samples = Math.round(durationSeconds * (sound(inspection)?.sampleRate ?? Infinity))
  if (complaints === 0 && durationSeconds <= SHORTEST)
    return error("TooShort", `there are only ${rounded(durationSeconds * 1000)} ms of sound`)
  if (complaints === 0 && samples < FRAME) return error("TooShort", `there are only ${samples} samples of sound`)
  return unableTo(sound(inspection)) ?? error(code, detail)
}

/** Channels that libav's decoder of WavPack gives. */
const WAVPACK = 8

/** A decoder of an older version gives nothing of samples with so many bits, or channels, and says nothing of it. */
const unableTo = (stream: Stream | undefined): MediaError | undefined => {
  if (stream?.depth !== undefined)
    return error("EngineUnable", `this version of the engine doesn't decode ${stream.codec} of ${stream.depth} bits`)
  return stream?.codec === "wavpack" && (stream.channels ?? 0) > WAVPACK
    ? error("EngineUnable", `libav doesn't read WavPack of more than ${WAVPACK} channels`)
    : undefined
}

type Nothing = (detail: string, code?: "Undecodable" | "EngineUnable") => MediaError

/** Bytes of a finished file, which is under its ceiling. */
const sizeOf = (path: string, maxBytes: number, nothing: Nothing): Effect.Effect<number, MediaError> =>
  Effect.flatMap(
    Effect.orElseSucceed(
      attempt(() => fs.stat(path)),
      () => ({ size: 0 })
    ),
    ({ size }) =>
      size === 0
        ? Effect.fail(nothing("the decoder gave nothing to write"))
        : size > maxBytes
          ? Effect.fail(error("TooLarge", `the output passed ${maxBytes} bytes`))
          : Effect.succeed(size)
  )

/** Whether a copy of the pictures as they are says no more how they are turned: older versions write no rotation into Matroska. */
const unturned = (
  request: FileRequest,
  { crop, isMirrored, rotation }: Partial<Stream> = {},
  written: Inspection
): MediaError | undefined =>
  request._tag === "VideoCopy" &&
  request.videoCodec === "copy" &&
  (rotation !== picture(written)?.rotation ||
    isMirrored !== picture(written)?.isMirrored ||
    crop?.width !== picture(written)?.crop?.width)
    ? error(
        "EngineUnable",
        `this version of the engine keeps in ${request.container} neither how pictures are turned nor what is cut from their edges`
      )
    : undefined

/** The result that a finished file is. */
const resultOfFile = (
  request: FileRequest,
  inspection: Inspection,
  maxBytes: number,
  probe: Prober,
  heard: HeardSpan,
  nothing: Nothing
): Effect.Effect<AnyMediaResult, MediaError> =>
  Effect.gen(function* () {
    const path = MediaUrl.unfinished(request.path)
    const ceiling = "maxBytes" in request ? Math.min(request.maxBytes ?? maxBytes, maxBytes) : maxBytes
    const size = yield* sizeOf(path, ceiling, nothing)
    const { answer } = handlerOf(request)
    switch (answer._tag) {
      case "FromMeasured":
        return yield* error("EngineFailed", "a measurement came out as a file")
      case "FromSize":
        return answer.result(size)
      case "FromMedia": {
        const written = yield* Effect.mapError(probe(path), ({ detail }) => nothing(`the copy can't be read: ${detail}`))
        const lost = unturned(request, picture(inspection), written)
        return lost === undefined ? answer.result(size, written, heard) : yield* lost
      }
      case "FromBytes": {
        const result = answer.result(yield* attempt(() => fs.readFile(path)))
        return result ?? (yield* error("EngineFailed", "what was written is not what was asked for"))
      }
    }
  })

/** The result of one request, from what the engine said and left. */
const resultOf = (
  request: MediaRequest,
  inspection: Inspection,
  outcome: RequestOutcome,
  heard: HeardSpan,
  maxBytes: number,
  probe: Prober,
  nothing: Nothing
): Effect.Effect<AnyMediaResult, MediaError> => {
  switch (outcome._tag) {
    case "Failed":
      return Effect.fail(
        outcome.code === "Undecodable" || outcome.code === "EngineUnable"
          ? nothing(outcome.detail, outcome.code)
          : error(outcome.code, outcome.detail)
      )
    case "Measured": {
      const { answer } = handlerOf(request)
      return answer._tag === "FromMeasured"
        ? Effect.succeed(answer.result(outcome, heard))
        : Effect.fail(error("EngineFailed", "a file came out as a measurement"))
    }
    case "File":
      return isFileRequest(request)
        ? resultOfFile(request, inspection, maxBytes, probe, heard, nothing)
        : Effect.fail(error("EngineFailed", "a measurement came out as a file"))
  }
}

/** Seconds, and the part of the length, that a decode may lack: encoders' padding, and lengths that were rounded. */
const LACKS = 0.25
const PART = 0.02

/** Whether only pictures are asked for: those that came out are whole. */
const isPictures = (request: MediaRequest): boolean => ["Frame", "Pictures"].includes(handlerOf(request)._tag)

/** Whether a copy is as long as what was decoded. */
const covers = (request: MediaRequest): boolean => request._tag === "AudioCopy" && request.cut === undefined

/** Whether all of the sound is decoded for it: a damaged input spoils the result, wherever the damage is. */
export const hearsAll = (request: MediaRequest): boolean => {
  const handler = handlerOf(request)
  return handler._tag === "Sound" && handler.extent[1] === Infinity
}

/** Where the sound that a request heard lies. */
const heardBy = (inspection: Inspection, outcome: JobOutcome, request: MediaRequest): HeardSpan => {
  const stream = sound(inspection, trackOf(request))
  const startSeconds = stream?.startSeconds ?? 0
  const counted = outcome.sounds.find(({ stream: index }) => index === stream?.index)
  return { startSeconds, endSeconds: counted === undefined ? inspection.durationSeconds : startSeconds + counted.seconds }
}

/** One complaint a minute is forgiven: much that plays well has junk at its end. */
const complained = (
  { durationSeconds, parts = [] }: Inspection,
  { complaint, complaints }: JobOutcome
): MediaError | undefined => {
  // FFmpeg's command hands the two headers of each further link of a chained Ogg to the decoder.
  if (complaints <= Math.max(1, durationSeconds / 60) + 2 * Math.max(0, parts.length - 1)) return undefined
  return complaint?.startsWith("Not yet implemented") === true
    ? error("EngineUnable", "the decoder doesn't know all that the sound is coded with")
    : error("Undecodable", `the decoder complained ${complaints} times: ${complaint ?? "without a word"}`)
}

/** Whether the sound of a stream ends before its header's promise. */
const cutShort = (stream: Stream | undefined, decoded: number | undefined): MediaError | undefined => {
  const promised = stream?.promisedSeconds
  return promised !== undefined && decoded !== undefined && promised - decoded > Math.max(LACKS, promised * PART)
    ? ((decoded === 0 ? unableTo(stream) : undefined) ??
        error("Truncated", `the sound ends after ${decoded.toFixed(1)} of ${promised.toFixed(1)} seconds`))
    : undefined
}

/** Whether a copy of the picture is that of the first recordings alone. */
const copiedEarly = (inspection: Inspection, request: MediaRequest, result: AnyMediaResult): MediaError | undefined =>
  request._tag === "VideoCopy" && request.cut === undefined && "durationSeconds" in result
    ? endedEarly(inspection, undefined, result.durationSeconds)
    : undefined

/** Whether an engine stopped before the last of the recordings that stand behind each other. */
const endedEarly = ({ durationSeconds, parts = [] }: Inspection, stream: Stream | undefined, decoded: number | undefined) =>
  parts.length > 1 &&
  decoded !== undefined &&
  durationSeconds - (stream?.startSeconds ?? 0) - decoded > Math.max(LACKS, durationSeconds * PART)
    ? error("EngineUnable", `this engine reads ${decoded.toFixed(1)} seconds of the ${parts.length} recordings behind each other`)
    : undefined

/**
 * Turns what an engine left of one input into results: checks every output, holds the decode against the header's promise, and moves
 * complete files to their places. What fails leaves no file.
 */
export const verifyOutputs = (
  inspection: Inspection,
  requests: ReadonlyArray<MediaRequest>,
  outcome: JobOutcome,
  maxBytes: number,
  probe: Prober
): Effect.Effect<ReadonlyArray<Either.Either<AnyMediaResult, MediaError>>> =>
  Effect.gen(function* () {
    const missing = error("EngineFailed", "the media engine returned no result for this request")
    const results = yield* Effect.forEach(
      requests,
      (request, place) =>
        Effect.either(
          resultOf(
            request,
            inspection,
            outcome.outcomes[place] ?? { _tag: "Failed", code: "EngineFailed", detail: missing.detail },
            heardBy(inspection, outcome, request),
            maxBytes,
            probe,
            (detail, code = "Undecodable") =>
              isPictures(request) ? error(code, detail) : nothing(inspection, outcome, detail, code)
          )
        ),
      { concurrency: "unbounded" }
    )
    /** Seconds of a stream that were decoded: counted, or as long as a whole copy of it came out. */
    const decodedOf = (stream: Stream | undefined): number | undefined => {
      const counted = outcome.sounds.find(({ stream: index }) => index === stream?.index)
      if (counted !== undefined) return counted.seconds
      const copy = results[requests.findIndex((one) => covers(one) && sound(inspection, trackOf(one)) === stream)]
      return copy !== undefined && Either.isRight(copy) && "durationSeconds" in copy.right
        ? copy.right.durationSeconds
        : undefined
    }
    const heard = new Set(requests.filter(hearsAll).map((request) => sound(inspection, trackOf(request))))
    const short = [...heard]
      .map((stream) => cutShort(stream, decodedOf(stream)) ?? endedEarly(inspection, stream, decodedOf(stream)))
      .find((one) => one !== undefined)
    const damaged = complained(inspection, outcome) ?? short
    return yield* Effect.forEach(requests, (request, place) => {
      const given = results[place] ?? Either.left(missing)
      const spoilt =
        isPictures(request) || Either.isLeft(given) ? undefined : (damaged ?? copiedEarly(inspection, request, given.right))
      const kept = spoilt === undefined ? given : Either.left(spoilt)
      if (!isFileRequest(request)) return Effect.succeed(kept)
      const part = MediaUrl.unfinished(request.path)
      return Either.isLeft(kept)
        ? Effect.as(remove(part), kept)
        : Effect.either(
            Effect.as(
              attempt(() => fs.rename(part, request.path)),
              kept.right
            )
          )
    })
  })

/** Takes an unfinished file away. */
export const remove = (path: string): Effect.Effect<void> =>
  Effect.promise(() => fs.rm(path, { force: true }).catch(() => undefined))
