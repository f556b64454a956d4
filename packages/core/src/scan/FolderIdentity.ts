import { Effect, Option, Schema } from "effect"
import { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"

/**
 * What is remembered of a source folder, so that another one in its place is noticed: a share that isn't mounted leaves an empty
 * folder behind. Nothing is written into the folder itself.
 */
export class FolderIdentity extends Schema.Class<FolderIdentity>("@mediaspool/RootMark")({
  dev: Schema.BigInt,
  ino: Schema.BigInt,
  /**
   * `doubted`: so much vanished at the last scan that it wasn't believed. `emptied`: a person says that it is really gone;
   * the next scan marks it.
   */
  trust: Schema.Literal("trusted", "doubted", "emptied")
}) {}

const Stored = Schema.parseJson(FolderIdentity)

// A RawPath may hold lone surrogates, which SQLite's text can't: JSON escapes them.
const nameOf = (folder: string): string => `source ${JSON.stringify(folder)}`

/** What is remembered of a folder (an absolute RawPath). */
export const read = (folder: string): Effect.Effect<Option.Option<FolderIdentity>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const row = yield* database.reading(() => database.row("SELECT value FROM fact WHERE name = ?", [nameOf(folder)]))
    return Option.flatMap(Option.fromNullable(row?.["value"]), Schema.decodeUnknownOption(Stored))
  })

export const write = (folder: string, mark: FolderIdentity): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.write([
      {
        sql: "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        values: [nameOf(folder), Schema.encodeSync(Stored)(mark)]
      }
    ])
  )

/** Takes a person's word for what vanished from a folder, if that is doubted. */
export const confirmEmptied = (folder: string): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(read(folder), (known) =>
    Option.isSome(known) && known.value.trust === "doubted"
      ? write(folder, new FolderIdentity({ ...known.value, trust: "emptied" }))
      : Effect.void
  )
