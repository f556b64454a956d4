import {
  Artifact,
  ArtifactError,
  artifactFolderWith,
  Artifacts,
  Calls,
  checkArtifactNames,
  digestFile,
  Node,
  Progress,
  Provenance
} from "@mediaspool/core"
import { Context, Effect } from "effect"
import { createHash } from "node:crypto"
import { promises as fs, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { AT_ONCE } from "../files/OnePiece.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageJob } from "../protocol/StageJob.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** A file that a stage made, in the scratch folder of its job. */
export interface MadeFile {
  readonly artifact: Artifact
  readonly extension: string
}

/** A paid request would be paid twice, and a row lost: both belong to the coordinator's own database. */
const noCalls: typeof Calls.Service = {
  call: () =>
    Effect.die(new WorkerError({ code: "CallsStayHome", detail: "the stage makes a paid request, which a worker must not" })),
  decide: () =>
    Effect.die(
      new WorkerError({ code: "CallsStayHome", detail: "the stage asks for a recorded decision, which a worker has not" })
    )
}

/** No artifact has this name: a number stands in theirs. */
const OUTPUT = "output.json"

/** Size and hash of a file in the scratch folder. */
const digest = (path: string): Effect.Effect<{ readonly hash: string; readonly size: number }, ArtifactError> =>
  Effect.suspend(() => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isFile() !== true || found.size > AT_ONCE) return digestFile(path)
    return Effect.try({
      try: () => {
        const bytes = readFileSync(path)
        return { hash: createHash("sha256").update(bytes).digest("hex"), size: bytes.length }
      },
      catch: notWritten
    })
  })

const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

/** What a stage gets for one job, and what it leaves there. */
export class JobAttempt {
  private readonly made = new Map<string, MadeFile>()
  private readonly madeWith = new Map<string, string>()
  private hasScratch = false

  /** @param scratch for what the stage makes: not there yet, made when something is written */
  constructor(
    readonly job: StageJob,
    private readonly scratch: string,
    private readonly report: (progress: JobProgress) => void
  ) {}

  get files(): ReadonlyArray<MadeFile> {
    return [...this.made.values()]
  }

  /** Programs with versions. */
  get programs(): ReadonlyArray<readonly [string, string]> {
    return [...this.madeWith]
  }

  /** Writes an output down, as JSON, that is too large for the queue. */
  keep(text: string): Effect.Effect<MadeFile, ArtifactError> {
    return Effect.gen(this, function* () {
      const path = join(yield* this.folder, OUTPUT)
      yield* Effect.tryPromise({ try: () => fs.writeFile(path, text), catch: notWritten })
      const { hash, size } = yield* digest(path)
      return { artifact: new Artifact({ key: this.job.key, slot: "output", hash, size, path }), extension: "json" }
    })
  }

  /** Leaves nothing on the disk. */
  readonly clean: Effect.Effect<void> = Effect.suspend(() => {
    if (!this.hasScratch) return Effect.void
    return this.isSmall
      ? Effect.ignore(Effect.try(() => rmSync(this.scratch, { recursive: true, force: true })))
      : Effect.promise(() => fs.rm(this.scratch, { recursive: true, force: true }).catch(() => undefined))
  })

  /** All that it left is taken away in no time. */
  private get isSmall(): boolean {
    return this.made.size > 0 && this.files.every(({ artifact }) => artifact.size <= AT_ONCE)
  }

  /** The services of this attempt, and those that were there: one context for all, as each costs as much as a cheap stage. */
  services(there: Context.Context<never>): Context.Context<never> {
    const { key, node, pipeline } = this.job
    const progress: typeof Progress.Service = {
      report: (fraction, words) => Effect.sync(() => this.report(words === undefined ? { fraction } : { fraction, words })),
      media: (done, total) => Effect.sync(() => this.report({ done, total }))
    }
    const provenance: typeof Provenance.Service = {
      madeWith: (program, version) => Effect.sync(() => void this.madeWith.set(program, version))
    }
    return Context.unsafeMake<never>(
      new Map<string, unknown>(there.unsafeMap)
        .set(Artifacts.key, this.artifacts)
        .set(Calls.key, noCalls)
        .set(Node.key, { pipeline, node, key })
        .set(Progress.key, progress)
        .set(Provenance.key, provenance)
    )
  }

  private get artifacts(): typeof Artifacts.Service {
    return {
      write: this.write,
      folder: (slot, fill) => Effect.flatMap(this.folder, (path) => artifactFolderWith(this.write, path)(slot, fill))
    }
  }

  private readonly folder: Effect.Effect<string, ArtifactError> = Effect.try({
    try: () => {
      this.hasScratch = true
      mkdirSync(this.scratch, { recursive: true, mode: 0o700 })
      return this.scratch
    },
    catch: notWritten
  })

  private readonly write: (typeof Artifacts.Service)["write"] = (slot, extension, write) =>
    Effect.gen(this, function* () {
      yield* checkArtifactNames(slot, extension)
      if (this.made.has(slot))
        return yield* new ArtifactError({
          code: "ArtifactWrittenTwice",
          detail: `the slot '${slot}' is written a second time`
        })
      const path = join(yield* this.folder, `${slot}-${this.made.size}.${extension}`)
      const written = yield* write(path)
      const { hash, size } = yield* digest(path)
      const artifact = new Artifact({ key: this.job.key, slot, hash, size, path })
      this.made.set(slot, { artifact, extension })
      return { artifact, written }
    })
}
