import { Duration, Effect, Schema, type Scope } from "effect"
import type { Jiti } from "jiti"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import { dirname, extname, isAbsolute, join, relative, sep } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { share, type SharedModules } from "./SharedModules.js"

/** A module that could not be imported: in one line, without a stack. */
export class ImportFailed extends Schema.TaggedError<ImportFailed>("@mediaspool/ImportFailed")("ImportFailed", {
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** Imports TypeScript and JavaScript that is not part of the program: plugins, and configs that are programs. */
export interface ModuleLoader {
  /** The absolute file of a module's name or relative path, as seen from the config; `undefined` when there is none. */
  readonly resolve: (name: string) => string | undefined
  /** The module's default export. */
  readonly load: (file: string) => Effect.Effect<unknown, ImportFailed>
  /** What has been evaluated so far, without installed packages; absolute. */
  readonly files: () => ReadonlyArray<string>
  /** Stands for what these files do, in hex: types, comments and formatting aside. */
  readonly fingerprint: (files: ReadonlyArray<string>) => Effect.Effect<string>
}

const PATIENCE = Duration.seconds(30)
/** A module that takes so long is named, so that nobody wonders what the program waits for. */
const NOTICE = Duration.seconds(5)

/** What the program brings. */
export interface Options {
  readonly modules: SharedModules
  /** Keeps what was compiled; absolute. A file is compiled anew when its text has changed. */
  readonly compiled?: string | undefined
  /** What is done while a file (absolute) is imported, which may block the whole process. */
  readonly importing?: ((file: string) => Effect.Effect<void, never, Scope.Scope>) | undefined
}

/** For one reading of the config: within it a module is evaluated once, and the next reading sees its edits. */
export const make = (
  config: string,
  { compiled, importing, modules }: Options
): Effect.Effect<ModuleLoader, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { createJiti } = yield* Effect.promise(() => import("jiti"))
    const jiti = createJiti(pathToFileURL(config).href, {
      virtualModules: { ...(yield* Effect.promise(() => share(modules))) },
      interopDefault: false,
      // Looking at a config writes nothing beside it.
      fsCache: compiled ?? false
    })
    const known = new Set(Object.keys(jiti.cache))
    const evaluated = () => Object.keys(jiti.cache).filter((file) => !known.has(file))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const file of evaluated()) delete jiti.cache[file]
      })
    )
    return {
      resolve: (name) => resolve(jiti, name, config),
      load: (file) => Effect.scoped(Effect.zipRight(importing?.(file) ?? Effect.void, load(jiti, file, dirname(config)))),
      files: () => evaluated().filter((file) => isAbsolute(file) && !file.split(sep).includes("node_modules")),
      fingerprint: (files) =>
        Effect.map(
          Effect.suspend(() => {
            // Both are kept by the file's name and text alone, so each has a folder of its own.
            const bare = createJiti(pathToFileURL(config).href, {
              fsCache: compiled === undefined ? false : join(compiled, "bare")
            })
            return Effect.forEach(files, (file) => bareCode(bare, file))
          }),
          (codes) =>
            codes
              .sort()
              .reduce((hash, code) => hash.update(`${code}\0`), createHash("sha256"))
              .digest("hex")
        )
    }
  })

/** What jiti 2.7 writes behind code that it keeps: the digest of the source, comments and all. It is missing where code was compiled just now. */
const CACHE_MARK = /\s*\/\* v\d+-[0-9a-f]+ \*\/\s*$/

/** A module as it is run; as it is written where nothing compiles it. */
const bareCode = (jiti: Jiti, filename: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    const source = yield* Effect.tryPromise(() => fs.readFile(filename, "utf8"))
    const ts = /^\.[cm]?tsx?$/.test(extname(filename))
    const babel = { comments: false, compact: true, retainLines: false }
    return yield* Effect.orElseSucceed(
      Effect.try(() => jiti.transform({ source, filename, ts, async: true, babel }).replace(CACHE_MARK, "")),
      () => source
    )
  }).pipe(Effect.orElseSucceed(() => ""))

const resolve = (jiti: Jiti, name: string, config: string): string | undefined => {
  try {
    const url = jiti.esmResolve(name, { parentURL: pathToFileURL(config).href, try: true })
    return url?.startsWith("file:") ? fileURLToPath(url) : undefined
  } catch {
    return undefined
  }
}

const load = (jiti: Jiti, file: string, folder: string): Effect.Effect<unknown, ImportFailed> =>
  Effect.tryPromise({
    try: () => jiti.import(file),
    catch: (cause) =>
      new ImportFailed({ detail: `it fails on import: ${firstLines(cause)}${place(cause, folder)}${wayOut(cause)}` })
  }).pipe(
    Effect.map(defaultExport),
    Effect.timeoutFail({
      duration: PATIENCE,
      onTimeout: () => new ImportFailed({ detail: `its import does not end within ${Duration.format(PATIENCE)}` })
    }),
    Effect.raceFirst(
      Effect.zipRight(
        Effect.delay(Effect.logWarning(`Still importing ${relative(folder, file)} after ${Duration.format(NOTICE)}`), NOTICE),
        Effect.never
      )
    )
  )

/** A CommonJS module that was compiled from ESM wraps its default once more. */
const defaultExport = (module: unknown): unknown => {
  const inner = hasDefault(module) ? module.default : undefined
  return hasDefault(inner) && "__esModule" in inner ? inner.default : inner
}

const hasDefault = (module: unknown): module is { readonly default: unknown } =>
  typeof module === "object" && module !== null && "default" in module

const firstLines = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const lines = text.split("\n").map((line) => line.trim())
  return lines
    .filter((line) => line !== "" && line !== "Require stack:" && !line.startsWith("- "))
    .slice(0, 2)
    .join(" ")
    .slice(0, 300)
}

/** A package that an import names, and that isn't there. */
const lacking = /^Cannot find (?:module|package) '((?!node:)(?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?'/

const wayOut = (cause: unknown): string => {
  const name = cause instanceof Error ? lacking.exec(cause.message)?.[1] : undefined
  return name === undefined ? "" : `: install '${name}' in the folder of the module that imports it`
}

/** Frames that say nothing of the module: Node's, a dependency's, the command's. */
const foreign = /node:|[/\\]node_modules[/\\]|[/\\]dist[/\\]bundle[/\\]|[/\\](?:cli|core)[/\\](?:src|dist)[/\\]/

/** ` (src/Loud.ts:9)`: where it comes from, as seen from the config's folder; nothing when the message says so itself. */
const place = (cause: unknown, folder: string): string => {
  if (!(cause instanceof Error) || cause.stack === undefined || /:\d+:\d+/.test(cause.message)) return ""
  // Lines are as they were written, columns aren't. Of a module that isn't there the importing file stands in the message, of anything else in the lines below it.
  const importing = /^- (.+)$/m.exec(cause.message)?.[1]
  const line = cause.stack.split("\n").find((text) => /^\s+at .*:\d+:\d+\)?$/.test(text) && !foreign.test(text))
  const found = importing ?? /(?:file:\/\/)?([^\s(]+:\d+):\d+\)?$/.exec(line ?? "")?.[1]
  return found === undefined ? "" : ` (${relative(folder, found)})`
}
