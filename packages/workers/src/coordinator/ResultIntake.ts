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

/** What a worker answered, as if the stage had run here: its output with its files in the store, or its failure. */
export const take = (
  reply: StageResult,
  expected: {
    readonly key: string
    readonly kind: AnyKind
    /** The inputs' files by hash. */
    readonly paths: ReadonlyMap<string, string>
    readonly placeOf: (file: ReplyFile) => string
  }
): Effect.Effect<unknown, StageFailure> =>
  Effect.gen(function* () {
    if (reply._tag === "Failed") return yield* new RemoteFailure(reply.failure)
    if (reply._tag === "Broke") return yield* Effect.die(brokenThere(reply.message))
    const adopted = new Map<string, string>()
    for (const file of reply.files) adopted.set(file.slot, yield* adopt(file, expected.placeOf))
    const { madeWith } = yield* Provenance
    for (const [program, version] of reply.madeWith) yield* madeWith(program, version)
    const encoded = reply.outputFile === undefined ? reply.output : yield* readOutput(reply.outputFile, expected.placeOf)
    const output = ValueCodec.of(expected.kind).decode(encoded, ({ hash, key, slot = "" }) =>
      key === expected.key ? adopted.get(slot) : expected.paths.get(hash)
    )
    if (Either.isRight(output)) return output.right
    const detail = typeof output.left === "string" ? output.left : Mismatch.describe(output.left)
    return yield* new WorkerError({ code: "ResultDamaged", detail: `the output is no ${expected.kind._tag}: ${detail}` })
  })
