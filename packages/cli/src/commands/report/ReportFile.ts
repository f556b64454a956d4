import { Effect } from "effect"
import { closeSync, fsyncSync, lstatSync, openSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import { MARK } from "./ReportPage.js"

const begins = (path: string): boolean => {
  const file = openSync(path, "r")
  try {
    const head = Buffer.alloc(MARK.length)
    return readSync(file, head, 0, MARK.length, 0) === MARK.length && head.toString() === MARK
  } finally {
    closeSync(file)
  }
}

/** Why a report may not be written there; undefined where nothing is, or an earlier report. A link is not followed. */
const refusal = (path: string): string | undefined => {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.isSymbolicLink()) return "is a symbolic link"
  if (stat.isDirectory()) return "is a folder"
  if (!stat.isFile()) return "is no regular file"
  return begins(path) ? undefined : "is no earlier report"
}

const refused = (path: string, why: string): Refused =>
  new Refused({
    code: ExitCode.usage,
    message: `${place(path)} ${why}: a report replaces nothing but an earlier report.`,
    help: "Name a new file with --to."
  })

const write = (path: string, text: string): void => {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  try {
    const file = openSync(part, "wx")
    try {
      // All of it: on a full disk a single write ends short, and is no error.
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}

const failed = (path: string, cause: unknown): Refused =>
  new Refused({
    code: ExitCode.failed,
    message: `${place(path)} can't be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    help: "Look at the folder, its permissions and its disk."
  })

/** Refuses what must not be written over. @param path absolute */
export const check = (path: string): Effect.Effect<void, Refused> =>
  Effect.try({ try: () => refusal(path), catch: (cause) => failed(path, cause) }).pipe(
    Effect.flatMap((why) => (why === undefined ? Effect.void : refused(path, why)))
  )

/** Writes a report whole, or not at all. @param path absolute */
export const put = (path: string, text: string): Effect.Effect<void, Refused> =>
  Effect.zipRight(check(path), Effect.try({ try: () => write(path, text), catch: (cause) => failed(path, cause) }))
