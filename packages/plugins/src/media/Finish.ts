import { Effect, Either } from "effect"
import { promises as fs } from "node:fs"
import { type Inspection, rounded } from "./Inspection.js"
import * as Location from "./Location.js"
import { MediaError } from "./MediaError.js"
import type { Outcome, Reading } from "./Outcome.js"
import { pictureSize } from "./PictureSize.js"
import type { Prober } from "./Prober.js"
import { picture, sound } from "./Streams.js"
import type { Answers, AudioCopy, FileWant, Frame, VideoCopy, Want } from "./Want.js"

/** Any want's answer. */
export type AnyAnswer = Answers[Want["_tag"]]

const error = (code: MediaError["code"], detail: string): MediaError => new MediaError({ code, detail })

export const isFile = (want: Want): want is FileWant => "path" in want

/** A failure to touch an output: usually the disk. */
export const failureOf = (cause: unknown): MediaError => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  const detail = cause instanceof Error ? cause.message : String(cause)
  return error(code === "ENOSPC" || code === "EDQUOT" ? "DiskFull" : "EngineFailed", detail)
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, MediaError> => Effect.tryPromise({ try: run, catch: failureOf })

/** Seconds: less than a frame of most codecs, and than resamplers hold back. */
const SHORTEST = 0.1

/** Why an output has nothing in it: a sound can be whole, and still too short to come out of an encoder. */
const nothing = ({ durationSeconds }: Inspection, { complaints }: Outcome, detail: string): MediaError =>
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

const audio = (want: AudioCopy, path: string, maxBytes: number, probe: Prober, nothing: Nothing) =>
  Effect.gen(function* () {
    const size = yield* sizeOf(path, Math.min(want.maxBytes ?? maxBytes, maxBytes), nothing)
    const written = yield* Effect.mapError(probe(path), ({ detail }) => nothing(`the copy can't be read: ${detail}`))
    const heard = sound(written)
    return {
      size,
      durationSeconds: written.durationSeconds,
      container: want.container,
      codec: heard?.codec ?? want.codec,
      sampleRate: heard?.sampleRate ?? 0,
      channels: heard?.channels ?? 0,
      bitRate: Math.round((size * 8) / written.durationSeconds)
    } satisfies Answers["AudioCopy"]
  })

const video = (want: VideoCopy, path: string, maxBytes: number, probe: Prober, nothing: Nothing) =>
  Effect.gen(function* () {
    const size = yield* sizeOf(path, Math.min(want.maxBytes ?? maxBytes, maxBytes), nothing)
    const written = yield* Effect.mapError(probe(path), ({ detail }) => nothing(`the copy can't be read: ${detail}`))
    const seen = picture(written)
    const heard = sound(written)
    return {
      size,
      durationSeconds: written.durationSeconds,
      videoCodec: seen?.codec ?? want.videoCodec,
      ...(heard === undefined ? {} : { audioCodec: heard.codec }),
      width: seen?.width ?? 0,
      height: seen?.height ?? 0
    } satisfies Answers["VideoCopy"]
  })

const frame = (_want: Frame, path: string, maxBytes: number, nothing: Nothing) =>
  Effect.gen(function* () {
    const size = yield* sizeOf(path, maxBytes, nothing)
    const shape = pictureSize(yield* attempt(() => fs.readFile(path)))
    return shape === undefined ? yield* error("EngineFailed", "the picture is no picture") : { size, ...shape }
  })

/** Answers one want from what the engine said and left. */
const answer = (
  want: Want,
  reading: Reading,
  seconds: number | undefined,
  inspection: Inspection,
  maxBytes: number,
  probe: Prober,
  nothing: Nothing
): Effect.Effect<AnyAnswer, MediaError> => {
  switch (reading._tag) {
    case "Failed":
      return Effect.fail(error(reading.code, reading.detail))
    case "Silences": {
      const end = seconds ?? inspection.durationSeconds
      return Effect.succeed(
        reading.spans.map((span) => ({
          startSeconds: rounded(span.start),
          endSeconds: rounded(Math.max(span.start, span.end ?? end))
        }))
      )
    }
    case "Loudness":
    case "Levels":
    case "Spectrum": {
      const { _tag, ...measured } = reading
      return Effect.succeed(measured)
    }
    case "File": {
      if (!isFile(want)) return Effect.fail(error("EngineFailed", "a measurement came out as a file"))
      const path = Location.unfinished(want.path)
      switch (want._tag) {
        case "AudioCopy":
          return audio(want, path, maxBytes, probe, nothing)
        case "VideoCopy":
          return video(want, path, maxBytes, probe, nothing)
        case "Frame":
          return frame(want, path, maxBytes, nothing)
        case "WaveformImage":
          return Effect.map(sizeOf(path, maxBytes, nothing), (size) => ({ size }))
        case "Samples":
          return Effect.map(sizeOf(path, maxBytes, nothing), (size) => ({ count: size / 4 }))
      }
    }
  }
}

/** Seconds, and the part of the length, that a decode may lack: encoders' padding, and lengths that were rounded. */
const LACKS = 0.25
const PART = 0.02

/** Whether a copy is as long as what was decoded. */
const covers = (want: Want): boolean => want._tag === "AudioCopy" && want.cut === undefined

/** Whether the input is too damaged for its results to be kept. */
const damage = (
  inspection: Inspection,
  outcome: Outcome,
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
 * Turns what an engine left of one input into answers: checks every output, holds the decode against the header's promise, and moves
 * complete files to their places. What fails leaves no file.
 */
export const finish = (
  inspection: Inspection,
  wants: ReadonlyArray<Want>,
  outcome: Outcome,
  maxBytes: number,
  probe: Prober
): Effect.Effect<ReadonlyArray<Either.Either<AnyAnswer, MediaError>>> =>
  Effect.gen(function* () {
    const answers = yield* Effect.forEach(
      wants,
      (want, place) =>
        Effect.either(
          answer(
            want,
            outcome.readings[place] ?? { _tag: "Failed", code: "EngineFailed", detail: "the engine passed it over" },
            outcome.seconds,
            inspection,
            maxBytes,
            probe,
            (detail) => nothing(inspection, outcome, detail)
          )
        ),
      { concurrency: "unbounded" }
    )
    const copy = wants.findIndex(covers)
    const written = answers[copy]
    const decoded =
      outcome.seconds ??
      (written !== undefined && Either.isRight(written) && "durationSeconds" in written.right
        ? written.right.durationSeconds
        : undefined)
    const whole = wants.some((want) => covers(want) || !isFile(want) || want._tag === "WaveformImage")
    const damaged = damage(inspection, outcome, decoded, whole)
    return yield* Effect.forEach(wants, (want, place) => {
      const given = answers[place] ?? Either.left(error("EngineFailed", "the engine passed it over"))
      const kept = damaged !== undefined && want._tag !== "Frame" && Either.isRight(given) ? Either.left(damaged) : given
      if (!isFile(want)) return Effect.succeed(kept)
      const part = Location.unfinished(want.path)
      return Either.isLeft(kept)
        ? Effect.as(remove(part), kept)
        : Effect.either(
            Effect.as(
              attempt(() => fs.rename(part, want.path)),
              kept.right
            )
          )
    })
  })

/** Takes an unfinished file away. */
export const remove = (path: string): Effect.Effect<void> =>
  Effect.promise(() => fs.rm(path, { force: true }).catch(() => undefined))
