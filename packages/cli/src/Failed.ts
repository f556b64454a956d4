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
