import {
  type ArtifactError,
  Database,
  digestFile,
  type Library,
  type LibraryError,
  LocalFile,
  type Original,
  RawPath,
  type StateFolder,
  type StoreError
} from "@mediaspool/core"
import {
  type AudioFile,
  MediaEngine,
  type MediaError,
  type Probe,
  type SavedQueries,
  Search,
  type SearchError,
  type VideoFile
} from "@mediaspool/plugins"
import { Effect, Either, Stream } from "effect"
import { lstatSync } from "node:fs"
import * as ComparableResult from "./ComparableResult.js"
import * as Derivations from "./Derivations.js"
import * as Pictures from "./Pictures.js"
import * as Sounds from "./Sounds.js"
import * as StoredWords from "./StoredWords.js"

/** What was found of a file that was decoded again. */
export interface VerifiedFile {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly contentHash: string
  /** Results that were compared. */
  readonly compared: number
  readonly wrong: ReadonlyArray<WrongResult>
  /** Why nothing was compared. */
  readonly skipped: string | undefined
}

/** A result that doesn't stem from the bytes of its hash. */
export interface WrongResult {
  readonly pipeline: string
  readonly node: string
  readonly kind: string
  readonly detail: string
}

/** What two engines may differ by. */
const SECONDS = 0.3

interface Content {
  readonly path: string
  readonly hash: string
  /** Of the file as it was when it was hashed. */
  readonly times: string
}

/** A file for each content that fits, and is there. */
const contents = (query: string, saved: SavedQueries) =>
  Effect.gen(function* () {
    const database = yield* Database
    const { where } = query === "" ? { where: { sql: "1", values: [] } } : yield* Search.statement(query, "item", { saved })
    const rows = yield* database.reading(() =>
      database.rows(
        `SELECT item.content_hash AS hash, min(item.id) AS id, item.path AS path,
           CAST(item.mtime_ns AS TEXT) || ' ' || CAST(item.ctime_ns AS TEXT) AS times FROM item
           JOIN media ON media.content_hash = item.content_hash
         WHERE item.gone_at = 0 AND (${where.sql}) GROUP BY item.content_hash ORDER BY item.path`,
        where.values
      )
    )
    return rows.flatMap(({ hash, path, times }): ReadonlyArray<Content> =>
      path instanceof Uint8Array ? [{ hash: String(hash), path: RawPath.fromBytes(path), times: String(times) }] : []
    )
  })

type Listening = MediaEngine | StateFolder

/** The sound that is meant, then the file's other tracks: which one a step took is its config's. */
const tracks = ({ streams }: Probe): Sounds.Tracks => {
  const sounds = streams.filter(({ type }) => type === "audio").length
  return sounds > 1 ? [undefined, ...Array.from({ length: sounds }, (_, n) => n + 1)] : [undefined]
}

const copyFault = (original: Original, probe: Probe, copy: AudioFile | VideoFile) =>
  Effect.gen(function* () {
    const { hash } = yield* digestFile(copy.file.path)
    if (hash !== copy.file.hash) return "its file is damaged"
    if (copy._tag === "AudioFile") return yield* Sounds.soundFault(original, copy.file, tracks(probe), copy.mix !== undefined)
    const shown = yield* Pictures.videoFault(original, copy)
    return shown !== undefined || copy.audioCodec === undefined
      ? shown
      : yield* Sounds.soundFault(original, copy.file, tracks(probe))
  })

const probeFault = (now: Probe, was: Probe): string | undefined => {
  const kinds = ({ streams }: Probe) => streams.map(({ codec, type }) => `${type} ${codec}`).join(", ")
  if (kinds(now) !== kinds(was)) return `streams ${kinds(was)} instead of ${kinds(now)}`
  const isKnown = now.durationEstimated !== true && was.durationEstimated !== true
  return isKnown && Sounds.far(now.durationSeconds, was.durationSeconds, SECONDS)
    ? `${was.durationSeconds} s instead of ${now.durationSeconds} s`
    : undefined
}

const fault = (
  original: Original,
  probe: Probe,
  value: ComparableResult.Comparable
): Effect.Effect<string | undefined, MediaError | ArtifactError, Listening> => {
  switch (value._tag) {
    case "Probe":
      return Effect.succeed(probeFault(probe, value))
    case "Acoustics":
      return Sounds.figuresFault(original, value, tracks(probe))
    case "Waveform":
      return Pictures.waveformFault(original, value, tracks(probe))
    case "Scenes":
      return Pictures.scenesFault(original, value)
    default:
      return copyFault(original, probe, value)
  }
}

/** Captions and tags, by where they came from: nothing is asked, or paid for, again. */
const wordsOf = (content: Content, folder: string, derivations: Derivations.Derivations, probe: Probe) =>
  Effect.gen(function* () {
    const derived = derivations.of(content.hash)
    if (derived === undefined) return { compared: 0, wrong: [] }
    const seconds = probe.durationEstimated === true ? undefined : probe.durationSeconds
    const stored = yield* StoredWords.of(content.hash)
    const wrong = yield* Effect.forEach(stored, (words) =>
      Effect.map(StoredWords.fault(words, derived, folder, seconds), (detail): ReadonlyArray<WrongResult> => {
        const { kind, node, pipeline } = words
        return detail === undefined ? [] : [{ pipeline, node, kind, detail }]
      })
    )
    return { compared: stored.length, wrong: wrong.flat() }
  })

/** The times of a file as it is; no run hashes one again whose times are those that it knows. */
const timesOf = (path: string): string | undefined => {
  const stat = lstatSync(RawPath.forNode(path), { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.mtimeNs} ${stat.ctimeNs}`
}

const verified = (
  content: Content,
  folder: string,
  derivations: Derivations.Derivations
): Effect.Effect<VerifiedFile, StoreError, Database | Listening> =>
  Effect.gen(function* () {
    const found = { path: content.path, contentHash: content.hash, compared: 0, wrong: [] }
    const original = yield* Effect.either(LocalFile.original(content.path))
    if (Either.isLeft(original)) return { ...found, skipped: original.left.message }
    if (original.right.hash !== content.hash) {
      if (timesOf(content.path) !== content.times) return { ...found, skipped: "it has changed since; the next run takes it" }
      const results = yield* ComparableResult.read(content.hash, folder)
      const detail = "it was made from other bytes than the file has; touch the file and run again"
      const wrong = results.map(({ kind, node, pipeline }) => ({ pipeline, node, kind, detail }))
      return { ...found, compared: results.length, wrong, skipped: undefined }
    }
    const engine = yield* MediaEngine
    const probe = yield* Effect.either(engine.probe(original.right))
    if (Either.isLeft(probe)) return { ...found, skipped: probe.left.message }
    const results = yield* ComparableResult.read(content.hash, folder)
    const wrong = yield* Effect.forEach(results, ({ kind, node, pipeline, value }) =>
      fault(original.right, probe.right, value).pipe(
        Effect.catchAll((error) => Effect.succeed(`it can't be compared: ${error.message}`)),
        Effect.map((detail): ReadonlyArray<WrongResult> => (detail === undefined ? [] : [{ pipeline, node, kind, detail }]))
      )
    )
    const words = yield* wordsOf(content, folder, derivations, probe.right)
    return {
      ...found,
      compared: results.length + words.compared,
      wrong: [...wrong.flat(), ...words.wrong],
      skipped: undefined
    }
  })

/**
 * Hashes and decodes every file that fits a query, and compares what is stored of it: lengths, copies, levels, pictures. Captions and
 * tags are followed back to the file by what was recorded of each step.
 *
 * @param folder the state folder; absolute
 */
export const verify = (
  query: string,
  saved: SavedQueries,
  folder: string
): Stream.Stream<VerifiedFile, StoreError | SearchError | LibraryError, Database | Library | Listening> =>
  Stream.unwrap(
    Effect.map(Effect.all([contents(query, saved), Derivations.read]), ([found, derivations]) =>
      Stream.mapEffect(Stream.fromIterable(found), (content) => verified(content, folder, derivations), { concurrency: 2 })
    )
  )
