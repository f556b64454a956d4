import { Effect, Either, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { createReadStream, existsSync, lstatSync, promises as fs } from "node:fs"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { ExportError, notWritten } from "./ExportError.js"
import { sumOf } from "./HashedFile.js"

/** In a folder's export. */
export const NAME = "manifest.json"
/** As `sha256sum -c` reads it. */
export const SUMS = "SHA256SUMS"
/** Of an export that is one file. */
export const besideOf = (file: string): string => `${file}.${NAME}`

const Files = Schema.Struct({
  count: Schema.Int,
  bytes: Schema.Int,
  /** The file, or the list of hashes of a folder's files. */
  name: Schema.String,
  /** Of that file. */
  sha256: Schema.String
})
export type Files = typeof Files.Type

/** What an export was made of. Without a date: the same library gives the same bytes. */
export const Manifest = Schema.Struct({
  type: Schema.Literal("mediaspool-export"),
  version: Schema.Literal(1),
  format: Schema.String,
  query: Schema.String,
  counts: Schema.Struct({
    media: Schema.Int,
    captions: Schema.Int,
    tags: Schema.Int,
    /** Media that fit and could not be taken along: their files are gone, or the format has no place for them. */
    leftOut: Schema.Int,
    splits: Schema.Record({ key: Schema.String, value: Schema.Int })
  }),
  /** Hash of the content hashes, in the order of the export. */
  content: Schema.String,
  /** What the results of each pipeline depend on: stages, versions, settings, models, prompts. */
  pipelines: Schema.Array(Schema.Struct({ name: Schema.String, plan: Schema.Unknown })),
  models: Schema.Array(Schema.Struct({ model: Schema.String, provider: Schema.String })),
  vocabularies: Schema.Array(Schema.Struct({ name: Schema.String, version: Schema.NullOr(Schema.String) })),
  files: Files
})
export type Manifest = typeof Manifest.Type

const Signed = Schema.parseJson(Schema.Struct({ ...Manifest.fields, sha256: Schema.String }))

const hashOf = (manifest: object): string => createHash("sha256").update(JSON.stringify(manifest)).digest("hex")

/** The hash of a printed manifest without its own, in the order of its fields. */
const printedHash = (text: string): string => {
  const printed: object = JSON.parse(text)
  return hashOf(Object.fromEntries(Object.entries(printed).filter(([name]) => name !== "sha256")))
}

/** With its own hash as the last field: of the JSON without it, on one line. */
export const print = (manifest: Manifest): string =>
  `${JSON.stringify({ ...manifest, sha256: hashOf(manifest) }, undefined, 2)}\n`

/** What is wrong with an export; empty when nothing is. */
export interface Verified {
  readonly manifest: Manifest
  readonly files: number
  readonly faults: ReadonlyArray<string>
}

const damaged = (detail: string) => new ExportError({ code: "ExportDamaged", detail })

/** Faults beyond this many are counted alone. */
const SHOWN = 100

/** Files of a folder that no list has, with `/`, in order; what systems put there under a name with a dot is nobody's. */
const strangers = (folder: string, known: ReadonlySet<string>): Effect.Effect<ReadonlyArray<string>, ExportError> =>
  Effect.tryPromise({
    try: async () => {
      const found: Array<string> = []
      const look = async (below: string): Promise<void> => {
        for await (const entry of await fs.opendir(join(folder, below))) {
          const name = below === "" ? entry.name : `${below}/${entry.name}`
          if (entry.name.startsWith(".")) continue
          if (entry.isDirectory()) await look(name)
          else if (!known.has(name)) found.push(name)
        }
      }
      await look("")
      return found.sort()
    },
    catch: notWritten
  })

/** Compares an export with its manifest: the manifest's own hash, and each file's. */
export const verify = (path: string): Effect.Effect<Verified, ExportError> =>
  Effect.gen(function* () {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return yield* damaged(`${path} is not there`)
    const isFolder = found.isDirectory()
    const file = isFolder ? join(path, NAME) : besideOf(path)
    if (!existsSync(file)) return yield* damaged(`${file} is not there`)
    const text = yield* Effect.tryPromise({ try: () => fs.readFile(file, "utf8"), catch: notWritten })
    const parsed = Schema.decodeUnknownEither(Signed)(text)
    if (Either.isLeft(parsed)) return yield* damaged(`${file} is no manifest of an export`)
    const { sha256, ...manifest } = parsed.right
    const faults: Array<string> = []
    if (printedHash(text) !== sha256) faults.push(`${file} was changed`)
    const folder = isFolder ? path : dirname(path)
    const own = isFolder ? SUMS : manifest.files.name
    const sum = yield* Effect.either(sumOf(isFolder ? join(folder, own) : path, own))
    if (Either.isLeft(sum)) faults.push(`${own} can't be read`)
    else if (sum.right.sha256 !== manifest.files.sha256) faults.push(`${own} was changed`)
    if (!isFolder) return { manifest, files: 1, faults }
    let files = 0
    const known = new Set([NAME, SUMS])
    const lines = createInterface({ input: createReadStream(join(folder, SUMS)), crlfDelay: Infinity })
    yield* Stream.fromAsyncIterable(lines, notWritten).pipe(
      Stream.takeWhile(() => faults.length <= SHOWN),
      Stream.runForEach((line) =>
        Effect.gen(function* () {
          const [, expected = "", name = ""] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
          // A list that somebody made must not lead out of the folder.
          if (name === "" || name.split("/").includes("..") || name.startsWith("/"))
            return void faults.push(`${SUMS} has a line that is no file of the export`)
          files += 1
          known.add(name)
          const sum = yield* Effect.either(sumOf(join(folder, name), name))
          if (Either.isLeft(sum)) faults.push(`${name} is missing`)
          else if (sum.right.sha256 !== expected) faults.push(`${name} was changed`)
        })
      )
    )
    if (files !== manifest.files.count && faults.length <= SHOWN)
      faults.push(`${manifest.files.count} files were exported, ${files} are listed`)
    // Whoever reads the folder would take it for a part of the export.
    if (faults.length <= SHOWN) {
      const strange = yield* strangers(folder, known)
      faults.push(...strange.slice(0, SHOWN).map((name) => `${name} was added`))
    }
    return { manifest, files, faults }
  })
