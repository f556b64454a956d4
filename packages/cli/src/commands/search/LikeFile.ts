import { Original, RawPath } from "@mediaspool/core"
import { Likeness, MediaEngine, MediaEntry } from "@mediaspool/plugins"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { createReadStream, promises as fs } from "node:fs"
import { resolve } from "node:path"
import { place } from "../../output/Text.js"
import { ExitCode } from "../../ExitCode.js"
import { Refused } from "../../Refused.js"

/** A sound that others are compared with. */
export interface LikeSound {
  readonly contentHash: string
  /** Empty for silence. */
  readonly vector: Float32Array
}

const unreadable = (path: string, cause: unknown): Refused =>
  new Refused({
    code: ExitCode.failed,
    message: `${place(path)} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    help: "Look at its permissions, and whether it is a file."
  })

/** The file at a path, with its content hash; `undefined` where there is none. */
const open = (path: string): Effect.Effect<Original | undefined, Refused> =>
  Effect.gen(function* () {
    const stat = yield* Effect.promise(() => fs.stat(RawPath.forNode(path)).catch(() => undefined))
    if (stat === undefined) return undefined
    if (!stat.isFile()) return yield* unreadable(path, "it is no file")
    const hash = yield* Effect.tryPromise({
      try: async (signal) => {
        const sum = createHash("sha256")
        for await (const chunk of createReadStream(RawPath.forNode(path), { signal })) sum.update(chunk)
        return sum.digest("hex")
      },
      catch: (cause) => unreadable(path, cause)
    })
    return new Original({ hash, size: stat.size, path })
  })

/** Measures a file that the library has no vector of. */
const measured = (file: Original): Effect.Effect<Float32Array, Refused> =>
  Effect.gen(function* () {
    const { mediaEngine } = yield* Effect.promise(() => import("../../layers.js"))
    const { values } = yield* Effect.flatMap(MediaEngine, (engine) => engine.ask(file, { _tag: "Timbre" })).pipe(
      Effect.provide(mediaEngine),
      Effect.catchAll((error) => Refused.of(error, place(file.path)))
    )
    return Float32Array.from(values)
  })

/** What is meant by `--like`: a file at a path, in the library or not, or a file of the library by its name, id or hash. */
export const likeSound = (named: string) =>
  Effect.gen(function* () {
    const path = resolve(named)
    const file = yield* open(path)
    const entries = file === undefined ? yield* MediaEntry.find(named, 2) : []
    const [entry, other] = entries
    if (other !== undefined)
      return yield* Refused.usage(
        `Several files are called ${named}.`,
        "Name one by more of its path, or by its id from `spool show`."
      )
    const contentHash = file?.hash ?? entry?.contentHash
    if (contentHash === undefined)
      return yield* Refused.usage(
        `There is no file ${named}, here or in the library.`,
        "Give the path of a sound, or a name that `spool ls` shows."
      )
    const known = yield* Likeness.vectorOf(contentHash, Likeness.TIMBRE)
    if (known !== undefined) return { contentHash, vector: known }
    const there = file ?? (entry === undefined ? undefined : yield* open(entry.path))
    if (there === undefined)
      return yield* Refused.usage(`${named} isn't there any more, and the library has no vector of it.`, "Choose another file.")
    return { contentHash, vector: yield* measured(there) }
  }).pipe(Effect.catchTag("LibraryError", (error) => Refused.of(error)))
