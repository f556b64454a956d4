import { makeFolder } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { existsSync, lstatSync, promises as fs, realpathSync } from "node:fs"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import { copyFile } from "../copyFile.js"
import { ExportError, notWritten } from "./ExportError.js"
import * as ExportManifest from "./ExportManifest.js"
import * as HashedFile from "./HashedFile.js"

/** Where an export is put together before it gets its name. */
export interface Staging {
  readonly kind: "file" | "folder"
  /** A new file of the export; of a single file the name is the target's. */
  readonly file: (path: string) => Effect.Effect<HashedFile.HashedFile, ExportError, Scope.Scope>
  /** Notes what a file hashes to. */
  readonly add: (sum: HashedFile.FileSum) => Effect.Effect<void, ExportError>
  /** Copies a file into the export, hashes the copy and notes it. */
  readonly copy: (from: string | Buffer, path: string) => Effect.Effect<void, ExportError>
}

const within = (folder: string, path: string): boolean => {
  const inside = relative(folder, path)
  return inside === "" || (!inside.startsWith(`..${sep}`) && inside !== ".." && resolve(folder, inside) === path)
}

/** The path with the links in its folders resolved, also where the end of it isn't there yet. */
const real = (path: string): string => (existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path)

const refused = (detail: string) => new ExportError({ code: "ExportTargetRefused", detail })

/** Refuses what must never be written over. */
const checked = (
  to: string,
  kind: "file" | "folder",
  options: {
    readonly overwrite: boolean
    readonly guarded: ReadonlyArray<string>
    readonly isOriginal: (path: string) => boolean
  }
): Effect.Effect<void, ExportError> =>
  Effect.gen(function* () {
    const { found, guard, path } = yield* Effect.try({
      try: () => {
        const path = real(to)
        const guard = options.guarded.find((folder) => existsSync(folder) && within(realpathSync(folder), path))
        return { path, guard, found: lstatSync(to, { throwIfNoEntry: false }) }
      },
      catch: notWritten
    })
    if (guard !== undefined) return yield* refused(`${to} is in ${guard}, where a run would take it, or keeps its own files`)
    if (found === undefined) return
    if (found.isSymbolicLink()) return yield* refused(`${to} is a symbolic link`)
    if (!found.isFile() && !found.isDirectory()) return yield* refused(`${to} is neither a file nor a folder`)
    if (options.isOriginal(path)) return yield* refused(`${to} is one of the library's own files`)
    if (found.isDirectory() !== (kind === "folder"))
      return yield* refused(`${to} is a ${found.isDirectory() ? "folder" : "file"}, and this format writes a ${kind}`)
    if (!options.overwrite) return yield* new ExportError({ code: "ExportTargetExists", detail: `${to} exists` })
    // Whoever mistypes a folder must not lose what is in it.
    if (found.isDirectory() && !existsSync(join(to, ExportManifest.NAME)))
      return yield* refused(`${to} is a folder that no export wrote (it has no ${ExportManifest.NAME})`)
  })

/**
 * Lets an export be written beside its target and gives it its name when all of it is on disk. What was there is replaced whole; on
 * failure, or when it is interrupted, nothing has changed.
 *
 * @param to absolute
 */
export const replace = <A, E, R>(
  to: string,
  options: {
    readonly kind: "file" | "folder"
    readonly overwrite: boolean
    /** Folders that nothing may be written into: sources and the state folder; absolute. */
    readonly guarded: ReadonlyArray<string>
    readonly isOriginal: (path: string) => boolean
  },
  write: (staging: Staging) => Effect.Effect<A, E, R>,
  manifestOf: (written: A, files: ExportManifest.Files) => ExportManifest.Manifest
): Effect.Effect<ExportManifest.Manifest, E | ExportError, Exclude<R, Scope.Scope>> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* checked(to, options.kind, options)
      const part = join(dirname(to), `.${basename(to)}.${process.pid}.part`)
      const manifestPart = `${part}.manifest`
      const remove = (path: string) => Effect.promise(() => fs.rm(path, { recursive: true, force: true }))
      yield* Effect.addFinalizer(() => Effect.zipRight(remove(part), remove(manifestPart)))
      yield* remove(part)
      const isFolder = options.kind === "folder"
      const sums = isFolder ? yield* HashedFile.open(join(part, ExportManifest.SUMS), ExportManifest.SUMS) : undefined
      let [count, bytes] = [0, 0]
      let last: HashedFile.FileSum | undefined
      const add = (sum: HashedFile.FileSum) => {
        count += 1
        bytes += sum.bytes
        last = sum
        return sums === undefined ? Effect.void : sums.write(`${sum.sha256}  ${sum.path}\n`)
      }
      const written = yield* write({
        kind: options.kind,
        file: (path) => HashedFile.open(isFolder ? join(part, path) : part, isFolder ? path : basename(to)),
        add,
        copy: (from, path) =>
          Effect.try({ try: () => makeFolder(dirname(join(part, path))), catch: notWritten }).pipe(
            Effect.zipRight(copyFile(from, join(part, path), notWritten)),
            Effect.zipRight(HashedFile.sumOf(join(part, path), path)),
            Effect.flatMap(add)
          )
      })
      const listed = sums === undefined ? last : yield* sums.end
      const manifest = manifestOf(written, {
        count,
        bytes,
        name: listed?.path ?? basename(to),
        sha256: listed?.sha256 ?? ""
      })
      const text = ExportManifest.print(manifest)
      yield* Effect.tryPromise({
        try: async () => {
          await fs.writeFile(isFolder ? join(part, ExportManifest.NAME) : manifestPart, text, { flush: true })
          if (!isFolder) {
            await fs.rename(part, to)
            await fs.rename(manifestPart, ExportManifest.besideOf(to))
          } else {
            const old = `${part}.old`
            const exists = existsSync(to)
            if (exists) await fs.rename(to, old)
            await fs.rename(part, to)
            if (exists) await fs.rm(old, { recursive: true, force: true })
          }
        },
        catch: notWritten
      })
      return manifest
    })
  )
