import { StateFolder } from "@mediaspool/core"
import { Effect, Schedule, type Scope } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import { join } from "node:path"
import type { MeterJob } from "../../meters/WavMeterRun.js"
import { passes, type SoundPass } from "../DecodePass.js"
import { type Engine, type OnProgress, timeLimit } from "../Engine.js"
import type { InputJob } from "../InputJob.js"
import type { JobOutcome, RequestOutcome } from "../JobOutcome.js"
import { MediaError } from "../MediaError.js"
import { meteredOutcomes, meterJob } from "../meterJob.js"
import { remove } from "../verifyOutputs.js"
import { type CommandLine, commandLine } from "./CommandLine.js"
import { FfmpegLog } from "./FfmpegLog.js"
import * as FluentFfmpeg from "./FluentFfmpeg.js"
import type { MeterReport } from "./MeterMessage.js"
import * as MeterThreads from "./MeterThreads.js"

/** What ffmpeg's last words mean, and what is said of it where they would tell a person nothing. The first that fits counts. */
const causes: ReadonlyArray<readonly [words: RegExp, code: MediaError["code"], said?: string]> = [
  [/No space left on device|Disk quota exceeded/i, "DiskFull"],
  [
    /Unknown encoder|Encoder not found|Error (while opening|selecting an) encoder|Error initializing output stream|Could not (find tag|write header)/i,
    "CodecRefused",
    "this ffmpeg can't write such sound or pictures into this container, or has no encoder for them"
  ],
  [/not on whitelist/i, "CodecRefused"],
  // While it opens the file: a size in there that is beyond what one block may take.
  [/^file:.*: Cannot allocate memory$|Error opening input.*: Cannot allocate memory/i, "Undecodable"],
  // An encoder that stops the whole program.
  [/Assertion .* failed/, "EngineUnable", "the encoder stops at samples that are no numbers"],
  [/Cannot allocate memory|Killed/i, "EngineFailed"],
  [/Permission denied|No such file|Is a directory/i, "Unreadable"],
  [
    /Invalid data|moov atom not found|could not find codec|Cannot determine format|does not contain any stream|EOF/i,
    "Undecodable"
  ],
  // What the container says of a stream is nothing that its decoder takes.
  [/Error (while )?opening decoder/i, "Undecodable", "the decoder takes nothing of what the container says of it"],
  [/Can't write packet|Error muxing/i, "EngineUnable", "packets without times can't be copied as they are"],
  // A stream that becomes another one on its way.
  [
    /reinitializing filters|inject frame into filter network/i,
    "EngineUnable",
    "the sound or picture becomes another on its way, and this ffmpeg can't follow"
  ]
]

const causeOf = (log: FfmpegLog, message: string): MediaError => {
  const tail = log.tail.filter((line) => !/^(Conversion failed|Press \[q\]|video:|frame=|size=)/.test(line))
  for (const [words, code, said] of causes) {
    const line = tail.findLast((text) => words.test(text))
    // What ffmpeg calls itself at the beginning of a line helps nobody.
    if (line !== undefined) return new MediaError({ code, detail: said ?? line.replace(/^\[[^\]]*\] /, "").slice(0, 300) })
  }
  return new MediaError({ code: "EngineFailed", detail: (tail.at(-1) ?? message).slice(0, 300) })
}

/** A pass over the sound of one job, and what is to be measured in it. */
interface MeteredPass {
  readonly job: number
  readonly pass: SoundPass
  readonly metered: MeterJob | undefined
}

const soundPasses = (jobs: ReadonlyArray<InputJob>): ReadonlyArray<MeteredPass> =>
  jobs.flatMap((input, job) =>
    passes(input).flatMap((pass) =>
      pass._tag === "SoundPass" ? [{ job, pass, metered: meterJob(pass, input.inspection.durationSeconds) }] : []
    )
  )

/** Outcomes of what was measured in a pass. */
const outcomesOf = ({ pass }: MeteredPass, report: MeterReport | undefined) =>
  meteredOutcomes(pass, report?.measured ?? []).map(([place, outcome]): readonly [number, RequestOutcome] =>
    report?.seconds === 0
      ? [place, { _tag: "Failed", code: "Undecodable", detail: "the decoder gave no sound" }]
      : [place, outcome]
  )

const outcomeOf = (
  input: InputJob,
  job: number,
  log: FfmpegLog,
  { owners }: CommandLine,
  reports: ReadonlyArray<readonly [MeteredPass, MeterReport | undefined]>
): JobOutcome => {
  const complaints = log.complaints(owners.flatMap((owner, input) => (owner === job ? [input] : [])))
  const own = reports.filter(([pass]) => pass.job === job)
  const measured = new Map(own.flatMap(([pass, report]) => outcomesOf(pass, report)))
  return {
    outcomes: input.requests.map((_, place) =>
      owners.includes(job)
        ? (measured.get(place) ?? { _tag: "File" })
        : { _tag: "Failed", code: "EngineFailed", detail: "nothing was asked of it" }
    ),
    sounds: own.flatMap(([{ pass }, report]) => {
      const { channels = 1, index, sampleRate = 1 } = pass.stream
      const counted = log.samples(job, index)
      const seconds = report?.seconds ?? (counted === undefined ? undefined : counted / channels / sampleRate)
      return seconds === undefined ? [] : [{ stream: index, seconds }]
    }),
    isChanging: own.some(([{ pass }]) => log.isChanging(job, pass.stream.index)),
    complaints: complaints.length,
    ...(complaints[0] === undefined ? {} : { complaint: complaints[0] })
  }
}

/** Seconds of one input from which its progress is worth asking for. */
const LONG = 30

/** Where the sound of a job is kept until it has been measured; gone with the scope. */
const pcmFile = Effect.gen(function* () {
  const { temporary } = yield* StateFolder
  const path = join(temporary, `pcm-${randomUUID()}.wav`)
  yield* Effect.addFinalizer(() => remove(path))
  return path
})

/**
 * Decodes and encodes with ffmpeg's command, one process for all jobs. What is measured is decoded as it is and measured by threads of
 * ours: at the same time where a process has one long input, and else when it has ended.
 *
 * @param encoders that this ffmpeg has
 * @param slots processes at once
 * @param maxBytes ceiling of every output
 */
export const make = (
  program: FluentFfmpeg.Program,
  version: string,
  encoders: ReadonlySet<string>,
  slots: number,
  maxBytes: number
): Effect.Effect<Engine, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const folder = yield* StateFolder
    const threads = yield* MeterThreads.make(slots)
    const run = (jobs: ReadonlyArray<InputJob>, progress: OnProgress) =>
      Effect.gen(function* () {
        const alone = jobs.length === 1 && (jobs[0]?.inspection.durationSeconds ?? 0) > LONG
        const nonce = `n${randomBytes(9).toString("hex")}`
        const log = new FfmpegLog(nonce)
        if (alone)
          yield* Effect.forkScoped(
            Effect.repeat(
              Effect.suspend(() => progress(0, log.seconds)),
              Schedule.spaced("1 second")
            )
          )
        const heard = soundPasses(jobs)
        const metered = heard.flatMap(({ metered }) => metered ?? [])
        const only = alone && metered.length === 1 ? metered[0] : undefined
        const paths = yield* Effect.forEach(heard, ({ metered }) =>
          metered === undefined || only !== undefined ? Effect.succeed(FluentFfmpeg.STDOUT) : pcmFile
        )
        const line = commandLine(jobs, {
          nonce,
          version,
          encoders,
          maxBytes,
          alone,
          pcmOf: (job, { stream }) =>
            paths[heard.findIndex((one) => one.job === job && one.pass.stream.index === stream.index)] ?? FluentFfmpeg.STDOUT
        })
        const stream = only === undefined ? undefined : yield* threads.measureStream(only)
        const ended = yield* FluentFfmpeg.run(program, line, (text) => log.read(text), stream?.sink).pipe(
          Effect.timeoutFail({
            duration: timeLimit(jobs),
            onTimeout: () => new MediaError({ code: "EngineTimedOut", detail: "ffmpeg took too long" })
          })
        )
        if (!ended.ok) return yield* causeOf(log, ended.message)
        const measured = heard.flatMap((one, number) =>
          one.metered === undefined ? [] : [{ one, file: { path: paths[number] ?? "", job: one.metered } }]
        )
        const found =
          stream === undefined ? yield* threads.measureFiles(measured.map(({ file }) => file)) : [yield* stream.report]
        const reportOf = new Map(measured.map(({ one }, number) => [one, found[number]]))
        const reports = heard.map((one) => [one, reportOf.get(one)] as const)
        return jobs.map((job, number) => outcomeOf(job, number, log, line, reports))
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
    return { name: "ffmpeg", version, program: program.path, run }
  })
