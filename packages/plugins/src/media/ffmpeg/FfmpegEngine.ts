import { StateFolder } from "@mediaspool/core"
import { Effect, Schedule, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import { passes, type SoundPass } from "../DecodePass.js"
import { type Engine, timeLimit } from "../Engine.js"
import type { InputJob } from "../InputJob.js"
import type { JobOutcome, RequestOutcome } from "../JobOutcome.js"
import { MediaError } from "../MediaError.js"
import { handlerOf, type MediaRequest } from "../MediaRequest.js"
import { type CommandLine, commandLine } from "./CommandLine.js"
import { FfmpegLog } from "./FfmpegLog.js"
import * as FluentFfmpeg from "./FluentFfmpeg.js"

/** What ffmpeg's last words mean. The first that fits counts. */
const causes: ReadonlyArray<readonly [words: RegExp, code: MediaError["code"]]> = [
  [/No space left on device|Disk quota exceeded/i, "DiskFull"],
  [
    /Unknown encoder|Encoder not found|Error (while opening|selecting an) encoder|Error initializing output stream/i,
    "CodecRefused"
  ],
  [/not on whitelist/i, "CodecRefused"],
  [/Cannot allocate memory|Killed/i, "EngineFailed"],
  [/Permission denied|No such file|Is a directory/i, "Unreadable"],
  [
    /Invalid data|moov atom not found|could not find codec|Cannot determine format|does not contain any stream|EOF/i,
    "Undecodable"
  ],
  // A stream that becomes another one on its way.
  [/reinitializing filters|inject frame into filter network/i, "Undecodable"]
]

const causeOf = (log: FfmpegLog, message: string): MediaError => {
  const tail = log.tail.filter((line) => !/^(Conversion failed|Press \[q\])/.test(line))
  for (const [words, code] of causes) {
    const line = tail.findLast((text) => words.test(text))
    // What ffmpeg calls itself at the beginning of a line helps nobody.
    if (line !== undefined) return new MediaError({ code, detail: line.replace(/^\[[^\]]*\] /, "").slice(0, 300) })
  }
  return new MediaError({ code: "EngineFailed", detail: (tail.at(-1) ?? message).slice(0, 300) })
}

const requestOutcome = (request: MediaRequest, job: number, place: number, log: FfmpegLog): RequestOutcome => {
  const handler = handlerOf(request)
  return handler._tag === "Sound" && handler.end._tag === "Measurement"
    ? { _tag: "Measured", ...handler.end.fromLog(log.filter(job, place)) }
    : { _tag: "File" }
}

const outcomeOf = (input: InputJob, job: number, log: FfmpegLog, { owners }: CommandLine): JobOutcome => {
  const complaints = log.complaints(owners.flatMap((owner, input) => (owner === job ? [input] : [])))
  const sounds = passes(input).flatMap((pass) => (pass._tag === "SoundPass" ? [pass] : []))
  const placesOf = ({ handlers }: SoundPass) => handlers.map(({ place }) => place)
  return {
    outcomes: input.requests.map((request, place) =>
      owners.includes(job)
        ? requestOutcome(request, job, place, log)
        : { _tag: "Failed", code: "EngineFailed", detail: "nothing was asked of it" }
    ),
    sounds: sounds.flatMap((pass) => {
      const { channels = 1, index, sampleRate = 1 } = pass.stream
      const samples = log.samples(job, index, channels, placesOf(pass))
      return samples === undefined ? [] : [{ stream: index, seconds: samples / sampleRate }]
    }),
    isChanging: sounds.some((pass) => log.isChanging(job, pass.stream.index, placesOf(pass))),
    complaints: complaints.length,
    ...(complaints[0] === undefined ? {} : { complaint: complaints[0] })
  }
}

/** Seconds of one input from which its progress is worth asking for. */
const LONG = 30

/**
 * Decodes and encodes with ffmpeg's command, one process for all jobs.
 *
 * @param encoders that this ffmpeg has
 * @param maxBytes ceiling of every output
 */
export const make = (
  program: FluentFfmpeg.Program,
  version: string,
  encoders: ReadonlySet<string>,
  maxBytes: number
): Effect.Effect<Engine, never, Scope.Scope | StateFolder> =>
  Effect.map(StateFolder, (folder) => ({
    name: "ffmpeg",
    version,
    run: (jobs, progress) =>
      Effect.gen(function* () {
        const nonce = `n${randomBytes(9).toString("hex")}`
        const alone = jobs.length === 1 && (jobs[0]?.inspection.durationSeconds ?? 0) > LONG
        const line = commandLine(jobs, { nonce, encoders, maxBytes, alone })
        const log = new FfmpegLog(nonce)
        if (alone)
          yield* Effect.forkScoped(
            Effect.repeat(
              Effect.suspend(() => progress(0, log.seconds)),
              Schedule.spaced("1 second")
            )
          )
        const ended = yield* FluentFfmpeg.run(program, line, (text) => log.read(text)).pipe(
          Effect.timeoutFail({
            duration: timeLimit(jobs),
            onTimeout: () => new MediaError({ code: "EngineTimedOut", detail: "ffmpeg took too long" })
          })
        )
        return ended.ok ? jobs.map((job, number) => outcomeOf(job, number, log, line)) : yield* causeOf(log, ended.message)
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  }))
