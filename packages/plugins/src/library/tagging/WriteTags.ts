import { Database, Library, type LibraryError, type StoreError } from "@mediaspool/core"
import { DateTime, Effect, Option, Schema, Stream } from "effect"
import { dirname } from "node:path"
import * as ExportRow from "../export/ExportRow.js"
import type { Context } from "../Query.js"
import * as Search from "../Search.js"
import type { SearchError } from "../SearchError.js"
import * as CopyBeside from "./CopyBeside.js"
import type { TagError } from "./TagError.js"
import * as TagFile from "./tagFile.js"
import { type StandardFields, tagValues } from "./tagValues.js"

/** What happened, or would happen, to one file. */
export interface TagOutcome {
  /** Absolute; a RawPath. */
  readonly path: string
  readonly contentHash: string
  readonly changes: ReadonlyArray<TagFile.TagDiff>
  readonly written: boolean
  /** Why nothing is written; the file is as it was. */
  readonly refusal: TagError | undefined
}

/** Which tags are written, and how the entries for undoing are named. */
export interface Options extends Omit<Context, "vocabularies" | "all"> {
  /** Names the journal's entries, for {@link undo}. */
  readonly run?: string | undefined
  /** Which of the standard fields are written too; default: none. */
  readonly standard?: StandardFields | undefined
}

const Recipe = Schema.parseJson(Schema.Array(Schema.Union(Schema.Tuple(Schema.Int, Schema.Int), Schema.String)))

/** Hashes that a content is known by: its own, and those of its forms with other tags. */
const hashesOf = (contentHash: string) =>
  Effect.map(
    Effect.flatMap(Library, (library) =>
      library.read({ sql: "SELECT hash FROM content_alias WHERE content_hash = ?", values: [contentHash] })
    ),
    (rows) => new Set([contentHash, ...rows.map(({ hash }) => String(hash))])
  )

const record = (run: string, path: string, contentHash: string, { essence, newHash, oldHash, recipe }: TagFile.WrittenTags) =>
  Effect.gen(function* () {
    const database = yield* Database
    const now = DateTime.formatIso(yield* DateTime.now)
    yield* database.write([
      // The new bytes are this content from now on, before they have the file's name: a scan at any moment knows them.
      {
        sql: "INSERT INTO content_alias (hash, content_hash, essence, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        values: [newHash, contentHash, essence, now]
      },
      {
        sql: `INSERT INTO tag_write (run, content_hash, path, old_hash, new_hash, recipe, written_at)
          VALUES (?, ?, CAST(? AS BLOB), ?, ?, ?, ?)`,
        values: [run, contentHash, path, oldHash, newHash, JSON.stringify(recipe), now]
      }
    ])
  })

const outcomeOf = (row: ExportRow.ExportRow, path: string, { run, standard }: Pick<Options, "run" | "standard">) => {
  const values = tagValues(ExportRow.parse(row), standard)
  const nothing: TagOutcome = { path, contentHash: row.contentHash, changes: [], written: false, refusal: undefined }
  const refused = (changes: TagOutcome["changes"]) => (refusal: TagError) => Effect.succeed({ ...nothing, changes, refusal })
  const written = (run: string, changes: TagOutcome["changes"]) =>
    Effect.gen(function* () {
      const known = yield* hashesOf(row.contentHash)
      yield* TagFile.write(
        path,
        values,
        (hash) => known.has(hash),
        (written) => record(run, path, row.contentHash, written)
      )
      return { ...nothing, changes, written: true }
    }).pipe(Effect.catchTag("TagError", refused(changes)))
  return Effect.gen(function* () {
    if (values.length === 0) return nothing
    const changes = yield* TagFile.diff(path, values)
    return run === undefined || changes.length === 0 ? { ...nothing, changes } : yield* written(run, changes)
  }).pipe(Effect.catchTag("TagError", refused([])))
}

/** Places of a content that are there. */
const placesOf = (contentHash: string) =>
  Effect.map(
    Effect.flatMap(Library, (library) =>
      library.read({
        sql: "SELECT CAST(path AS TEXT) AS path FROM item WHERE content_hash = ? AND gone_at = 0 ORDER BY id",
        values: [contentHash]
      })
    ),
    (rows) => rows.map(({ path }) => String(path))
  )

/** Tidies each folder once, before its first file. */
const makeTidy = () => {
  const seen = new Set<string>()
  return (path: string): Effect.Effect<void> => {
    const folder = dirname(path)
    if (seen.has(folder)) return Effect.void
    seen.add(folder)
    return CopyBeside.removeLeft(folder)
  }
}

/** Writes captions and tags into the files that fit a query, each copy of a content; without `run` it only says what would change. */
export const write = (
  query: string,
  options: Options
): Stream.Stream<TagOutcome, LibraryError | SearchError | StoreError, Database | Library> =>
  Stream.unwrap(
    Effect.map(Search.statement(query, "media", options), (selection) => {
      const tidy = options.run === undefined ? () => Effect.void : makeTidy()
      return ExportRow.pages(selection, "json", undefined).pipe(
        Stream.flattenIterables,
        Stream.filter(({ missing }) => !missing),
        Stream.mapEffect((row) =>
          Effect.flatMap(placesOf(row.contentHash), (places) =>
            Effect.forEach(places, (path) => Effect.zipRight(tidy(path), outcomeOf(row, path, options)))
          )
        ),
        Stream.flattenIterables
      )
    })
  )

/** The run that {@link undo} means without a name: the latest that isn't undone. */
export const lastRun: Effect.Effect<Option.Option<string>, LibraryError, Library> = Effect.map(
  Effect.flatMap(Library, (library) =>
    library.read({ sql: "SELECT run FROM tag_write WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1", values: [] })
  ),
  ([row]) => Option.map(Option.fromNullable(row), ({ run }) => String(run))
)

/** Files that hold what runs other than this one wrote, as one that was killed and started again leaves them. */
export const writtenBesides = (run: string): Effect.Effect<number, LibraryError, Library> =>
  Effect.map(
    Effect.flatMap(Library, (library) =>
      library.read({
        sql: "SELECT count(DISTINCT path) AS files FROM tag_write WHERE undone_at IS NULL AND run <> ?",
        values: [run]
      })
    ),
    ([row]) => Number(row?.["files"] ?? 0)
  )

/**
 * Where a file is that was written: its place, or the one that it was moved to since, by its bytes.
 *
 * @param written places of the same run, which are undone by themselves
 */
const placeNow = (path: string, contentHash: string, newHash: string, written: ReadonlySet<string>) =>
  Effect.gen(function* () {
    if (yield* TagFile.isThere(path)) return path
    const places = (yield* placesOf(contentHash)).filter((place) => !written.has(place))
    const moved = yield* Effect.findFirst(places, (place) =>
      Effect.orElseSucceed(
        Effect.map(TagFile.hashOf(place), (hash) => hash === newHash),
        () => false
      )
    )
    return Option.getOrElse(moved, () => path)
  })

/**
 * Makes the files of a run what they were, the latest first; one that has another name by now is found where the library knows it. A
 * file that was changed since is left alone, and said.
 */
export const undo = (run: string): Stream.Stream<TagOutcome, LibraryError | StoreError, Database | Library> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const library = yield* Library
      const database = yield* Database
      const rows = yield* library.read({
        sql: `SELECT id, content_hash, CAST(path AS TEXT) AS path, old_hash, new_hash, recipe FROM tag_write
          WHERE run = ? AND undone_at IS NULL ORDER BY id DESC`,
        values: [run]
      })
      const paths = new Set(rows.map(({ path }) => String(path)))
      const tidy = makeTidy()
      return Stream.fromIterable(rows).pipe(
        Stream.mapEffect((row) =>
          Effect.gen(function* () {
            const [contentHash, newHash] = [String(row["content_hash"]), String(row["new_hash"])]
            const path = yield* placeNow(String(row["path"]), contentHash, newHash, paths)
            const outcome = { path, contentHash, changes: [] }
            const recipe = yield* Effect.orDie(Schema.decodeUnknown(Recipe)(row["recipe"]))
            const written = { oldHash: String(row["old_hash"]), newHash, essence: "", recipe }
            yield* tidy(path)
            const done = yield* Effect.either(TagFile.undo(path, written))
            if (done._tag === "Left") return { ...outcome, written: false, refusal: done.left }
            const now = DateTime.formatIso(yield* DateTime.now)
            yield* database.write([{ sql: "UPDATE tag_write SET undone_at = ? WHERE id = ?", values: [now, Number(row["id"])] }])
            return { ...outcome, written: true, refusal: undefined }
          })
        )
      )
    })
  )
