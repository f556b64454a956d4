import { Context, Data, Effect, Layer, Option, type Scope, Stream } from "effect"
import { StateFolder } from "../stage/StateFolder.js"
import { Database } from "../store/Database.js"
import type { FileStat } from "../store/FileStat.js"
import * as BytePath from "./BytePath.js"
import type { FoundFile } from "./FoundFile.js"
import type { Against } from "./ItemLookUp.js"
import * as IgnoredReason from "./IgnoredReason.js"
import {
  KINDS,
  type FoundColumns,
  type IgnoredPiece,
  type Piece,
  type RefusedEntry,
  type RootStat,
  type ScanOrder
} from "./ScanMessage.js"
import * as ScanClient from "./ScanClient.js"
import * as Frontier from "./Frontier.js"
import type { Globs } from "./Selection.js"
import { type Refusal, SourceError } from "./SourceError.js"

/** A folder to look through. */
export interface ScanRequest extends Globs {
  /** Absolute; a RawPath. */
  readonly folder: string
  /** What files are compared with; absent: every file is new. */
  readonly against?: Against | undefined
  /** Folders to look into, relative RawPaths ("" is the folder itself), with what is below them or without; absent: everything. */
  readonly within?: ReadonlyArray<{ readonly relativePath: string; readonly deep: boolean }> | undefined
  /** Every file that is ignored is named; default: they are counted. */
  readonly listsIgnored?: boolean
}

/** What a scan saw in all. */
export interface Counts {
  /** Regular files that `include` asks for; without it, that are media. */
  readonly files: number
  readonly unchanged: number
  readonly found: number
  readonly refused: number
  /** Files that nothing excludes and that are no media; 0 where `include` chooses. */
  readonly ignored: number
  /** Links that lead somewhere; they are not followed. */
  readonly links: number
  readonly folders: number
  /** Items that were known to be in the folder when the scan ended. */
  readonly known: number
  /** Those whose files are gone. */
  readonly gone: number
}

/** Files that nothing excludes and that are no media, since the last piece. */
export interface IgnoredFiles {
  readonly counts: IgnoredReason.IgnoredCounts
  /** Each of them, absolute RawPaths, where that was asked for. */
  readonly listed: ReadonlyArray<{ readonly path: string; readonly reason: IgnoredReason.IgnoredReason }>
  /** Those that were looked into. */
  readonly looked: ReadonlyArray<LookedFile>
  /** Of files that were looked into before, and are gone. */
  readonly gone: ReadonlyArray<Pick<LookedFile, "folder" | "name">>
}

/** A file that was looked into, and is no media. */
export interface LookedFile {
  /** With a slash at its end; as the file system's bytes. */
  readonly folder: Uint8Array
  readonly name: Uint8Array
  readonly stat: FileStat
  readonly reason: IgnoredReason.IgnoredReason
}

/** A file that was known and is no longer there. */
export interface GoneFile {
  readonly item: number
  /** Where it was: absolute, a RawPath. */
  readonly path: string
}

/** What a scan tells, piece by piece. `Finished` is the last. */
export type Scanned = Data.TaggedEnum<{
  readonly Found: { readonly files: ReadonlyArray<FoundFile> }
  readonly Refused: { readonly refusals: ReadonlyArray<Refusal> }
  /** Files that are as they were, and done, since the last piece. */
  readonly Unchanged: { readonly count: number }
  readonly Ignored: IgnoredFiles
  /** Known files that are not there. Whether that is to be believed is another question: see `MissingFiles`. */
  readonly Gone: { readonly files: ReadonlyArray<GoneFile> }
  readonly Finished: {
    readonly counts: Counts
    readonly root: RootStat
    /** Why vanished files were not marked as gone: too many at once. */
    readonly doubt: SourceError | undefined
  }
}>
export const Scanned = Data.taggedEnum<Scanned>()

/** What a look at single paths told. */
export interface Looked {
  readonly found: ReadonlyArray<FoundFile>
  readonly refused: ReadonlyArray<Refusal>
  /** Files as they were, and done. */
  readonly unchanged: number
  readonly ignored: IgnoredFiles
  readonly gone: ReadonlyArray<GoneFile>
  /** Those of the paths that are folders, or were while files in them were known; relative RawPaths. */
  readonly folders: ReadonlyArray<string>
}

/** Looks at folders and at single paths. */
export interface Service {
  /**
   * Walks a folder in a thread of its own and compares every file with the item table there. Nothing is read but names and stamps,
   * and the first bytes of files whose names don't tell what they are; nothing is written. It goes on as the stream is pulled, and stops when the stream is let go.
   */
  readonly scan: (request: ScanRequest) => Stream.Stream<Scanned, SourceError>
  /**
   * What a scan would say of single paths (relative RawPaths) in the request's folder; with `named`, whatever their names,
   * because somebody asked for exactly these.
   */
  readonly look: (
    request: ScanRequest,
    relativePaths: ReadonlyArray<string>,
    options?: { readonly named?: boolean }
  ) => Effect.Effect<Looked, SourceError>
  /** One lstat each; `undefined` where no regular file is. Absolute RawPaths. */
  readonly stamps: (paths: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<FileStat | undefined>, SourceError>
}

const foundIn = (base: string, { byContent, items, kinds, relatives, stamps }: FoundColumns): ReadonlyArray<FoundFile> =>
  relatives.map((relativePath, i) => ({
    path: `${base}/${relativePath}`,
    relativePath,
    ...stampAt(stamps, i),
    status: KINDS[kinds[i] ?? 0] ?? "new",
    item: items[i] === 0 ? undefined : items[i],
    ...(byContent[i] === true ? { byContent: true } : {})
  }))

const stampAt = (columns: ArrayLike<bigint>, i: number): FileStat => ({
  dev: columns[5 * i] ?? 0n,
  ino: columns[5 * i + 1] ?? 0n,
  size: columns[5 * i + 2] ?? 0n,
  mtimeNs: columns[5 * i + 3] ?? 0n,
  ctimeNs: columns[5 * i + 4] ?? 0n
})

const refusalsIn = (base: string, refused: ReadonlyArray<RefusedEntry>): ReadonlyArray<Refusal> =>
  refused.map(({ code, detail, relative }) => ({
    path: `${base}/${relative}`,
    relativePath: relative,
    error: new SourceError({ code, detail })
  }))

const goneIn = (base: string, gone: Piece["gone"]): ReadonlyArray<GoneFile> =>
  gone.map(([item, relative]) => ({ item, path: `${base}/${relative}` }))

const ignoredIn = (base: string, { counts, gone, listed, looked }: IgnoredPiece): IgnoredFiles => ({
  counts,
  listed: listed.map(([relative, reason]) => ({ path: `${base}/${relative}`, reason })),
  looked: looked.reasons.map((reason, i) => ({
    folder: BytePath.toBytes(looked.folders[i] ?? ""),
    name: BytePath.toBytes(looked.names[i] ?? ""),
    stat: stampAt(looked.stamps, i),
    reason
  })),
  gone: gone.map(([folder, name]) => ({ folder: BytePath.toBytes(folder), name: BytePath.toBytes(name) }))
})

const isAny = ({ counts, gone }: IgnoredPiece): boolean => gone.length > 0 || IgnoredReason.total(counts) > 0

const told = (base: string, { found, gone, ignored, refused, unchanged }: Piece): ReadonlyArray<Scanned> => [
  ...(found.relatives.length > 0 ? [Scanned.Found({ files: foundIn(base, found) })] : []),
  ...(refused.length > 0 ? [Scanned.Refused({ refusals: refusalsIn(base, refused) })] : []),
  ...(unchanged > 0 ? [Scanned.Unchanged({ count: unchanged })] : []),
  ...(isAny(ignored) ? [Scanned.Ignored(ignoredIn(base, ignored))] : []),
  ...(gone.length > 0 ? [Scanned.Gone({ files: goneIn(base, gone) })] : [])
]

const none: Counts = { files: 0, unchanged: 0, found: 0, refused: 0, ignored: 0, links: 0, folders: 0, known: 0, gone: 0 }

const plus = (counts: Counts, { folders, found, gone, ignored, known, links, refused, unchanged }: Piece): Counts => ({
  files: counts.files + unchanged + found.relatives.length,
  unchanged: counts.unchanged + unchanged,
  found: counts.found + found.relatives.length,
  refused: counts.refused + refused.length,
  ignored: counts.ignored + IgnoredReason.total(ignored.counts),
  links: counts.links + links,
  folders: counts.folders + folders,
  known: counts.known + known,
  gone: counts.gone + gone.length
})

/** The folder without a slash at its end: "" for the file system's root. */
const baseOf = (folder: string): string => folder.replace(/\/+$/, "")

/**
 * @param file the database to compare with
 * @param without absolute RawPaths of folders that are never entered
 */
export const make = (file: Option.Option<string>, without: ReadonlyArray<string>): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.map(ScanClient.make(file), (ask): Service => {
    let scans = 0
    const orderOf = ({ against, exclude, folder, include, listsIgnored, within }: ScanRequest): ScanOrder => ({
      folder: BytePath.ofRaw(baseOf(folder)),
      globs: { include, exclude },
      without: without.map(BytePath.ofRaw),
      within: within?.map(({ deep, relativePath }) => ({ relative: BytePath.ofRaw(relativePath), deep })),
      against,
      listsIgnored
    })
    return {
      scan: (request) =>
        Stream.unwrapScoped(
          Effect.gen(function* () {
            const base = baseOf(request.folder)
            const order = orderOf(request)
            const scan = scans++
            const open = (ask: ScanClient.Ask) =>
              Effect.acquireRelease(ask({ _tag: "Open", scan, order }, "Opened"), () =>
                Effect.ignore(ask({ _tag: "Close", scan }, "Closed"))
              )
            const { root } = yield* open(ask)
            const second = Effect.map(
              Effect.tap(ScanClient.make(file), (ask) => open(ask)),
              (ask) => ({ ask, scan })
            )
            let counts = none
            let met = { items: 0, ignored: 0 }
            const news = Stream.concat(
              Frontier.walk(order, { ask, scan }, second),
              Stream.suspend(() => Frontier.missing({ ask, scan }, met))
            ).pipe(
              Stream.mapConcat((piece) => {
                counts = plus(counts, piece)
                met = { items: met.items + piece.met, ignored: met.ignored + piece.ignored.met }
                return told(base, piece)
              })
            )
            const finished = Effect.sync(() => Scanned.Finished({ counts, root, doubt: undefined }))
            return Stream.concat(news, Stream.fromEffect(finished))
          })
        ),
      look: (request, relativePaths, { named = false } = {}) => {
        const order = orderOf(request)
        const relatives = relativePaths.map(BytePath.ofRaw)
        return Effect.map(
          ask({ _tag: "Look", order: named ? { ...order, globs: undefined } : order, relatives }, "Looked"),
          ({ folders, piece }) => ({
            found: foundIn(baseOf(request.folder), piece.found),
            refused: refusalsIn(baseOf(request.folder), piece.refused),
            unchanged: piece.unchanged,
            ignored: ignoredIn(baseOf(request.folder), piece.ignored),
            gone: goneIn(baseOf(request.folder), piece.gone),
            folders: folders.map(BytePath.toRaw)
          })
        )
      },
      stamps: (paths) =>
        Effect.map(ask({ _tag: "Stamps", paths: paths.map(BytePath.ofRaw) }, "Stamped"), ({ stamps }) =>
          paths.map((_, i) => (stamps[5 * i + 1] === 0n && stamps[5 * i + 4] === 0n ? undefined : stampAt(stamps, i)))
        )
    }
  })

/** Finds files. */
export class Scanner extends Context.Tag("@mediaspool/core/Scanner")<Scanner, Service>() {
  static readonly layer: Layer.Layer<Scanner, never, Database | StateFolder> = Layer.scoped(
    Scanner,
    Effect.gen(function* () {
      const { file } = yield* Database
      const { path } = yield* StateFolder
      return yield* make(Option.some(file), [path])
    })
  )

  /**
   * For whoever only looks: no lock is taken.
   *
   * @param state absolute RawPath of the state folder, which is never entered
   * @param file its database; none: every file is new
   */
  static readonly layerReading = (state: string, file: Option.Option<string>): Layer.Layer<Scanner> =>
    Layer.scoped(Scanner, make(file, [state]))
}
