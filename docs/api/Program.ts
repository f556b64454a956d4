import { Program, type ProgramError, Progress, type SourceFile } from "@mediaspool/core"
import type { CommandExecutor } from "@effect/platform"
import { Effect } from "effect"

/** Ended with its children when the stage is stopped. */
export const listen = (source: SourceFile): Effect.Effect<string, ProgramError, CommandExecutor.CommandExecutor> =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const { stdout } = yield* Program.run("listen", ["--json", source.file.path], {
      onLine: (line, from) => (from === "stderr" && line === "half" ? progress.report(0.5, "half of it") : Effect.void)
    })
    return stdout
  })
