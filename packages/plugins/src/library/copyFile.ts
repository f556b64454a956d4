import { Effect } from "effect"
import { constants, createReadStream, createWriteStream, promises as fs } from "node:fs"
import { pipeline } from "node:stream/promises"

const CHUNK = 1 << 20

const byStreams = (from: string | Buffer, to: string, signal: AbortSignal): Promise<void> =>
  pipeline(createReadStream(from, { highWaterMark: CHUNK }), createWriteStream(to, { flags: "wx", highWaterMark: CHUNK }), {
    signal
  })

/**
 * Copies a file to a new name, sharing its blocks where the file system can. Not by Node's own copy: that never ends when somebody
 * cuts the file meanwhile, and can't be stopped. Interrupted, it ends before it returns; what it wrote is left to its caller.
 *
 * @param notCopied what the system says against it
 */
export const copyFile = <E>(from: string | Buffer, to: string, notCopied: (cause: unknown) => E): Effect.Effect<void, E> =>
  Effect.tryPromise(() => fs.copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)).pipe(
    Effect.uninterruptible,
    Effect.orElse(() =>
      Effect.async<void, E>((resume) => {
        const stop = new AbortController()
        const copying = byStreams(from, to, stop.signal).then(
          () => resume(Effect.void),
          (cause: unknown) => resume(Effect.fail(notCopied(cause)))
        )
        return Effect.promise(() => {
          stop.abort()
          return copying
        })
      })
    )
  )
