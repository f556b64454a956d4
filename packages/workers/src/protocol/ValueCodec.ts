import { EmbeddedFiles, type AnyKind } from "@mediaspool/core"
import { Either, type ParseResult, Schema } from "effect"

/** A file as it stands in a value: an original by its hash, an artifact by the result that it belongs to. */
export interface ValueFile {
  readonly _tag: "Original" | "Artifact"
  readonly hash: string
  readonly size: number
  readonly path: string
  /** Of an artifact: the result that it belongs to, and its slot there. */
  readonly key: string | undefined
  readonly slot: string | undefined
}

/** Values of one kind on the wire: encoded, and without the paths that their files have on one machine. */
export interface ValueCodec {
  /** Tells of every file in it. */
  readonly encode: (value: unknown, found: (file: ValueFile) => void) => Either.Either<unknown, ParseResult.ParseError>
  /** Gives every file its path here; `undefined` is no value. */
  readonly decode: (
    encoded: unknown,
    pathOf: (file: ValueFile) => string | undefined
  ) => Either.Either<unknown, ParseResult.ParseError | string>
}

const made = new WeakMap<AnyKind, ValueCodec>()

/** Of a kind; made once. */
export const of = (kind: AnyKind): ValueCodec => {
  const known = made.get(kind)
  if (known !== undefined) return known
  const encodeKind = Schema.encodeUnknownEither(kind)
  const decodeKind = Schema.decodeUnknownEither(kind)
  const files = EmbeddedFiles.of(kind)
  const codec: ValueCodec = {
    encode: (value, found) =>
      Either.map(encodeKind(value), (encoded) => {
        // An encoded value is new as far as its files.
        EmbeddedFiles.visit(encoded, files, (file) => {
          found(read(file))
          file["path"] = ""
        })
        return encoded
      }),
    decode: (encoded, pathOf) => {
      let missing: string | undefined
      EmbeddedFiles.visit(encoded, files, (file) => {
        const path = pathOf(read(file))
        if (path === undefined) missing ??= String(file["hash"])
        else file["path"] = path
      })
      return missing === undefined ? decodeKind(encoded) : Either.left(`the file ${missing} is not among the job's files`)
    }
  }
  made.set(kind, codec)
  return codec
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const read = (file: Readonly<Record<string, unknown>>): ValueFile => ({
  _tag: file["_tag"] === "Artifact" ? "Artifact" : "Original",
  hash: String(file["hash"]),
  size: Number(file["size"]),
  path: String(file["path"]),
  key: textOf(file["key"]),
  slot: textOf(file["slot"])
})
