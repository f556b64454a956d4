import {
  AttemptFailure,
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
import { deliveryPath, folderOf, type Roots, type SharedPlace } from "../files/Roots.js"
import type { SharedFiles } from "../files/SharedFiles.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { INLINE } from "../protocol/InlineLimit.js"
import { type JobEntry, JobInputs, type JobNode, type StageJob } from "../protocol/StageJob.js"
import type { ReplyFile, StageResult } from "../protocol/StageReply.js"
import * as ValueCodec from "../protocol/ValueCodec.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { DecodedConfigs } from "./DecodedConfigs.js"
import { JobAttempt, type MadeFile } from "./JobAttempt.js"

/** Runs the stages of jobs on this machine. */
export interface JobRunner {
  /** Always gives an answer, whatever happens. */
  readonly run: (
    id: string,
    node: JobNode,
    entry: JobEntry,
    report: (progress: JobProgress) => void
  ) => Effect.Effect<StageResult>
}

export interface Options {
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

/** What the jobs of a node have in common, as it is here. */
interface FoundStage {
  readonly stage: Stage.AnyStage
  readonly config: unknown
}

/** Finds the stage of a job, or says why it is not here. */
const stageOf = (registry: Registry, { plugin, stage, version }: JobNode): Either.Either<RegisteredStage, WorkerError> => {
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
    const { cache, folder, registry, roots, shared, source } = options
    const configs = new DecodedConfigs()
    /** Once for a batch, whose jobs have the same node. */
    const found = new WeakMap<JobNode, Either.Either<FoundStage, WorkerError>>()
    const find = (node: JobNode): Either.Either<FoundStage, WorkerError> => {
      const known = found.get(node)
      if (known !== undefined) return known
      const fresh = Either.flatMap(stageOf(registry, node), ({ stage }) =>
        Either.map(configs.of(stage, node.config), (config) => ({ stage, config }))
      )
      found.set(node, fresh)
      return fresh
    }

    /** Puts the job's files where the stage can read them while it works: on the share, or fetched. */
    const withFiles = (
      coordinator: string,
      { files }: JobEntry,
      use: (paths: ReadonlyMap<string, string>) => Effect.Effect<StageResult, StageFailure>
    ): Effect.Effect<StageResult, StageFailure> => {
      const onShare = files.flatMap((file) => (file.place === undefined ? [] : [{ file, place: file.place }]))
      // A fiber for one file would cost more than looking at it.
      const verified = Effect.forEach(
        onShare,
        ({ file, place }) => Effect.map(shared.open(file, place), (path) => [file.hash, path] as const),
        { concurrency: onShare.length > 1 ? PARALLEL_FILES : undefined }
      )
      if (onShare.length === files.length) return Effect.flatMap(verified, (entries) => use(new Map(entries)))
      const fetched = Effect.forEach(
        files.filter(({ place }) => place === undefined),
        (file) => Effect.map(cache.open(file, coordinator), (path) => [file.hash, path] as const),
        { concurrency: files.length > 1 ? PARALLEL_FILES : undefined }
      )
      // What is fetched stays in the cache as long as the stage may read it.
      return Effect.flatMap(Effect.zip(verified, fetched), ([there, here]) => use(new Map([...there, ...here]))).pipe(
        Effect.scoped
      )
    }

    /** Inputs as they were sent: in the job, or in a file beside it. */
    const encodedInputs = (coordinator: string, { inputs, inputsFile }: JobEntry): Effect.Effect<JobInputs, WorkerError> =>
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
      encoded: JobInputs,
      stage: Stage.AnyStage,
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

    /** Puts a file into the outbox: whole or absent, also for whoever looks from another machine. */
    const leave = (outbox: SharedPlace, key: string, delivery: string, { artifact, extension }: MadeFile) =>
      Effect.flatMap(folderOf(roots, outbox), (folder) => {
        const target = deliveryPath(folder, key, artifact.slot, delivery, extension)
        return Effect.tryPromise({
          try: async () => {
            await fs.mkdir(dirname(target)).catch((cause: NodeJS.ErrnoException) => {
              if (cause.code !== "EEXIST") throw cause
            })
            await fs.copyFile(artifact.path, `${target}.part`)
            await fs.rename(`${target}.part`, target)
          },
          catch: (cause) => new WorkerError({ code: "ResultNotDelivered", detail: `into the outbox: ${String(cause)}` })
        }).pipe(Effect.onError(() => Effect.promise(() => fs.rm(`${target}.part`, { force: true }).catch(() => undefined))))
      })
    /** Into the outbox, or to the coordinator where there is none that can be written to. */
    const send = (id: string, { coordinator, key, outbox }: StageJob, file: MadeFile) => {
      const delivery = options.nextDelivery()
      const { hash, size, slot } = file.artifact
      const about = { slot, extension: file.extension, hash, size, delivery } satisfies ReplyFile
      const upload = deliver(source(coordinator), { job: id, slot, delivery }, file.artifact)
      return outbox === undefined
        ? Effect.as(upload, about)
        : Effect.matchEffect(leave(outbox, key, delivery, file), {
            onFailure: () => Effect.as(upload, { ...about, isUploaded: true }),
            onSuccess: () => Effect.succeed(about)
          })
    }

    const perform = (
      id: string,
      node: JobNode,
      entry: JobEntry,
      report: (progress: JobProgress) => void
    ): Effect.Effect<StageResult, StageFailure> => {
      const { coordinator } = node
      const found = find(node)
      if (Either.isLeft(found)) return found.left
      const { config, stage } = found.right
      const perform = (encoded: JobInputs, paths: ReadonlyMap<string, string>): Effect.Effect<StageResult, StageFailure> => {
        const inputs = inputsOf(encoded, stage, paths)
        if (Either.isLeft(inputs)) return inputs.left
        const attempt = new JobAttempt({ ...node, ...entry }, join(folder, `job-${options.nextDelivery()}`), report)
        const run = { stage, plugin: node.plugin }
        return Effect.suspend(() => AttemptFailure.workOf(run, eraseStage(stage).run(inputs.right, config))).pipe(
          Effect.provide(attempt.services(context)),
          // In the words of a run on one machine, by what only this one has: the stage itself.
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : Effect.fail(AttemptFailure.failureOf(cause, run, false))
          ),
          Effect.flatMap((output) => reply(id, run, attempt, output)),
          Effect.ensuring(attempt.clean)
        )
      }
      return withFiles(coordinator, entry, (paths) =>
        entry.inputsFile === undefined
          ? perform(entry.inputs, paths)
          : Effect.flatMap(encodedInputs(coordinator, entry), (encoded) => perform(encoded, paths))
      )
    }

    const reply = (
      id: string,
      run: AttemptFailure.RunStage,
      attempt: JobAttempt,
      value: unknown
    ): Effect.Effect<StageResult, StageFailure> => {
      const encoded = ValueCodec.of(run.stage.output).encode(value, () => {})
      if (Either.isLeft(encoded)) return AttemptFailure.notValid(encoded.left, value, run)
      const output = encoded.right
      const text = JSON.stringify(output)
      if (text.length <= INLINE && attempt.files.length === 0)
        return Effect.succeed({ _tag: "Done", output, files: [], madeWith: attempt.programs })
      return Effect.gen(function* () {
        const large = text.length <= INLINE ? undefined : yield* attempt.keep(text)
        const files = yield* Effect.forEach(attempt.files, (file) => send(id, attempt.job, file))
        const about = { _tag: "Done" as const, files, madeWith: attempt.programs }
        if (large === undefined) return { ...about, output }
        return { ...about, output: null, outputFile: yield* send(id, attempt.job, large) }
      })
    }

    return {
      run: (id, node, entry, report) =>
        Effect.catchAllCause(
          Effect.suspend(() => perform(id, node, entry, report)),
          (cause) => Effect.succeed(replyOf(cause))
        )
    }
  })

/** What went wrong, in a form that crosses. */
const replyOf = (cause: Cause.Cause<StageFailure>): StageResult => {
  const failure = Option.getOrElse(Cause.failureOption(cause), () => Option.getOrUndefined(Cause.dieOption(cause)))
  if (!Failure.is(failure)) return { _tag: "Broke", message: Cause.pretty(cause).split("\n", 3).join(" ") }
  const { _tag, code, help, message, retry, retryAfterMillis } = failure
  return {
    _tag: "Failed",
    failure: { _tag, code, retry, message, help, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }
  }
}
