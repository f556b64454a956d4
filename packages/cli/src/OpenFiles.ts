import { Effect, Option } from "effect"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { ExitCode } from "./ExitCode.js"
import { Refused } from "./Refused.js"

/** Files that a command with its threads, database and modules has open: 44 were too few for two short files, 48 for sixty. */
const BASE = 96
/** Pipes of the programs and requests that each processor is kept busy with. */
const PER_PROCESSOR = 8

/** How many files this process may open at a time; undefined where the system doesn't tell. Node has raised the soft limit to the hard one. */
const limit = (): number | undefined => {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}

/** Too few for the threads and programs of a run, each of which would say so in words of its own, or end without any. */
export interface Shortage {
  readonly allowed: number
  readonly needed: number
}

/** `None` where there are enough, or the system doesn't tell. */
export const shortage: Effect.Effect<Option.Option<Shortage>> = Effect.sync(() => {
  const [allowed, needed] = [limit(), BASE + PER_PROCESSOR * availableParallelism()]
  return allowed === undefined || allowed >= needed ? Option.none() : Option.some({ allowed, needed })
})

/** What is wrong, without a full stop. */
export const sentence = ({ allowed, needed }: Shortage): string =>
  `this process may have ${allowed} files open at a time; ${needed} are needed`

/** What to do about it. */
export const help =
  "Raise the limit where it is set: `ulimit -n 1024` in the shell, LimitNOFILE= in systemd, `--ulimit nofile=1024` in Docker."

/** Fails where a run wouldn't have enough. */
export const check: Effect.Effect<void, Refused> = Effect.flatMap(
  shortage,
  Option.match({
    onNone: () => Effect.void,
    onSome: (short) =>
      new Refused({ code: ExitCode.config, message: `Not enough open files: ${sentence(short)} (TooFewOpenFiles)`, help })
  })
)
