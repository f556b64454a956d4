import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import { Cause, Console, Effect, Exit, Option } from "effect"
import * as Arguments from "./Arguments.js"
import { backup } from "./commands/backup.js"
import { restore } from "./commands/restore.js"
import { canary } from "./commands/canary.js"
import { check } from "./commands/check.js"
import { doctor } from "./commands/doctor.js"
import { drain } from "./commands/drain.js"
import { emulator } from "./commands/emulator.js"
import { duplicates } from "./commands/duplicates.js"
import { errors } from "./commands/errors.js"
import { exportCommand } from "./commands/export.js"
import { forget } from "./commands/forget.js"
import { gc } from "./commands/gc.js"
import { graph } from "./commands/graph.js"
import { init } from "./commands/init.js"
import { ls } from "./commands/ls.js"
import { models } from "./commands/models.js"
import { plan } from "./commands/plan.js"
import { pause } from "./commands/pause.js"
import { plugin } from "./commands/plugin.js"
import { report } from "./commands/report.js"
import { requeue } from "./commands/requeue.js"
import { resume } from "./commands/resume.js"
import { run } from "./commands/run.js"
import { samples } from "./commands/samples.js"
import { schema } from "./commands/schema.js"
import { search } from "./commands/search.js"
import { serve } from "./commands/serve.js"
import { show } from "./commands/show.js"
import { stages } from "./commands/stages.js"
import { status } from "./commands/status.js"
import { test } from "./commands/test.js"
import { top } from "./commands/top.js"
import { watch } from "./commands/watch.js"
import { why } from "./commands/why.js"
import { worker } from "./commands/worker.js"
import { workers } from "./commands/workers.js"
import { writeTags } from "./commands/writeTags.js"
import { Ended, ExitCode } from "./ExitCode.js"
import * as Help from "./Help.js"
import * as CommandLogger from "./output/CommandLogger.js"
import { noteAsJson, Output, paint, put } from "./output/Output.js"
import * as NodeServices from "./NodeServices.js"
import { Refused } from "./Refused.js"
import * as StandardOutput from "./output/StandardOutput.js"
import * as StartLine from "./output/StartLine.js"
import * as OutputErrors from "./OutputErrors.js"
import * as Signals from "./Signals.js"
import * as StrayErrors from "./StrayErrors.js"
import { version } from "./Version.js"
import * as WorkingFolder from "./WorkingFolder.js"

/** What is used every day; a command is listed once. */
const daily = [init, check, plan, run, watch, serve, ls, search, show, errors, requeue] as const
const operate = [status, top, report, canary] as const
const watcher = [pause, resume, drain] as const
const machines = [worker, workers] as const
const look = [why, doctor, graph, stages, models, duplicates] as const
const take = [exportCommand, writeTags] as const
const maintain = [forget, gc, backup, restore] as const
const author = [test, plugin, schema] as const
const more = [samples, emulator] as const

/** In the order of `spool --help`. */
export const groups = [
  { title: "Every day", commands: daily },
  { title: "Around a run", commands: operate },
  { title: "Control a watcher", commands: watcher },
  { title: "Many machines", commands: machines },
  { title: "Look closer", commands: look },
  { title: "Take results away", commands: take },
  { title: "Maintain", commands: maintain },
  { title: "Tests and plugins", commands: author },
  { title: "Try things out", commands: more }
] as const

const root = Command.make("spool").pipe(
  Command.withDescription("Turns folders of audio and video into a searchable library."),
  Command.withSubcommands([...daily, ...operate, ...watcher, ...machines, ...look, ...take, ...maintain, ...author, ...more])
)

/** What @effect/cli prints goes the way of everything else: without colours where they don't belong. */
const withPlainConsole = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) =>
    Effect.withConsole(effect, {
      ...console,
      log: (...words) => put(process.stdout, words.join(" ").trimEnd()),
      error: (...words) => put(process.stderr, words.join(" ").trimEnd())
    })
  )

/** The exit code of what went wrong, after it was said: one clear message, never a stack trace. */
const explain = (
  cause: Cause.Cause<Ended | Refused | ValidationError.ValidationError>,
  json: boolean
): Effect.Effect<ExitCode> => {
  if (Cause.isInterruptedOnly(cause)) return Effect.succeed(ExitCode.interrupted)
  const failure = Cause.failureOption(cause)
  if (Option.isNone(failure))
    return refusal(
      new Refused({
        code: ExitCode.failed,
        message: `Internal error in Mediaspool or a plugin: ${Cause.prettyErrors(cause)[0]?.message ?? "unknown"}`,
        help: "Please report it; `--log-level debug` shows the stack trace."
      }),
      json
    ).pipe(Effect.tap(Effect.logDebug(cause)))
  const error = failure.value
  if (error instanceof Ended) return Effect.succeed(error.code)
  // @effect/cli has said what was wrong.
  return error instanceof Refused ? refusal(error, json) : Effect.succeed(ExitCode.usage)
}

const refusal = ({ code, message, help }: Refused, json: boolean): Effect.Effect<ExitCode> =>
  Effect.gen(function* () {
    yield* put(process.stderr, `${paint.red("✗")} ${message}${help === undefined ? "" : `\n  ${help}`}`)
    if (json) yield* Output.make(true).value({ type: "error", message, ...(help === undefined ? {} : { help }), exitCode: code })
    return code
  })

/** Help, when it is asked for or nothing else is. */
const helpFor = (args: ReadonlyArray<string>): Option.Option<string> => {
  const end = args.indexOf("--")
  const words = end === -1 ? args : args.slice(0, end)
  const asked = words.includes("--help") || words.includes("-h")
  const columns = Math.min(process.stdout.columns ?? 100, 120)
  if (words.length === 0 || (asked && words[0]?.startsWith("-"))) return Option.some(Help.overview(groups, version, columns))
  return asked || (words[0] === "plugin" && words.length === 1)
    ? Option.map(Help.find(groups, words), ([name, command]) => Help.ofCommand(command, name, columns))
    : Option.none()
}

/** Whether `--log json` is asked for. */
const isJsonLog = (args: ReadonlyArray<string>): boolean =>
  args.some((word, i) => word === "--log=json" || (word === "--log" && args[i + 1] === "json"))

/**
 * Runs the command line; the process ends with the exit code of the contract.
 *
 * @param startLine whether a line stands on the terminal already, which gives way to the first output
 */
export const main = (argv: ReadonlyArray<string>, startLine = false): void => {
  if (startLine) StartLine.mark()
  const args = argv.slice(2)
  const json = args.includes("--json")
  const logs = isJsonLog(args)
  if (logs) noteAsJson()
  const cli = Command.run(root, { name: "spool", version, executable: "spool" })
  const commands = Command.getSubcommands(root)
  const checked = Arguments.check(commands, args, { plugin: Command.getSubcommands(plugin) })
  const program = Option.match(helpFor(args), {
    onNone: () =>
      Effect.zipRight(
        Effect.zipRight(checked, WorkingFolder.check),
        cli([...argv.slice(0, 2), ...Arguments.ordered(commands, args)])
      ),
    onSome: (text) => put(process.stdout, text)
  }).pipe(
    withPlainConsole,
    Effect.provide(CommandLogger.layer(json || logs)),
    Effect.provide(NodeServices.layer),
    Effect.provide(CliConfig.layer({ showBuiltIns: false })),
    Effect.as<ExitCode>(ExitCode.done),
    Effect.catchAllCause((cause) => explain(cause, json))
  )
  const fiber = Effect.runFork(program)
  const signals = Signals.listen(fiber, exit)
  const lost = OutputErrors.listen(args[0], exit)
  const stray = StrayErrors.listen(signals.stop)
  fiber.addObserver((ended) => {
    const error = stray()
    if (error !== undefined)
      return void Effect.runFork(Effect.tap(refusal(error, json), (code) => Effect.sync(() => end(() => code))))
    const code = signals.code() ?? Exit.getOrElse(ended, () => ExitCode.interrupted)
    end(() => (code === ExitCode.done ? (lost() ?? code) : code), signals.code() === undefined ? Infinity : LAST_WORDS)
  })
}

/** The process's own: plugins find another in its place. */
const exit = process.exit.bind(process)

/** Milliseconds in which a reader may take what was written before a signal ends the command: one that is stopped never does. */
const LAST_WORDS = 2_000

/**
 * Ends when all that was written has been read, or so many milliseconds later.
 *
 * @param code asked for last: what couldn't be written is known only then
 */
const end = (code: () => ExitCode, patience = Infinity): void => {
  StartLine.clear()
  if (patience < Infinity) setTimeout(() => exit(code()), patience)
  StandardOutput.end(() => process.stderr.write("", () => exit(code())))
}
