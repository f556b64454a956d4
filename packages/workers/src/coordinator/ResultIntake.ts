import { type AnyKind, Artifacts, type ArtifactError, Provenance, type StageFailure } from "@mediaspool/core"
import { Data, Effect, Either } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import * as Mismatch from "../protocol/Mismatch.js"
import type { ReplyFailure, ReplyFile, StageResult } from "../protocol/StageReply.js"
import * as ValueCodec from "../protocol/ValueCodec.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** A stage's own failure, from a worker: met by its class as if it had happened here. */
class RemoteFailure extends Data.Error<ReplyFailure> {}

/** Something broke there: where this one was made says nothing. */
const brokenThere = (message: string): Error => Object.assign(new Error(message.replace(/^(Error: )+/, "")), { stack: "" })

const isOtherDisk = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "EXDEV"

const move = (from: string, to: string): Effect.Effect<void, WorkerError> =>
  Effect.tryPromise({
    try: () =>
      fs.rename(from, to).catch(async (cause: unknown) => {
        if (!isOtherDisk(cause)) throw cause
        await fs.copyFile(from, to)
        await fs.rm(from, { force: true })
      }),
    catch: (cause) => new WorkerError({ code: "ResultDamaged", detail: `a delivered file can't be taken: ${String(cause)}` })
  })

/** A delivered file becomes an artifact of the result; its path in the store. */
const adopt = (file: ReplyFile, placeOf: (file: ReplyFile) => string): Effect.Effect<string, WorkerError | ArtifactError> =>
  Effect.gen(function* () {
    const { extension, hash, size, slot } = file
    const artifacts = yield* Artifacts
    const from = placeOf(file)
    const { artifact } = yield* artifacts.write(slot, extension, (to) => move(from, to))
    return artifact.hash === hash && artifact.size === size
      ? artifact.path
      : yield* new WorkerError({ code: "ResultDamaged", detail: `the file '${slot}' arrived with other bytes` })
  })

const damaged = (detail: string) => new WorkerError({ code: "ResultDamaged", detail })

/** An output that was too large for the queue; the file is taken away. */
const readOutput = (file: ReplyFile, placeOf: (file: ReplyFile) => string): Effect.Effect<unknown, WorkerError> =>
  Effect.gen(function* () {
    const path = placeOf(file)
    const bytes = yield* Effect.tryPromise({
      try: () => fs.readFile(path),
      catch: (cause) => damaged(`the delivered output can't be read: ${String(cause)}`)
    })
    yield* Effect.promise(() => fs.rm(path, { force: true }).catch(() => undefined))
    if (createHash("sha256").update(bytes).digest("hex") !== file.hash)
      return yield* damaged("the output arrived with other bytes")
    return yield* Effect.try({
      try: (): unknown => JSON.parse(bytes.toString()),
      catch: (cause) => damaged(`the delivered output is no JSON: ${String(cause)}`)
    })
  })

/** Where the files of an answer belong. */
export interface Expected {
  readonly key: string
  readonly kind: AnyKind
  /** The inputs' files by hash. */
  readonly paths: ReadonlyMap<string, string>
  readonly placeOf: (file: ReplyFile) => string
}

const none: ReadonlyMap<string, string> = new Map()

/** @param adopted the result's files in the store, by slot */
const decode = (
  encoded: unknown,
  { key, kind, paths }: Expected,
  adopted: ReadonlyMap<string, string>
): Effect.Effect<unknown, WorkerError> => {
  const output = ValueCodec.of(kind).decode(encoded, ({ hash, key: owner, slot = "" }) =>
    owner === key ? adopted.get(slot) : paths.get(hash)
  )
  if (Either.isRight(output)) return Effect.succeed(output.right)
  const detail = typeof output.left === "string" ? output.left : Mismatch.describe(output.left)
  return damaged(`the output is no ${kind._tag}: ${detail}`)
}

/** What a worker answered, as if the stage had run here: its output with its files in the store, or its failure. */
export const take = (reply: StageResult, expected: Expected): Effect.Effect<unknown, StageFailure> => {
  if (reply._tag === "Failed") return new RemoteFailure(reply.failure)
  if (reply._tag === "Broke") return Effect.die(brokenThere(reply.message))
  const { files, madeWith, output, outputFile } = reply
  // Most answers are an output alone.
  if (outputFile === undefined && files.length === 0 && madeWith.length === 0) return decode(output, expected, none)
  return Effect.gen(function* () {
    const adopted = new Map<string, string>()
    for (const file of files) adopted.set(file.slot, yield* adopt(file, expected.placeOf))
    const provenance = yield* Provenance
    for (const [program, version] of madeWith) yield* provenance.madeWith(program, version)
    const encoded = outputFile === undefined ? output : yield* readOutput(outputFile, expected.placeOf)
    return yield* decode(encoded, expected, adopted)
  })
}
