import { type ArtifactError, Program, type ProgramError, type StateFolder, Temporary } from "@mediaspool/core"
import type { CommandExecutor } from "@effect/platform"
import { Effect } from "effect"

/** What the program leaves there goes when the scope ends. */
export const unpack = (
  archive: string
): Effect.Effect<string, ArtifactError | ProgramError, CommandExecutor.CommandExecutor | StateFolder> =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Temporary.folder
      return (yield* Program.run("tar", ["-xvf", archive, "-C", folder])).stdout
    })
  )
