import { StateFolder } from "@mediaspool/core"
import { Effect, Schedule, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import { type Engine, limit } from "../Engine.js"
import * as Ffmpeg from "../Ffmpeg.js"
import { failed } from "../Failed.js"
import { MediaError } from "../MediaError.js"
import type { Outcome } from "../Outcome.js"
import type { Spec } from "../Pass.js"
import { sound } from "../Streams.js"
import { type CommandLine, commandLine } from "./CommandLine.js"
import { Log } from "./Log.js"

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

const causeOf = (log: Log, message: string): MediaError => {
  const tail = log.tail.filter((line) => !/^(Conversion failed|Press \[q\])/.test(line))
  for (const [words, code] of causes) {
    const line = tail.findLast((text) => words.test(text))
    // What ffmpeg calls itself at the beginning of a line helps nobody.
    if (line !== undefined) return new MediaError({ code, detail: line.replace(/^\[[^\]]*\] /, "").slice(0, 300) })
  }
  return new MediaError({ code: "EngineFailed", detail: (tail.at(-1) ?? message).slice(0, 300) })
}

const outcomeOf = (spec: Spec, number: number, log: Log, { owners }: CommandLine): Outcome => {
  const heard = sound(spec.inspection)
  const complaints = log.complaints(owners.flatMap((owner, input) => (owner === number ? [input] : [])))
  const samples = log.samples(
    number,
    heard?.channels ?? 1,
    spec.wants.map((_, place) => place)
  )
  return {
    readings: spec.wants.map((want, place) =>
      owners.includes(number) ? log.reading(number, place, want) : failed("EngineFailed", "nothing was asked of it")
    ),
    ...(samples === undefined ? {} : { seconds: samples / (heard?.sampleRate ?? 1) }),
    complaints: complaints.length,
    ...(complaints[0] === undefined ? {} : { complaint: complaints[0] })
  }
}

/** Seconds of one input from which its progress is worth asking for. */
const LONG = 30

/**
 * Decodes and encodes with ffmpeg's command, one process for all specs.
 *
 * @param encoders that this ffmpeg has
 * @param maxBytes ceiling of every output
 */
export const make = (
  program: Ffmpeg.Program,
  version: string,
  encoders: ReadonlySet<string>,
  maxBytes: number
): Effect.Effect<Engine, never, Scope.Scope | StateFolder> =>
  Effect.map(StateFolder, (folder) => ({
    name: "ffmpeg",
    version,
    run: (specs, headway) =>
      Effect.gen(function* () {
        const nonce = `n${randomBytes(9).toString("hex")}`
        const alone = specs.length === 1 && (specs[0]?.inspection.durationSeconds ?? 0) > LONG
        const line = commandLine(specs, { nonce, encoders, maxBytes, alone })
        const log = new Log(nonce)
        if (alone)
          yield* Effect.forkScoped(
            Effect.repeat(
              Effect.suspend(() => headway(0, log.seconds)),
              Schedule.spaced("1 second")
            )
          )
        const ended = yield* Ffmpeg.run(program, line, (text) => log.read(text)).pipe(
          Effect.timeoutFail({
            duration: limit(specs),
            onTimeout: () => new MediaError({ code: "EngineTimedOut", detail: "ffmpeg took too long" })
          })
        )
        return ended.ok ? specs.map((spec, number) => outcomeOf(spec, number, log, line)) : yield* causeOf(log, ended.message)
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  }))
