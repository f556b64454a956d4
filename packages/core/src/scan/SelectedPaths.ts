import { Effect, Stream } from "effect"
import { realpathSync, statSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import * as RawPath from "../stage/RawPath.js"
import type { Against } from "./ItemLookUp.js"
import { Scanned, Scanner, type ScanRequest } from "./Scanner.js"
import type { Globs } from "./Selection.js"
import { SourceError } from "./SourceError.js"

interface Place {
  /** Absolute, with every link resolved: a person who names a link means what it leads to. */
  readonly path: string
  readonly isFolder: boolean
}

const placeOf = (path: string): Place | undefined => {
  try {
    const real = RawPath.fromBytes(realpathSync.native(RawPath.forNode(resolve(path)), "buffer"))
    return { path: real, isFolder: statSync(RawPath.forNode(real)).isDirectory() }
  } catch {
    return undefined
  }
}

/** The source folder, as the item table spells it, and the path below it; undefined for what lies elsewhere. */
const below = (
  folder: string | undefined,
  path: string
): { readonly folder: string; readonly relativePath: string } | undefined => {
  const real = folder === undefined ? undefined : placeOf(folder)?.path
  if (folder === undefined || real === undefined) return undefined
  if (path === real) return { folder, relativePath: "" }
  return path.startsWith(`${real}/`) ? { folder, relativePath: path.slice(real.length + 1) } : undefined
}

/**
 * Files and folders that a person named. A file is taken whatever its name, a folder's files as `include` and `exclude` say.
 * Files in the source folder are the same items as when the whole folder is scanned.
 *
 * Fails with `PathMissing`, naming all of them, before anything else, and with `PathNotTaken` for a file of ours.
 *
 * @param paths as they were given: absolute, or relative to the working directory
 */
export const scan = (
  paths: ReadonlyArray<string>,
  source: Globs & { readonly folder?: string | undefined },
  against: Against | undefined
): Stream.Stream<Scanned, SourceError, Scanner> => {
  const places = paths.map((path) => ({ path, place: placeOf(path) }))
  const missing = places.flatMap(({ path, place }) => (place === undefined ? [RawPath.display(path)] : []))
  if (missing.length > 0)
    return Stream.fail(new SourceError({ code: "PathMissing", detail: `there is no ${missing.join(", ")}` }))

  const { exclude, folder, include } = source
  const requestFor = (folder: string): ScanRequest => ({ folder, include, exclude, against })

  const ofFile = (path: string) =>
    Stream.flatMap(Scanner, (scanner) => {
      const inSource = below(folder, path) ?? { folder: dirname(path), relativePath: basename(path) }
      return Stream.fromIterableEffect(
        Effect.flatMap(
          scanner.look(requestFor(inSource.folder), [inSource.relativePath], { named: true }),
          ({ found, refused, unchanged }) =>
            found.length + refused.length + unchanged === 0
              ? new SourceError({ code: "PathNotTaken", detail: `${RawPath.display(path)} is a file of our own` })
              : Effect.succeed([
                  Scanned.Found({ files: found }),
                  Scanned.Refused({ refusals: refused }),
                  Scanned.Unchanged({ count: unchanged })
                ])
        )
      )
    })
  const ofFolder = (path: string) =>
    Stream.flatMap(Scanner, (scanner) => {
      const inSource = below(folder, path)
      return scanner.scan(
        inSource === undefined
          ? requestFor(path)
          : { ...requestFor(inSource.folder), within: [{ relativePath: inSource.relativePath, deep: true }] }
      )
    }).pipe(Stream.filter(({ _tag }) => _tag !== "Gone" && _tag !== "Finished"))

  return Stream.flatMap(Stream.fromIterable(places), ({ place }) =>
    place === undefined ? Stream.empty : place.isFolder ? ofFolder(place.path) : ofFile(place.path)
  )
}
