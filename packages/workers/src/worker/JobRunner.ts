import {
  Artifact,
  ArtifactError,
  artifactFolderWith,
  Artifacts,
  AttemptError,
  Calls,
  checkArtifactNames,
  digestFile,
  eraseStage,
  Failure,
  Kind,
  Node,
  Port,
  Progress,
  Provenance,
  type Registry,
  type RegisteredStage,
  type StageFailure
} from "@mediaspool/core"
import { Cause, Effect, Either, Option, Schema, type Scope } from "effect"
import { promises as fs } from "node:fs"
import { dirname, join } from "node:path"
import type { FileCache } from "../files/FileCache.js"
import { deliver, type FileSource } from "../files/FileTransfer.js"
import { deliveryPath, folderOf, type Roots } from "../files/Roots.js"
import type { SharedFiles } from "../files/SharedFiles.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { type JobFile, jobId, type StageJob } from "../protocol/StageJob.js"
import type { ReplyFile, StageReply } from "../protocol/StageReply.js"
import * as ValueCodec from "../protocol/ValueCodec.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** Runs the stages of jobs on this machine. */
export interface JobRunner {
  /** Always gives an answer, whatever happens. */
  readonly run: (
    id: string,
    job: StageJob,
    source: Effect.Effect<FileSource, WorkerError>,
    report: (progress: JobProgress) => void
  ) => Effect.Effect<StageReply>
}

export interface Options {
  /** The worker's name: it stands in every answer. */
  readonly worker: string
  readonly registry: Registry
  readonly roots: Roots
  readonly shared: SharedFiles
  readonly cache: FileCache
  /** For what stages make; absolute. */
  readonly folder: string
  /** Another for every delivery of this process. */
  readonly nextDelivery: () => string
}

const refused = (detail: string) => new WorkerError({ code: "JobRefused", detail })

/** A paid request would be paid twice, and a row lost: both belong to the coordinator's own database. */
const noCalls: typeof Calls.Service = {
  call: () =>
    Effect.die(new WorkerError({ code: "CallsStayHome", detail: "the stage makes a paid request, which a worker must not" })),
  decide: () =>
    Effect.die(
      new WorkerError({ code: "CallsStayHome", detail: "the stage asks for a recorded decision, which a worker has not" })
    )
}

interface Made {
  readonly artifact: Artifact
  readonly extension: string
}

/** Finds the stage of a job, or says why it is not here. */
const stageOf = (registry: Registry, { plugin, stage, version }: StageJob): Either.Either<RegisteredStage, WorkerError> => {
  const found = [...registry.stages.values()].find(
    (one) => one.stage.name === stage && (plugin === undefined || one.plugin.plugin.name === plugin)
  )
  if (found === undefined) return Either.left(refused(`the stage '${stage}' is not on this worker`))
  return found.stage.version === version
    ? Either.right(found)
    : Either.left(refused(`the stage '${stage}' has version ${found.stage.version} here, and the job asks for ${version}`))
}

export const make = (options: Options): Effect.Effect<JobRunner> =>
  Effect.map(Effect.context<never>(), (context) => {
    const { cache, folder, registry, roots, shared, worker } = options

    /** Puts the job's files where the stage can read them: on the share, or fetched. */
    const openFiles = (
      job: StageJob,
      source: Effect.Effect<FileSource, WorkerError>
    ): Effect.Effect<ReadonlyMap<string, string>, WorkerError, Scope.Scope> =>
      Effect.map(
        Effect.forEach(
          job.files,
          (file: JobFile) =>
            Effect.map(
              file.place === undefined ? Effect.flatMap(source, (from) => cache.open(file, from)) : shared.open(file, file.place),
              (path) => [file.hash, path] as const
            ),
          { concurrency: 2 }
        ),
        (entries) => new Map(entries)
      )

    /** The stage's inputs, from their encoded form. */
    const inputsOf = (
      job: StageJob,
      { stage }: RegisteredStage,
      paths: ReadonlyMap<string, string>
    ): Either.Either<Readonly<Record<string, unknown>>, WorkerError> =>
      Either.gen(function* () {
        const inputs: Record<string, unknown> = {}
        for (const port of Object.keys(stage.input)) {
          const { kinds, mode } = Port.of(stage.input[port])
          const values: Array<{ readonly node: string; readonly value: unknown }> = []
          for (const { kind: identifier, node, value } of job.inputs[port] ?? []) {
            const kind =
              kinds.find((kind) => Kind.identifierOf(kind) === identifier) ??
              (kinds.length === 0 ? registry.kinds.get(identifier) : undefined)
            if (kind === undefined)
              return yield* Either.left(refused(`the input '${port}' has the kind '${identifier}', which is not known here`))
            const decoded = ValueCodec.of(kind).decode(value, ({ hash }) => paths.get(hash))
            if (Either.isLeft(decoded))
              return yield* Either.left(
                refused(
                  `the input '${port}' is no ${kind._tag}: ${typeof decoded.left === "string" ? decoded.left : Mismatch.describe(decoded.left)}`
                )
              )
            values.push({ node, value: decoded.right })
          }
          if (mode === "one" && values.length !== 1) return yield* Either.left(refused(`the input '${port}' is missing`))
          inputs[port] = mode === "all" ? values : values[0]?.value
        }
        return inputs
      })

    const send = (id: string, job: StageJob, source: Effect.Effect<FileSource, WorkerError>, { artifact, extension }: Made) =>
      Effect.gen(function* () {
        const delivery = options.nextDelivery()
        const { hash, path, size, slot } = artifact
        if (job.outbox === undefined) yield* deliver(source, { job: id, slot, delivery }, path)
        else {
          const outbox = yield* folderOf(roots, job.outbox)
          const target = deliveryPath(outbox, job.key, slot, delivery, extension)
          yield* Effect.tryPromise({
            try: async () => {
              await fs.mkdir(dirname(target), { recursive: true })
              // Whole or absent, also for whoever looks from another machine.
              await fs.copyFile(path, `${target}.part`)
              await fs.rename(`${target}.part`, target)
            },
            catch: (cause) => new WorkerError({ code: "ResultNotDelivered", detail: `into the outbox: ${String(cause)}` })
          })
        }
        return { slot, extension, hash, size, delivery } satisfies ReplyFile
      })

    const perform = (
      id: string,
      job: StageJob,
      source: Effect.Effect<FileSource, WorkerError>,
      report: (progress: JobProgress) => void
    ): Effect.Effect<StageReply, StageFailure, Scope.Scope> =>
      Effect.gen(function* () {
        if (jobId(job) !== id) return yield* refused("the job's name and its key are not the same")
        const registered = yield* stageOf(registry, job)
        const { stage } = registered
        const config: unknown = yield* Either.mapLeft(
          Schema.decodeUnknownEither(stage.config)(job.config, { onExcessProperty: "error" }),
          (error) => refused(`the config of '${stage.name}' is not valid here: ${Mismatch.describe(error)}`)
        )
        const paths = yield* openFiles(job, source)
        const inputs = yield* inputsOf(job, registered, paths)
        const scratch = yield* Effect.acquireRelease(
          Effect.tryPromise({
            try: () => fs.mkdtemp(join(folder, "job-")),
            catch: (cause) => new WorkerError({ code: "WorkFolderUnusable", detail: String(cause) })
          }),
          (path) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }).catch(() => undefined))
        )
        const made = new Map<string, Made>()
        const madeWith = new Map<string, string>()
        const write: (typeof Artifacts.Service)["write"] = (slot, extension, write) =>
          Effect.gen(function* () {
            yield* checkArtifactNames(slot, extension)
            if (made.has(slot))
              return yield* new ArtifactError({
                code: "ArtifactWrittenTwice",
                detail: `the slot '${slot}' is written a second time`
              })
            const path = join(scratch, `${slot}-${made.size}.${extension}`)
            const written = yield* write(path)
            const { hash, size } = yield* digestFile(path)
            const artifact = new Artifact({ key: job.key, slot, hash, size, path })
            made.set(slot, { artifact, extension })
            return { artifact, written }
          })
        const output = yield* Effect.suspend(() => eraseStage(stage).run(inputs, config)).pipe(
          Effect.provide(context),
          Effect.provideService(Artifacts, { write, folder: artifactFolderWith(write, scratch) }),
          Effect.provideService(Calls, noCalls),
          Effect.provideService(Node, { pipeline: job.pipeline, node: job.node, key: job.key }),
          Effect.provideService(Progress, {
            report: (fraction, words) => Effect.sync(() => report(words === undefined ? { fraction } : { fraction, words })),
            media: (done, total) => Effect.sync(() => report({ done, total }))
          }),
          Effect.provideService(Provenance, {
            madeWith: (program, version) => Effect.sync(() => void madeWith.set(program, version))
          })
        )
        const encoded = ValueCodec.of(stage.output).encode(output, () => {})
        if (Either.isLeft(encoded))
          return yield* new AttemptError({ code: "OutputNotValid", detail: Mismatch.describe(encoded.left) })
        const files = yield* Effect.forEach(made.values(), (file) => send(id, job, source, file))
        return { _tag: "Done" as const, worker, output: encoded.right, files, madeWith: [...madeWith] }
      })

    return {
      run: (id, job, source, report) =>
        perform(id, job, source, report).pipe(
          Effect.scoped,
          Effect.catchAllCause((cause) => Effect.succeed(replyOf(worker, cause)))
        )
    }
  })

/** What went wrong, in a form that crosses. */
const replyOf = (worker: string, cause: Cause.Cause<StageFailure>): StageReply => {
  const failure = Option.getOrElse(Cause.failureOption(cause), () => Option.getOrUndefined(Cause.dieOption(cause)))
  if (!Failure.is(failure)) return { _tag: "Broke", worker, message: Cause.pretty(cause).split("\n", 3).join(" ") }
  const { _tag, code, help, message, retry, retryAfterMillis } = failure
  return {
    _tag: "Failed",
    worker,
    failure: { _tag, code, retry, message, help, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }
  }
}
