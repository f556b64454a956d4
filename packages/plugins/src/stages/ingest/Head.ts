import { RawPath } from "@mediaspool/core"
import { Effect } from "effect"
import { constants, promises as fs } from "node:fs"
import { MediaError } from "../../media/MediaError.js"
import * as SoundTags from "../../media/security/SoundTags.js"

/** Bytes that are looked at. */
const LENGTH = 16_384

const problem = (cause: NodeJS.ErrnoException): MediaError =>
  cause.code === "ELOOP"
    ? new MediaError({ code: "Unreadable", detail: "it has become a link, and links are not followed" })
    : new MediaError({ code: "Unreadable", detail: cause.message.replace(/, open '.*'$/s, "") })

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, MediaError> =>
  Effect.tryPromise({ try: run, catch: (cause) => problem(cause instanceof Error ? cause : new Error(String(cause))) })

/** The beginning of a file. */
export interface Head {
  /** Bytes of the whole file, now. */
  readonly size: number
  /** The first 16 KiB; those after the tag when a tag (ID3v2, APEv2), which may hold megabytes of pictures, stands before the sound. */
  readonly bytes: Buffer
  /** Whether a tag was left out of `bytes`. */
  readonly tagged: boolean
}

/**
 * Reads the beginning of a file, and no more. It neither follows a link nor waits for a pipe's other end.
 *
 * @param path a RawPath
 */
export const read = (path: string): Effect.Effect<Head, MediaError> =>
  Effect.acquireUseRelease(
    attempt(() => fs.open(RawPath.forNode(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)),
    (file) =>
      Effect.gen(function* () {
        const stat = yield* attempt(() => file.stat())
        if (!stat.isFile()) return yield* new MediaError({ code: "NotMedia", detail: "it is no regular file" })
        const readAt = (position: number) =>
          Effect.map(
            attempt(() => file.read(Buffer.allocUnsafe(LENGTH), 0, LENGTH, position)),
            ({ buffer, bytesRead }) => buffer.subarray(0, bytesRead)
          )
        const first = yield* readAt(0)
        const tag = SoundTags.sizeOf(first)
        return { size: stat.size, bytes: tag === 0 ? first : yield* readAt(tag), tagged: tag > 0 }
      }),
    (file) => Effect.promise(() => file.close().catch(() => undefined))
  )
