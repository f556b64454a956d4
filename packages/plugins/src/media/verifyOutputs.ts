import { Effect, Either } from "effect"
import { promises as fs } from "node:fs"
import { rounded } from "./FilterChain.js"
import type { Inspection } from "./Inspection.js"
import type { JobOutcome, RequestOutcome } from "./JobOutcome.js"
import { MediaError } from "./MediaError.js"
import { type AnyMediaResult, type FileRequest, handlerOf, isFileRequest, type MediaRequest } from "./MediaRequest.js"
import * as MediaUrl from "./MediaUrl.js"
import type { Prober } from "./Prober.js"
import { sound } from "./Streams.js"

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

/** Why an output has nothing in it: a sound can be whole, and still too short to come out of an encoder. */
const nothing = ({ durationSeconds }: Inspection, { complaints }: JobOutcome, detail: string): MediaError =>
  durationSeconds < SHORTEST && complaints === 0
    ? error("TooShort", `there are only ${rounded(durationSeconds * 1000)} ms of sound`)
    : error("Undecodable", detail)

type Nothing = (detail: string) => MediaError

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

/** The result that a finished file is. */
const resultOfFile = (
  request: FileRequest,
  maxBytes: number,
  probe: Prober,
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
        return answer.result(size, written)
      }
      case "FromPicture": {
        const picture = answer.result(yield* attempt(() => fs.readFile(path)))
        return picture ?? (yield* error("EngineFailed", "the picture is no picture"))
      }
    }
  })

/** The result of one request, from what the engine said and left. */
const resultOf = (
  request: MediaRequest,
  outcome: RequestOutcome,
  heardSeconds: number,
  maxBytes: number,
  probe: Prober,
  nothing: Nothing
): Effect.Effect<AnyMediaResult, MediaError> => {
  switch (outcome._tag) {
    case "Failed":
      return Effect.fail(error(outcome.code, outcome.detail))
    case "Measured": {
      const { answer } = handlerOf(request)
      return answer._tag === "FromMeasured"
        ? Effect.succeed(answer.result(outcome, heardSeconds))
        : Effect.fail(error("EngineFailed", "a file came out as a measurement"))
    }
    case "File":
      return isFileRequest(request)
        ? resultOfFile(request, maxBytes, probe, nothing)
        : Effect.fail(error("EngineFailed", "a measurement came out as a file"))
  }
}

/** Seconds, and the part of the length, that a decode may lack: encoders' padding, and lengths that were rounded. */
const LACKS = 0.25
const PART = 0.02

/** Whether a copy is as long as what was decoded. */
const covers = (request: MediaRequest): boolean => request._tag === "AudioCopy" && request.cut === undefined

/** Whether a damaged input spoils the result, wherever the damage is. */
const hearsAll = (request: MediaRequest): boolean => {
  const handler = handlerOf(request)
  return handler._tag === "Sound" && handler.extent[1] === Infinity
}

/** Whether the input is too damaged for its results to be kept. */
const damage = (
  inspection: Inspection,
  outcome: JobOutcome,
  decoded: number | undefined,
  heard: boolean
): MediaError | undefined => {
  // One complaint a minute is forgiven: much that plays well has junk at its end.
  const forgiven = Math.max(1, inspection.durationSeconds / 60)
  if (outcome.complaints > forgiven)
    return error("Undecodable", `the decoder complained ${outcome.complaints} times: ${outcome.complaint ?? "without a word"}`)
  const promised = sound(inspection)?.promisedSeconds
  return heard && promised !== undefined && decoded !== undefined && promised - decoded > Math.max(LACKS, promised * PART)
    ? error("Truncated", `the sound ends after ${decoded.toFixed(1)} of ${promised.toFixed(1)} seconds`)
    : undefined
}

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
            outcome.outcomes[place] ?? { _tag: "Failed", code: "EngineFailed", detail: missing.detail },
            outcome.seconds ?? inspection.durationSeconds,
            maxBytes,
            probe,
            (detail) => nothing(inspection, outcome, detail)
          )
        ),
      { concurrency: "unbounded" }
    )
    const written = results[requests.findIndex(covers)]
    const decoded =
      outcome.seconds ??
      (written !== undefined && Either.isRight(written) && "durationSeconds" in written.right
        ? written.right.durationSeconds
        : undefined)
    const damaged = damage(inspection, outcome, decoded, requests.some(hearsAll))
    return yield* Effect.forEach(requests, (request, place) => {
      const given = results[place] ?? Either.left(missing)
      const kept = damaged !== undefined && request._tag !== "Frame" && Either.isRight(given) ? Either.left(damaged) : given
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
