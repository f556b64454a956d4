import { Effect, Either, ModuleVersion, Schema } from "effect"
import { promises as fs } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import satisfies from "semver/functions/satisfies.js"
import validRange from "semver/ranges/valid.js"
import { ImportFailed, type ModuleLoader } from "./ModuleLoader.js"
import * as PluginShape from "./PluginShape.js"
import type { LoadedPlugin } from "./Registry.js"

export type Imported = Omit<LoadedPlugin, "plugin">

/** Where no code may come from. */
export interface WatchedFolder {
  readonly pipeline: string
  /** Absolute. */
  readonly folder: string
}

/** What a plugin is held against before it is imported. */
export interface Terms {
  readonly loader: ModuleLoader
  /** Of the running `@mediaspool/core`. */
  readonly version: string
  readonly watched: ReadonlyArray<WatchedFolder>
}

/**
 * Imports one plugin by its npm name or relative path. Not when it lies in a watched folder (whoever may drop a file there could
 * run code), and not when its package was made for another version of core.
 */
export const load = (name: string, { loader, version, watched }: Terms): Effect.Effect<Imported, ImportFailed> =>
  Effect.gen(function* () {
    const file = loader.resolve(name)
    if (file === undefined)
      return yield* failed(
        isPath(name) ? `there is no module '${name}'` : `there is no module '${name}': install it beside the config`
      )
    const real = yield* realPath(file)
    for (const { folder, pipeline } of watched)
      if (within(yield* realPath(folder), real))
        return yield* failed(`it lies in the watched folder of pipeline '${pipeline}', from where no code is run`)
    const found = yield* packageOf(real)
    for (const [shared, running] of Object.entries({ [CORE]: version, effect: ModuleVersion.getCurrentVersion() })) {
      const wanted = found?.peerDependencies?.[shared]
      if (wanted !== undefined && validRange(wanted) !== null && !satisfies(running, wanted, { includePrerelease: true }))
        return yield* failed(
          `'${found?.name ?? name}' ${found?.version ?? ""} works with ${shared} ${wanted}, but this is ${running}: install a version of it that fits`
        )
    }
    const before = new Set(loader.files())
    const plugin = yield* loader.load(file)
    if (!PluginShape.isPlugin(plugin)) return yield* failed(PluginShape.fault(plugin) ?? "it is no plugin")
    const own = [...new Set([file, ...loader.files().filter((each) => !before.has(each))])]
    const fingerprint = isPath(name) ? loader.fingerprint(own) : undefined
    return { original: plugin, from: name, file, version: found?.version, fingerprint }
  })

const CORE = "@mediaspool/core"

const failed = (detail: string): ImportFailed => new ImportFailed({ detail })

const isPath = (name: string): boolean => /^(\.{0,2}\/|[a-zA-Z]:\\)/.test(name)

const realPath = (path: string): Effect.Effect<string> =>
  Effect.orElseSucceed(
    Effect.tryPromise(() => fs.realpath(path)),
    () => path
  )

const within = (folder: string, file: string): boolean => {
  const path = relative(folder, file)
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !/^[a-zA-Z]:/.test(path)
}

const Package = Schema.parseJson(
  Schema.Struct({
    name: Schema.optional(Schema.String),
    version: Schema.optional(Schema.String),
    peerDependencies: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
  })
)

/** The package of a module: the nearest `package.json` above it that has a name. */
const packageOf = (file: string): Effect.Effect<typeof Package.Type | undefined> =>
  Effect.gen(function* () {
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      const text = yield* Effect.either(Effect.tryPromise(() => fs.readFile(join(folder, "package.json"), "utf8")))
      const found = Either.flatMap(text, Schema.decodeUnknownEither(Package))
      if (Either.isRight(found) && found.right.name !== undefined) return found.right
      if (dirname(folder) === folder) return undefined
    }
  })
