import { Data } from "effect"

/** What the shell hears of a command. */
export const ExitCode = {
  /** Everything is done. */
  done: 0,
  /** Some items failed; the rest is done. */
  failed: 1,
  /** The command was called in a way that it doesn't understand. */
  usage: 2,
  /** Nothing failed, but some items wait for a service or for space (EX_TEMPFAIL). */
  waiting: 75,
  /** The configuration, or what it needs of the machine, must be changed first (EX_CONFIG). */
  config: 78,
  /** The terminal was closed (128 + SIGHUP). */
  hangup: 129,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** 128 + SIGTERM */
  terminated: 143
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The command has said everything there is to say; the process ends with this code. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: ExitCode }> {}
