import type { StageFailure } from "@mediaspool/core"
import { ExitCode, Refused } from "./ExitCode.js"
import { inline } from "./render/Text.js"

/** A room's failure as a command's: what it says, what to do, and the exit code of its class. */
export const refused = ({ code, help, message, retry }: StageFailure, where?: string): Refused =>
  new Refused({
    code: retry === "config" ? ExitCode.config : retry === "later" ? ExitCode.waiting : ExitCode.failed,
    message: `${where === undefined ? "" : `${where}: `}${inline(message)} (${code})`,
    help
  })

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  typeof value === "object" && value !== null && key in value

/** Something failed whose kind nobody here knows: a stranger's service. A failure of Mediaspool's form keeps its words. */
export const unforeseen = (error: unknown, what: string): Refused => {
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
