import { Artifact, Database, type StoreError } from "@mediaspool/core"
import { Acoustics, AudioFile, Probe, Scene, Scenes, VideoFile, Waveform } from "@mediaspool/plugins"
import { Effect, Either, Schema } from "effect"
import { join } from "node:path"

/** Results that decoding can tell something about. */
const Comparable = Schema.Union(Probe, AudioFile, VideoFile, Acoustics, Waveform, Scenes)
export type Comparable = typeof Comparable.Type

/** One of them, and who gave it. */
export interface ComparableResult {
  readonly pipeline: string
  readonly node: string
  readonly kind: string
  readonly value: Comparable
}

const placed = (value: Comparable, folder: string): Comparable => {
  const here = (file: Artifact) => new Artifact({ ...file, path: join(folder, file.path) })
  switch (value._tag) {
    case "AudioFile":
      return new AudioFile({ ...value, file: here(value.file) })
    case "VideoFile":
      return new VideoFile({ ...value, file: here(value.file) })
    case "Waveform":
      return new Waveform({ ...value, image: here(value.image) })
    case "Scenes":
      return new Scenes({
        ...value,
        scenes: value.scenes.map((scene) =>
          scene.frame === undefined ? scene : new Scene({ ...scene, frame: here(scene.frame) })
        )
      })
    default:
      return value
  }
}

/**
 * The results of a content that can be compared, with artifacts where they lie now.
 *
 * @param folder the state folder; absolute
 */
export const read = (contentHash: string, folder: string): Effect.Effect<ReadonlyArray<ComparableResult>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const rows = yield* database.reading(() =>
      database.rows(
        `SELECT pipeline, node, kind, json FROM result JOIN media ON media.id = media_id
         WHERE content_hash = ? AND kind IN ('Probe', 'AudioFile', 'VideoFile', 'Acoustics', 'Waveform', 'Scenes') ORDER BY pipeline, node`,
        [contentHash]
      )
    )
    return rows.flatMap(({ json, kind, node, pipeline }) => {
      const decoded = Either.flatMap(
        Schema.decodeUnknownEither(Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown })))(json),
        (value) => Schema.decodeUnknownEither(Comparable)({ ...value, _tag: kind })
      )
      return Either.isLeft(decoded)
        ? []
        : [{ pipeline: String(pipeline), node: String(node), kind: String(kind), value: placed(decoded.right, folder) }]
    })
  })
