import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { ExitCode } from "./ExitCode.js"
import { inline } from "./output/Text.js"
import { Refused } from "./Refused.js"

/** The first line of a stack that is neither Node's, nor a dependency's, nor ours: where a plugin's code is. */
const placeOf = (stack: string): string | undefined => {
  for (const line of stack.split("\n")) {
    const [, file] = /((?:file:\/\/)?[/\\][^:()]+):\d+:\d+\)?$/.exec(line) ?? []
    if (file === undefined || /node_modules|[/\\](?:core|plugins|cli)[/\\](?:src|dist)[/\\]/.test(file)) continue
    return relative(process.cwd(), file.startsWith("file:") ? fileURLToPath(file) : file)
  }
}

/** An error outside of every Effect, such as one thrown by a timer, in the command's words. */
const refusalOf = (error: unknown): Refused => {
  const place = error instanceof Error ? placeOf(error.stack ?? "") : undefined
  const message = inline(error instanceof Error ? error.message : String(error))
  return new Refused({
    code: ExitCode.failed,
    message: `${place === undefined ? "An error outside of every stage" : `An error in ${place}, outside of its stage`}: ${message} (StrayError)`,
    help: "Start timers and promises inside the stage's Effect, so that their errors become its own."
  })
}

/**
 * Meets errors that nothing catches, and refuses `process.exit` to plugins: the command ends in order instead, and says why.
 *
 * @param stop ends the command, after its clean-up
 */
export const listen = (stop: () => void): (() => Refused | undefined) => {
  let stray: Refused | undefined
  process.on("uncaughtException", (error) => {
    // Others that follow change nothing: stopping twice would leave out the clean-up.
    if (stray !== undefined) return
    stray = refusalOf(error)
    stop()
  })
  process.exit = () => {
    // The one way to keep the caller from going on: inside a stage it becomes the stage's defect.
    throw new Error("process.exit was called: a plugin must not end the process (PluginExited)")
  }
  return () => stray
}
