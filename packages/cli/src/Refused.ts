import type { StageFailure } from "@mediaspool/core"
import { Data } from "effect"
import { ExitCode } from "./ExitCode.js"
import { inline } from "./output/Text.js"

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  typeof value === "object" && value !== null && key in value

/** The command can't do what was asked. `message` says what is wrong, `help` what to do. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly code: ExitCode
  readonly message: string
  readonly help?: string
}> {
  /**
   * A failure from the error tables: its words, its advice, and the exit code of its retry class.
   *
   * @param where what the message begins with: the file or folder concerned
   */
  static readonly of = ({ code, help, message, retry }: StageFailure, where?: string): Refused =>
    new Refused({
      code: retry === "config" ? ExitCode.config : retry === "later" ? ExitCode.waiting : ExitCode.failed,
      message: `${where === undefined ? "" : `${where}: `}${inline(message)} (${code})`,
      help
    })

  /** An error of unknown type, from a plugin's service. One with `code`, `help` or `retry` keeps them. */
  static readonly unexpected = (error: unknown, what: string): Refused => {
    const message = error instanceof Error || has(error, "message") ? String(error.message) : String(error)
    const help = has(error, "help") && typeof error.help === "string" && error.help !== "" ? error.help : undefined
    const code = has(error, "code") ? ` (${String(error.code)})` : ""
    const waits = has(error, "retry") && error.retry === "later"
    return new Refused({
      code: waits ? ExitCode.waiting : ExitCode.config,
      message: `${what}: ${inline(message)}${code}`,
      ...(help === undefined ? {} : { help })
    })
  }

  /** The command line itself is wrong. */
  static readonly usage = (message: string, help: string): Refused => new Refused({ code: ExitCode.usage, message, help })
}
