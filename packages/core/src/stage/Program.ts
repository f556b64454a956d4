import { Command, CommandExecutor } from "@effect/platform"
import { Duration, Effect, Option, type Scope, Stream } from "effect"
import * as Failure from "./Failure.js"
import { redact } from "./Secret.js"
import { StateFolder } from "./StateFolder.js"

/** What running a program may fail with. */
export class ProgramError extends Failure.Class<ProgramError>()("ProgramError", {
  ProgramMissing: { retry: "config", help: "Install the program and put it on the PATH." },
  ProgramFailed: { retry: "never", help: "Run the program on the file yourself, to see what it says." },
  ProgramBroke: { retry: "now", help: "Check the machine's memory and load: the system ended the program." }
}) {}

/** How a program is run. */
export interface Options {
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** What the program reads; without it nothing. */
  readonly stdin?: string
  /** Told of every line, as it comes. */
  readonly onLine?: (line: string, from: "stdout" | "stderr") => Effect.Effect<void>
  /** How many characters of each output are kept, the last ones; 1,000,000. */
  readonly keep?: number
  /** Exit codes that are no failure; 0. */
  readonly exitCodes?: ReadonlyArray<number>
  /** Between the request to end and the end by force, when the stage is stopped; 5 s. */
  readonly patience?: Duration.DurationInput
}

/** What a program that ended left; of long outputs their end. */
export interface Result {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const KEEP = 1_000_000
const PATIENCE = "5 seconds"

const command = (program: string, args: ReadonlyArray<string>, { cwd, env, stdin = "" }: Options): Command.Command => {
  const plain = Command.make(program, ...args).pipe(Command.feed(stdin))
  const placed = cwd === undefined ? plain : Command.workingDirectory(plain, cwd)
  return env === undefined ? placed : Command.env(placed, env)
}

/** Ends a program that still runs: it is asked, and after a while forced. Whoever stops it is not kept waiting longer. */
const end = (child: CommandExecutor.Process, patience: Duration.DurationInput): Effect.Effect<void> => {
  const within = (signal: "SIGTERM" | "SIGKILL") =>
    child.kill(signal).pipe(Effect.ignore, Effect.disconnect, Effect.interruptible, Effect.timeoutOption(patience))
  return Effect.whenEffect(
    Effect.flatMap(within("SIGTERM"), (ended) => (Option.isSome(ended) ? Effect.void : within("SIGKILL"))),
    Effect.orElseSucceed(child.isRunning, () => false)
  )
}

/** If this process dies, the next start ends the program. */
const remember = (pid: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(
    Effect.serviceOption(StateFolder),
    Option.match({ onNone: () => Effect.void, onSome: (state) => state.child(pid) })
  )

/**
 * Runs a program to its end and gives both its outputs. Stopped, it is asked to end (SIGTERM) and then forced (SIGKILL), with its
 * children. Arguments are passed as they are: no shell reads them.
 *
 * @example
 * const { stdout } = yield* Program.run("python3", [script, file.path], { onLine: (line) => Effect.logDebug(line) })
 */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  options: Options = {}
): Effect.Effect<Result, ProgramError, CommandExecutor.CommandExecutor> => {
  const { exitCodes = [0], keep = KEEP, onLine, patience = PATIENCE } = options
  const read = <E>(bytes: Stream.Stream<Uint8Array, E>, from: "stdout" | "stderr") =>
    bytes.pipe(
      Stream.decodeText(),
      onLine === undefined
        ? (text) => text
        : (text) =>
            Stream.splitLines(text).pipe(
              Stream.tap((line) => onLine(line, from)),
              Stream.map((line) => `${line}\n`)
            ),
      Stream.runFold("", (all, text) => (all + text).slice(-keep))
    )
  return Effect.gen(function* () {
    const child = yield* Effect.mapError(
      Command.start(command(program, args, options)),
      (error) => new ProgramError({ code: "ProgramMissing", detail: `${program} can't be started: ${error.message}` })
    )
    yield* remember(child.pid)
    yield* Effect.addFinalizer(() => end(child, patience))
    const [stdout, stderr, exitCode] = yield* Effect.mapError(
      Effect.all([read(child.stdout, "stdout"), read(child.stderr, "stderr"), child.exitCode], { concurrency: "unbounded" }),
      (error) => new ProgramError({ code: "ProgramBroke", detail: `${program} was ended: ${error.message}` })
    )
    if (exitCodes.includes(exitCode)) return { exitCode, stdout, stderr }
    const said = redact((stderr.trim() === "" ? stdout : stderr).trim())
      .split("\n")
      .slice(-3)
      .join(" ")
      .slice(-500)
    return yield* new ProgramError({ code: "ProgramFailed", detail: `${program} ended with ${exitCode}: ${said}` })
  }).pipe(Effect.scoped)
}

/**
 * The arguments with which ffmpeg, or ffprobe, reads a stranger's file: it asks nobody, and a playlist in disguise opens neither a
 * network address nor another file than the one that is named.
 *
 * @param path absolute
 * @example Program.run("ffmpeg", [...Program.ffmpegInput(file.path), "-frames:v", "1", out])
 */
export const ffmpegInput = (path: string): ReadonlyArray<string> => [
  "-nostdin",
  "-hide_banner",
  "-protocol_whitelist",
  "file,pipe,fd",
  "-i",
  `file:${path}`
]
