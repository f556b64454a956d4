import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import { type Duration, Effect, FiberHandle, Stream } from "effect"
import { HookError } from "./HookError.js"

/** How long a program may take to end once it was asked to. */
const GRACE = "1 second"

/** Characters of what a program says last, for a failure. */
const SAID = 200

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.slice(-SAID) ?? ""

/** Why a program wasn't started. */
const unstarted = (program: string, error: PlatformError): string =>
  error._tag === "SystemError" && error.reason === "NotFound"
    ? `${program} is no program that is installed, or it isn't on PATH`
    : `${program}: ${error.message}`

/** Runs a hook's program with an event on its stdin; what it prints is nobody's, but for the last line of one that fails. */
export const run = (
  [program, ...args]: readonly [string, ...ReadonlyArray<string>],
  body: string,
  env: Readonly<Record<string, string>>,
  folder: string,
  timeout: Duration.Duration
): Effect.Effect<void, HookError, CommandExecutor.CommandExecutor> =>
  Effect.gen(function* () {
    const overdue = yield* FiberHandle.make()
    const child = yield* Command.start(
      Command.make(program, ...args).pipe(Command.workingDirectory(folder), Command.env(env), Command.feed(body))
    )
    // The end of the scope asks a program to end, and waits for it: one that doesn't mind is killed.
    const kill = Effect.interruptible(Effect.delay(Effect.ignore(child.kill("SIGKILL")), GRACE))
    yield* Effect.addFinalizer(() => FiberHandle.run(overdue, kill))
    const said = Stream.runFold(Stream.decodeText(child.stderr), "", (all, text) => (all + text).slice(-2 * SAID))
    const [code, , words] = yield* Effect.all([child.exitCode, Stream.runDrain(child.stdout), said], { concurrency: 3 })
    if (code !== 0) {
      const last = lastLine(words)
      const detail = `${program} ended with exit code ${code}${last === "" ? "" : `: ${last}`}`
      return yield* new HookError({ code: "CommandFailed", detail })
    }
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new HookError({ code: "CommandFailed", detail: `${program} took too long and was ended` })
    }),
    Effect.mapError((error) =>
      error._tag === "HookError" ? error : new HookError({ code: "CommandFailed", detail: unstarted(program, error) })
    )
  )
