import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import { type Duration, Effect, FiberHandle, Stream } from "effect"
import { HookError } from "./HookError.js"

/** How long a program may take to end once it was asked to. */
const GRACE = "1 second"

/** Runs a hook's program with an event on its stdin; what it prints is nobody's. */
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
    const [code] = yield* Effect.all([child.exitCode, Stream.runDrain(child.stdout), Stream.runDrain(child.stderr)], {
      concurrency: 3
    })
    if (code !== 0) return yield* new HookError({ code: "CommandFailed", detail: `${program} ended with exit code ${code}` })
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new HookError({ code: "CommandFailed", detail: `${program} took too long and was ended` })
    }),
    Effect.mapError((error) =>
      error._tag === "HookError" ? error : new HookError({ code: "CommandFailed", detail: `${program}: ${error.message}` })
    )
  )
