import { Artifact, type AnyKind, Kind, Original, type PlacedAttempt, type Plan, Port, RawPath } from "@mediaspool/core"
import { Either, Schema } from "effect"
import { createHash } from "node:crypto"
import { extname } from "node:path"
import { shared as sharedPlace, type Roots, type SharedPlace } from "../files/Roots.js"
import * as Mismatch from "../protocol/Mismatch.js"
import { INLINE } from "../protocol/InlineLimit.js"
import { type JobEntry, type JobFile, jobId, type JobInputs, type JobNode, type JobValue } from "../protocol/StageJob.js"
import * as ValueCodec from "../protocol/ValueCodec.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** What is the same for every attempt of a node. */
export interface JobTemplate {
  /** Another for every start of the coordinator. */
  readonly round: string
  readonly node: Plan.PlannedNode
  /** What its batches say once. */
  readonly shared: Either.Either<JobNode, WorkerError>
  /** By node, what it gives. */
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly roots: Roots
  /** Files are read from a share where they lie on one. */
  readonly isShared: boolean
  /** The engine merges and packs what it asks for. */
  readonly isMerged: boolean
  /** So many attempts share a slot. */
  readonly pack: () => number
}

/** A job, and where its files are on this machine. */
export interface BuiltJob {
  readonly id: string
  readonly node: JobNode
  /** Its entry, as JSON. */
  readonly text: string
  readonly isMerged: boolean
  /** The part of a slot that it fills, up to 1, as far as it is known by now. */
  readonly weight: () => number
  /** By hash. */
  readonly paths: ReadonlyMap<string, string>
  /** What a worker fetches from here, by hash: the path of a file that no share holds, or the bytes. */
  readonly served: ReadonlyMap<string, string | Buffer>
}

/** Bytes that fill a slot alone: of media, some minutes of compressed sound. */
const ALONE_BYTES = 4 * 1024 ** 2

const EXTENSION = /^\.[A-Za-z0-9]{1,16}$/

const refused = (detail: string) => new WorkerError({ code: "JobRefused", detail })

/** The tag of a value: what crosses an edge is a tagged class. */
const tagOf = (value: unknown): string | undefined =>
  typeof value === "object" && value !== null && "_tag" in value && typeof value._tag === "string" ? value._tag : undefined

/** Core's own kinds come from no node. */
const ofCore = (tag: string | undefined): AnyKind | undefined =>
  tag === Original._tag ? Original : tag === Artifact._tag ? Artifact : undefined

const isGiven = (entry: unknown): entry is { readonly node: string; readonly value: unknown } =>
  typeof entry === "object" && entry !== null && "value" in entry && "node" in entry && typeof entry.node === "string"

/** What a port holds, value by value, with the node that gave it. */
const valuesOf = (port: Port.Mode, input: unknown, from: ReadonlyArray<string>) => {
  if (input === undefined) return []
  if (port !== "all") return [{ node: from[0] ?? "", value: input }]
  return Array.isArray(input) ? input.filter(isGiven) : []
}

/** A stage gives instances; what only looks like one takes longer to tell. */
const kindOf = (kinds: ReadonlyArray<AnyKind>, value: unknown): AnyKind | undefined =>
  kinds.find((kind) => typeof kind === "function" && value instanceof kind) ?? kinds.find((kind) => Schema.is(kind)(value))

/** What the jobs of a node have in common. */
export const shareNode = (
  about: Pick<JobNode, "coordinator" | "pipeline">,
  { config, name, plugin, stage }: Plan.PlannedNode,
  outbox: SharedPlace | undefined
): Either.Either<JobNode, WorkerError> =>
  Either.mapBoth(Schema.encodeUnknownEither(stage.config)(config), {
    onLeft: (error) => refused(`the config can't be encoded: ${Mismatch.describe(error)}`),
    onRight: (config) => ({
      ...about,
      node: name,
      stage: stage.name,
      ...(plugin === undefined ? {} : { plugin }),
      version: stage.version,
      config,
      ...(outbox === undefined ? {} : { outbox })
    })
  })

/** An attempt as a job. */
export const build = (
  template: JobTemplate,
  attempt: Pick<PlacedAttempt, "inputs" | "isRerun" | "key" | "try">
): Either.Either<BuiltJob, WorkerError> =>
  Either.gen(function* () {
    const { isMerged, isShared, kinds, node, pack, roots, round } = template
    const { stage } = node
    const shared = yield* template.shared
    const paths = new Map<string, string>()
    const files = new Map<string, JobFile>()
    let outside: string | undefined
    const found = ({ _tag, hash, path, size }: ValueCodec.ValueFile) => {
      if (files.has(hash)) return
      paths.set(hash, path)
      const place = isShared ? sharedPlace(roots, path) : undefined
      // What stages made lies beside the database, on no share: it is always served.
      if (isShared && place === undefined && _tag === "Original") outside = path
      const extension = extname(path)
      const about = { hash, size, extension: EXTENSION.test(extension) ? extension : "" }
      files.set(hash, place === undefined ? about : { ...about, place })
    }
    const inputs: Record<string, ReadonlyArray<JobValue>> = {}
    for (const port of Object.keys(stage.input)) {
      const { kinds: taken, mode } = Port.of(stage.input[port])
      const values: Array<JobValue> = []
      for (const { node: giver, value } of valuesOf(mode, attempt.inputs[port], node.inputs[port] ?? [])) {
        const tag = tagOf(value)
        const kind = kindOf(taken, value) ?? kinds.get(giver) ?? ofCore(tag)
        if (kind === undefined) return yield* Either.left(refused(`the input '${port}' has no kind that can be sent`))
        const encoded = ValueCodec.of(kind).encode(value, found)
        if (Either.isLeft(encoded))
          return yield* Either.left(refused(`the input '${port}' can't be encoded: ${Mismatch.describe(encoded.left)}`))
        values.push({ node: giver, kind: Kind.identifierOf(kind), value: encoded.right })
      }
      inputs[port] = values
    }
    const all = [...files.values()]
    if (outside !== undefined) return yield* Either.left(outsideRoots(outside, roots))
    const served = new Map<string, string | Buffer>(
      all.flatMap(({ hash, place }) => (place === undefined ? [[hash, paths.get(hash) ?? ""]] : []))
    )
    const bytes = all.reduce((sum, { size }) => sum + size, 0)
    const about = { key: attempt.key, try: attempt.try, round: attempt.isRerun ? round : undefined }
    const entry: JobEntry = { ...about, inputs, files: all }
    const text = JSON.stringify(entry)
    const large = text.length > INLINE ? largeInputs(inputs) : undefined
    if (large !== undefined) served.set(large.file.hash, large.bytes)
    return {
      id: jobId({ coordinator: shared.coordinator, ...about }),
      node: shared,
      text: large === undefined ? text : JSON.stringify({ ...entry, inputs: {}, inputsFile: large.file }),
      isMerged,
      weight: () => weightOf(pack(), bytes),
      paths,
      served
    }
  })

/** Of a job whose files have so many bytes: the part of a slot that it fills. */
const weightOf = (pack: number, bytes: number): number => (pack === 1 ? 1 : Math.min(1, Math.max(1 / pack, bytes / ALONE_BYTES)))

/** Inputs that are too large for the queue, as a file. */
const largeInputs = (inputs: JobInputs): { readonly file: JobFile; readonly bytes: Buffer } => {
  const bytes = Buffer.from(JSON.stringify(inputs))
  const hash = createHash("sha256").update(bytes).digest("hex")
  return { file: { hash, size: bytes.length, extension: ".json" }, bytes }
}

const outsideRoots = (path: string, roots: Roots): WorkerError =>
  new WorkerError({
    code: "FileOutsideRoots",
    detail: `${RawPath.display(path)} is in none of the roots ${[...roots].map(([name, folder]) => `${name} (${folder})`).join(", ")}`
  })
