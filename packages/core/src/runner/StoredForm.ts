import { Either, Schema } from "effect"
import { join, relative, sep } from "node:path"
import * as Canonical from "../pipeline/Canonical.js"
import * as Digest from "../pipeline/Digest.js"
import * as CanonicalKind from "./CanonicalKind.js"
import * as EmbeddedFiles from "../stage/EmbeddedFiles.js"
import { type Kind, unkeyedPaths } from "../stage/Kind.js"

/** Where files are now. */
export interface Places {
  /** Of the artifacts; absolute. */
  readonly artifacts: string
  /** Of the item; a RawPath. */
  readonly original: string
}

/**
 * The stored form of a kind's encoded values: without the path of an original, and with an artifact's path inside the store only,
 * so that files may move and the state folder too.
 */
export interface StoredForm {
  /** From the encoded form, which it may change. */
  readonly strip: (encoded: unknown, artifacts: string) => unknown
  /** The artifacts that a stored value names, below the artifacts' folder. */
  readonly artifacts: (stored: unknown) => ReadonlyArray<string>
  /** Back to the encoded form, in place. */
  readonly restore: (stored: unknown, places: Places) => unknown
}

const unchanged: StoredForm = { strip: (encoded) => encoded, artifacts: () => [], restore: (stored) => stored }

/** Made once per kind. */
export const make = (kind: Kind): StoredForm => {
  const paths = EmbeddedFiles.of(kind)
  if (paths.length === 0) return unchanged
  return {
    strip: (encoded, artifacts) => {
      EmbeddedFiles.visit(encoded, paths, (file) => {
        file["path"] = file["_tag"] === "Artifact" ? relative(artifacts, String(file["path"])).split(sep).join("/") : ""
      })
      return encoded
    },
    artifacts: (stored) => {
      const found: Array<string> = []
      EmbeddedFiles.visit(stored, paths, (file) => {
        if (file["_tag"] === "Artifact") found.push(String(file["path"]))
      })
      return found
    },
    restore: (stored, places) => {
      EmbeddedFiles.visit(stored, paths, (file) => {
        file["path"] = file["_tag"] === "Artifact" ? join(places.artifacts, String(file["path"])) : places.original
      })
      return stored
    }
  }
}

/** A value in its stored form, as JSON, and its digest; or why it is none of its kind. */
export type Recorder = (
  value: unknown,
  artifacts: string
) => Either.Either<{ readonly digest: string; readonly stored: string }, Error>

/** Made once per kind. Where all of the encoding counts, its canonical text is made once, for both. */
export const recorder = (kind: Kind): Recorder => {
  const encode = Schema.encodeUnknownEither(kind)
  const form = make(kind)
  const digest = Digest.make(kind)
  const isWhole = form === unchanged && unkeyedPaths(kind).length === 0
  const write = isWhole ? CanonicalKind.make(kind) : undefined
  const record: Recorder = (value, artifacts) => {
    const text = write?.(value)
    if (text !== undefined) return Either.right({ digest: Digest.sha256(text), stored: text })
    const encoded = encode(value)
    if (Either.isLeft(encoded)) return Either.left(encoded.left)
    if (isWhole) return Either.map(Canonical.stringify(encoded.right), (text) => ({ digest: Digest.sha256(text), stored: text }))
    return Either.map(digest(encoded.right), (digest) => ({
      digest,
      stored: JSON.stringify(form.strip(encoded.right, artifacts))
    }))
  }
  return (value, artifacts) => guarded(() => record(value, artifacts))
}

/** Kinds are made by strangers: a schema that throws refuses the value. */
export const guarded = <A, E>(work: () => Either.Either<A, E>): Either.Either<A, E | Error> => {
  try {
    return work()
  } catch (cause) {
    return Either.left(cause instanceof Error ? cause : new Error(String(cause)))
  }
}
