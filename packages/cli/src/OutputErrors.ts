import { ExitCode } from "./ExitCode.js"

/** Commands that only answer: without a reader nothing is left to do. All others finish their work without output. */
const answering: ReadonlySet<string> = new Set(["ls", "search", "show", "errors", "why", "graph", "stages"])

/** The reader has ended, or the terminal is closed. */
const readerGone: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"])

/**
 * Meets errors of stdout and stderr, which would end the process in the middle of its work. Gives the exit code when some output
 * was lost, to a full disk for instance.
 *
 * @param exit ends the process
 */
export const listen = (command: string | undefined, exit: (code: ExitCode) => void): (() => ExitCode | undefined) => {
  let lost = false
  const onError = (stream: NodeJS.WriteStream) => (error: NodeJS.ErrnoException) => {
    if (readerGone.has(error.code)) {
      if (stream === process.stdout && command !== undefined && answering.has(command)) exit(ExitCode.done)
      return
    }
    if (!lost && stream === process.stdout)
      process.stderr.write(
        `✗ The output could not be written: ${error.message} (OutputNotWritten)\n  Check the disk that it goes to.\n`
      )
    lost = true
  }
  process.stdout.on("error", onError(process.stdout))
  process.stderr.on("error", onError(process.stderr))
  return () => (lost ? ExitCode.failed : undefined)
}
