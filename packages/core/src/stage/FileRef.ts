import { Schema } from "effect"
import { unkeyed } from "./Kind.js"

/** Bytes on disk, by sha-256 in lower-case hex. */
export const ContentHash = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/)).annotations({ identifier: "ContentHash" })
/** Bytes; an integer from 0. */
export const Size = Schema.NonNegativeInt.annotations({ identifier: "Size" })

/**
 * A file that a person put there. Its identity is the content hash; `path` (absolute, a RawPath) is where it is now
 * and is neither stored with a result nor part of a digest.
 */
export class Original extends Schema.TaggedClass<Original>("@mediaspool/Original")("Original", {
  hash: ContentHash,
  size: unkeyed(Size),
  path: unkeyed(Schema.String)
}) {}

/**
 * A file that a stage made. Its identity is the key of the result that it belongs to, and its slot there;
 * the byte hash serves integrity only. `path` is where the artifact store keeps it.
 */
export class Artifact extends Schema.TaggedClass<Artifact>("@mediaspool/Artifact")("Artifact", {
  key: Schema.String,
  slot: Schema.String,
  hash: unkeyed(ContentHash),
  size: unkeyed(Size),
  path: unkeyed(Schema.String)
}) {}

/** Where the file was found. A stage that reads names takes this kind, and reruns when the name changes. */
export class Location extends Schema.TaggedClass<Location>("@mediaspool/Location")("Location", {
  /** Relative to the source folder, with `/` between the segments; a RawPath. */
  relativePath: Schema.String
}) {}

/** A media file that was let in: its bytes, and its media type (IANA) found from the content, not from the name. */
export class SourceFile extends Schema.TaggedClass<SourceFile>("@mediaspool/SourceFile")("SourceFile", {
  file: Original,
  mediaType: unkeyed(Schema.String),
  /**
   * What of it is read otherwise than older versions did, so that only such files are worked on again (`track:2`, `late`, `joined`).
   * Absent for all others: their results keep their keys.
   */
  reading: Schema.optional(Schema.Array(Schema.String))
}) {}
