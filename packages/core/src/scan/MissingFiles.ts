import { Effect, Option, Stream } from "effect"
import * as RawPath from "../stage/RawPath.js"
import { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import { read, FolderIdentity, write } from "./FolderIdentity.js"
import { type Counts, type GoneFile, Scanned, Scanner, type ScanRequest } from "./Scanner.js"
import { SourceError } from "./SourceError.js"

/** Fewer than so many are believed, as long as the folder is the one that it was. */
const MANY = 10

/**
 * Whether the files that a scan misses may have been deleted, or the disk they are on is away: that half of what was known is
 * gone, without as much having come, is too much for a whim. In another folder than the one remembered, half is too much
 * however few they are.
 *
 * @returns why they are not believed to be gone
 */
export const doubt = (
  { files, found, gone, known }: Pick<Counts, "files" | "found" | "gone" | "known">,
  isSameRoot: boolean
): string | undefined => {
  const most = gone * 2 >= known
  if (gone === 0 || !most) return undefined
  if (!isSameRoot) return `${gone} of ${known} known files are missing, and the folder is another one than before`
  const lost = gone - found
  if (lost < MANY || lost * 2 < known) return undefined
  return files === 0 ? `all ${known} known files are missing` : `${gone} of ${known} known files are missing at once`
}

// The path is compared because the runner may have given the row to the file's new name meanwhile.
const GONE = "UPDATE item SET gone_at = ? WHERE id = ? AND path = ? AND gone_at = 0"

/** Marks files as gone. Their rows stay, and so does everything that was made of them. */
export const markGone = (files: ReadonlyArray<GoneFile>): Effect.Effect<void, StoreError, Database> =>
  files.length === 0
    ? Effect.void
    : Effect.flatMap(Database, (database) =>
        database.write(files.map(({ item, path }) => ({ sql: GONE, values: [Date.now(), item, RawPath.toBytes(path)] })))
      )

/**
 * A whole scan with what follows from it: files that vanished are marked as gone, unless too many vanished at once. Then nothing
 * is marked, and `Finished` tells the doubt. An unchanged folder writes nothing.
 */
export const scan = (request: ScanRequest): Stream.Stream<Scanned, SourceError | StoreError, Scanner | Database> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const scanner = yield* Scanner
      const mark = yield* read(request.folder)
      const gone: Array<GoneFile> = []

      const finish = (finished: Extract<Scanned, { readonly _tag: "Finished" }>) =>
        Effect.gen(function* () {
          const { counts, root } = finished
          const known = Option.getOrElse(mark, () => new FolderIdentity({ ...root, trust: "trusted" }))
          const isSameRoot = known.dev === root.dev && known.ino === root.ino
          const detail = known.trust === "emptied" ? undefined : doubt(counts, isSameRoot)
          if (detail !== undefined) {
            if (known.trust !== "doubted") yield* write(request.folder, new FolderIdentity({ ...known, trust: "doubted" }))
            return Scanned.Finished({
              ...finished,
              doubt: new SourceError({ code: "FolderVanished", detail: `${RawPath.display(request.folder)}: ${detail}` })
            })
          }
          yield* markGone(gone)
          if (Option.isNone(mark) || !isSameRoot || known.trust !== "trusted")
            yield* write(request.folder, new FolderIdentity({ ...root, trust: "trusted" }))
          return finished
        })

      return Stream.mapEffect(scanner.scan(request), (piece): Effect.Effect<Scanned, StoreError, Database> => {
        if (piece._tag === "Gone") gone.push(...piece.files)
        return piece._tag === "Finished" ? finish(piece) : Effect.succeed(piece)
      })
    })
  )
