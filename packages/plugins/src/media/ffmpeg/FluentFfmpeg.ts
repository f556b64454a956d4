/**
 * What of fluent-ffmpeg is used: its order of inputs, filters and outputs on a command line, and its running of the program.
 * Its search for programs and capabilities, its `ffprobe` and its `kill` are not, for they start processes or hang on odd input.
 */
import type { StateFolder } from "@mediaspool/core"
import { Effect } from "effect"
import ffmpeg from "fluent-ffmpeg"
import type { ChildProcess } from "node:child_process"
import type { Writable } from "node:stream"
import * as Child from "../ChildProcess.js"
import { MediaError } from "../MediaError.js"
import type { CommandLine } from "./CommandLine.js"

/** The program, and what it is started by: on Linux `setpriv`, which has the kernel end it with us. */
export interface Program {
  readonly path: string
  readonly guard: ReadonlyArray<string>
}

type Callback = (error: Error | null, value?: unknown) => void
type Spawn = (
  this: ffmpeg.FfmpegCommand,
  args: ReadonlyArray<string>,
  options: object,
  started: (child: ChildProcess, ...rings: ReadonlyArray<unknown>) => void,
  ended: (...outcome: ReadonlyArray<unknown>) => void
) => void

/** What fluent-ffmpeg keeps from its types. */
interface Inside {
  _checkCapabilities: (done: Callback) => void
  availableEncoders: (done: Callback) => void
  _getFfmpegPath: (done: Callback) => void
  _spawnFfmpeg: Spawn
}

/** A command of fluent-ffmpeg without what it does on its own: it asks ffmpeg nothing before, and hands on no environment. */
const command = ({ guard, path }: Program, started: (child: ChildProcess) => void): ffmpeg.FfmpegCommand => {
  const made = ffmpeg({
    stdoutLines: 40,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  })
  // The one way to these methods: they stand on the object, but not in its type.
  const inside = made as unknown as Inside
  const spawn = inside._spawnFfmpeg
  const [program = path, ...before] = [...guard, path]
  // It would start ffmpeg twice to list what it can, and reads the list of ffmpeg 7.1 wrongly.
  inside._checkCapabilities = (done) => done(null)
  inside.availableEncoders = (done) => done(null, {})
  inside._getFfmpegPath = (done) => done(null, program)
  inside._spawnFfmpeg = function (args, options, onStart, onEnd) {
    const report: typeof onStart = (child, ...rings) => {
      started(child)
      onStart(child, ...rings)
    }
    spawn.call(this, [...before, ...args], { ...options, ...Child.options() }, report, onEnd)
  }
  return made
}

/** The target that is this process. */
export const STDOUT = "pipe:1"

const write = (target: ffmpeg.FfmpegCommand, { graphs, inputs, outputs }: CommandLine, stdout: Writable | undefined): void => {
  // As separate arguments: fluent-ffmpeg cuts the words of a list at their blanks.
  for (const { options, url } of inputs) target.input(url).inputOptions(...options)
  for (const [n, { options, target: path }] of outputs.entries())
    // A graph for each input, which `complexFilter` doesn't offer: an input that gives nothing then stops no other.
    target
      .output(path === STDOUT && stdout !== undefined ? stdout : path)
      .outputOptions(...(n === 0 ? graphs.flatMap((graph) => ["-filter_complex", graph]) : []), ...options)
}

/** How a process ended: normally, or with fluent-ffmpeg's words for it. */
export type Ended = { readonly ok: true } | { readonly ok: false; readonly message: string }

/** Starts ffmpeg. A program that can't be started has no pid. */
const started = (program: Program, commandLine: CommandLine, line: (text: string) => void, stdout: Writable | undefined) =>
  Effect.async<{ readonly ended: Promise<Ended>; readonly child: ChildProcess }>((resume) => {
    let settle: (ended: Ended) => void = () => undefined
    const ended = new Promise<Ended>((resolve) => {
      settle = resolve
    })
    // Its own `kill` does nothing before the `start` event, so the child itself is kept.
    const made = command(program, (child) => resume(Effect.succeed({ ended, child })))
    write(made, commandLine, stdout)
    made.on("stderr", line)
    made.on("end", () => settle({ ok: true }))
    made.on("error", ({ message }) => settle({ ok: false, message }))
    made.run()
  })

/**
 * Runs one ffmpeg to its end. Interruption ends it, with SIGTERM and then SIGKILL, and returns when it is gone.
 *
 * @param line hears every line of its log
 * @param stdout takes what is written to {@link STDOUT}
 */
export const run = (
  program: Program,
  commandLine: CommandLine,
  line: (text: string) => void,
  stdout?: Writable
): Effect.Effect<Ended, MediaError, StateFolder> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { child, ended } = yield* Effect.uninterruptible(
        Effect.tap(started(program, commandLine, line, stdout), ({ child }) => Child.adopt(child))
      )
      const outcome = yield* Effect.promise(() => ended)
      if (child.pid !== undefined) return outcome
      return yield* new MediaError({
        code: "EngineMissing",
        detail: `ffmpeg can't be started: ${outcome.ok ? "" : outcome.message}`
      })
    })
  )
