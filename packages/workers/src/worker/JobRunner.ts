import {
  AttemptError,
  eraseStage,
  Failure,
  Kind,
  Port,
  type Registry,
  type RegisteredStage,
  type Stage,
  type StageFailure
} from "@mediaspool/core"
import { Cause, Effect, Either, Option, Schema } from "effect"
import { promises as fs } from "node:fs"
import { dirname, join } from "node:path"
import type { FileCache } from "../files/FileCache.js"
import { deliver, type FileSource } from "../files/FileTransfer.js"
import { deliveryPath, folderOf, type Roots } from "../files/Roots.js"
import type { SharedFiles } from "../files/SharedFiles.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { JobInputs, jobId, type StageJob } from "../protocol/StageJob.js"
import type { ReplyFile, StageReply } from "../protocol/StageReply.js"
import * as ValueCodec from "../protocol/ValueCodec.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { DecodedConfigs } from "./DecodedConfigs.js"
import { JobAttempt, type MadeFile } from "./JobAttempt.js"

/** Runs the stages of jobs on this machine. */
export interface JobRunner {
  /** Always gives an answer, whatever happens. */
  readonly run: (id: string, job: StageJob, report: (progress: JobProgress) => void) => Effect.Effect<StageReply>
}

export interface Options {
  /** The worker's name: it stands in every answer. */
  readonly worker: string
  readonly registry: Registry
  readonly roots: Roots
  readonly shared: SharedFiles
  readonly cache: FileCache
  /** Where a coordinator's files are now. */
  readonly source: (coordinator: string) => Effect.Effect<FileSource, WorkerError>
  /** For what stages make; absolute. */
  readonly folder: string
  /** Another for every delivery of this process. */
  readonly nextDelivery: () => string
}

const decodeInputs = Schema.decode(Schema.parseJson(JobInputs))

const refused = (detail: string) => new WorkerError({ code: "JobRefused", detail })

/** Files of a job that are opened at once. */
const PARALLEL_FILES = 2

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
    const { cache, folder, registry, roots, shared, source, worker } = options
    const configs = new DecodedConfigs()

    /** Puts the job's files where the stage can read them while it works: on the share, or fetched. */
    const withFiles = (
      { coordinator, files }: StageJob,
      use: (paths: ReadonlyMap<string, string>) => Effect.Effect<StageReply, StageFailure>
    ): Effect.Effect<StageReply, StageFailure> => {
      const onShare = files.flatMap((file) => (file.place === undefined ? [] : [{ file, place: file.place }]))
      const verified = Effect.forEach(
        onShare,
        ({ file, place }) => Effect.map(shared.open(file, place), (path) => [file.hash, path] as const),
        { concurrency: PARALLEL_FILES }
      )
      if (onShare.length === files.length) return Effect.flatMap(verified, (entries) => use(new Map(entries)))
      const fetched = Effect.forEach(
        files.filter(({ place }) => place === undefined),
        (file) => Effect.map(cache.open(file, coordinator), (path) => [file.hash, path] as const),
        { concurrency: PARALLEL_FILES }
      )
      // What is fetched stays in the cache as long as the stage may read it.
      return Effect.flatMap(Effect.zip(verified, fetched), ([there, here]) => use(new Map([...there, ...here]))).pipe(
        Effect.scoped
      )
    }

    /** Inputs as they were sent: in the job, or in a file beside it. */
    const encodedInputs = ({ coordinator, inputs, inputsFile }: StageJob): Effect.Effect<JobInputs, WorkerError> =>
      inputsFile === undefined
        ? Effect.succeed(inputs)
        : Effect.scoped(
            Effect.flatMap(cache.open(inputsFile, coordinator), (path) =>
              Effect.tryPromise({ try: () => fs.readFile(path, "utf8"), catch: (cause) => refused(String(cause)) })
            )
          ).pipe(
            Effect.flatMap((text) =>
              Effect.mapError(decodeInputs(text), (error) => refused(`the inputs can't be read: ${Mismatch.describe(error)}`))
            )
          )

    /** The stage's inputs, from their encoded form. */
    const inputsOf = (
      job: StageJob,
      encoded: JobInputs,
      { stage }: RegisteredStage,
      paths: ReadonlyMap<string, string>
    ): Either.Either<Readonly<Record<string, unknown>>, WorkerError> =>
      Either.gen(function* () {
        const inputs: Record<string, unknown> = {}
        for (const port of Object.keys(stage.input)) {
          const { kinds, mode } = Port.of(stage.input[port])
          const values: Array<{ readonly node: string; readonly value: unknown }> = []
          for (const { kind: identifier, node, value } of encoded[port] ?? []) {
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

    const send = (id: string, job: StageJob, { artifact, extension }: MadeFile) =>
      Effect.gen(function* () {
        const delivery = options.nextDelivery()
        const { hash, path, size, slot } = artifact
        if (job.outbox === undefined) yield* deliver(source(job.coordinator), { job: id, slot, delivery }, artifact)
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
      report: (progress: JobProgress) => void
    ): Effect.Effect<StageReply, StageFailure> =>
      Effect.gen(function* () {
        if (jobId(job) !== id) return yield* refused("the job's name and its key are not the same")
        const registered = yield* stageOf(registry, job)
        const { stage } = registered
        const config = yield* configs.of(stage, job.config)
        return yield* withFiles(job, (paths) =>
          Effect.flatMap(
            Effect.flatMap(encodedInputs(job), (encoded) => inputsOf(job, encoded, registered, paths)),
            (inputs) => {
              const attempt = new JobAttempt(job, join(folder, `job-${options.nextDelivery()}`), report)
              return Effect.suspend(() => eraseStage(stage).run(inputs, config)).pipe(
                Effect.provide(attempt.services(context)),
                Effect.flatMap((output) => reply(id, job, stage, attempt, output)),
                Effect.ensuring(attempt.clean)
              )
            }
          )
        )
      })

    const reply = (
      id: string,
      job: StageJob,
      stage: Stage.AnyStage,
      attempt: JobAttempt,
      output: unknown
    ): Effect.Effect<StageReply, StageFailure> => {
      const encoded = ValueCodec.of(stage.output).encode(output, () => {})
      return Either.isLeft(encoded)
        ? new AttemptError({ code: "OutputNotValid", detail: Mismatch.describe(encoded.left) })
        : Effect.gen(function* () {
            const large = yield* attempt.keep(encoded.right)
            const files = yield* Effect.forEach(attempt.files, (file) => send(id, job, file))
            const about = { _tag: "Done" as const, worker, files, madeWith: attempt.programs }
            if (large === undefined) return { ...about, output: encoded.right }
            return { ...about, output: null, outputFile: yield* send(id, job, large) }
          })
    }

    return {
      run: (id, job, report) => Effect.catchAllCause(perform(id, job, report), (cause) => Effect.succeed(replyOf(worker, cause)))
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
