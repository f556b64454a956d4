import { Effect, Either } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { ConfigError, ofFile } from "./ConfigError.js"
import * as Diagnostic from "./Diagnostic.js"
import type { ModuleLoader } from "../plugin/ModuleLoader.js"
import { isPipeline } from "./PipelineTypeId.js"
import { folderOf } from "./SourceConfig.js"
import * as Tree from "./Tree.js"
import * as YamlTree from "./YamlTree.js"

/** The names that a config may have, in the order in which they are looked for. */
export const NAMES: ReadonlyArray<string> = ["yaml", "yml"]
  .map((extension) => `spool.${extension}`)
  .concat(["ts", "mts", "js", "mjs"].map((extension) => `spool.config.${extension}`))

/** Where everything is kept when the config doesn't say `state`: beside it. */
export const STATE = ".spool"

const MAX_BYTES = 1024 * 1024

/** The config that is meant: the named one, or the nearest in `cwd` and the folders above. Absolute. */
export const find = (options: { readonly cwd: string; readonly file?: string | undefined }): Effect.Effect<string, ConfigError> =>
  Effect.suspend(() => {
    if (options.file !== undefined) {
      const file = resolve(options.cwd, options.file)
      return existsSync(file) ? Effect.succeed(file) : ofFile("ConfigNotFound", file, "there is no such file")
    }
    for (let folder = resolve(options.cwd); ; folder = dirname(folder)) {
      const here = NAMES.map((name) => join(folder, name)).filter(existsSync)
      const [file, other] = here
      if (other !== undefined)
        return ofFile("ConfigFaulty", folder, `there are ${here.length} configs: say which one is meant, or keep one of them`)
      if (file !== undefined) return Effect.succeed(file)
      if (dirname(folder) === folder) break
    }
    return ofFile("ConfigNotFound", resolve(options.cwd), `there is no ${NAMES[0]} and no ${NAMES[2]} here or in a folder above`)
  })

/** Whether a config is YAML, and no program. */
export const isYaml = (file: string): boolean => /\.ya?ml$/i.test(file)

/** The config as it was written. A config that is a program is run for it. */
export const read = <R>(file: string, loader: Effect.Effect<ModuleLoader, never, R>): Effect.Effect<Tree.Tree, ConfigError, R> =>
  isYaml(file) ? readYaml(file) : readProgram(file, loader)

const readYaml = (file: string): Effect.Effect<Tree.Tree, ConfigError> =>
  Effect.gen(function* () {
    const stat = yield* orUnreadable(file, () => fs.stat(file))
    if (!stat.isFile()) return yield* ofFile("ConfigUnreadable", file, "this is not a file")
    if (stat.size > MAX_BYTES) return yield* ofFile("ConfigUnreadable", file, "this is larger than 1 MiB")
    const bytes = yield* orUnreadable(file, () => fs.readFile(file))
    const text = Either.try(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    if (Either.isLeft(text)) return yield* ofFile("ConfigUnreadable", file, "this is not UTF-8 text")
    const tree = YamlTree.parse(text.right)
    if (Either.isRight(tree)) return tree.right
    const [first, ...more] = Diagnostic.sorted(tree.left.map(({ at, finding }) => Diagnostic.make(file, at, finding)))
    return yield* first === undefined
      ? ofFile("ConfigUnreadable", file, "this can't be read as YAML")
      : new ConfigError({ code: "ConfigFaulty", faults: [first, ...more] })
  })

const readProgram = <R>(file: string, loader: Effect.Effect<ModuleLoader, never, R>): Effect.Effect<Tree.Tree, ConfigError, R> =>
  Effect.gen(function* () {
    const { load } = yield* loader
    const made = yield* Effect.mapError(load(file), ({ detail }) => ofFile("ConfigFaulty", file, detail))
    if (made === undefined) return yield* ofFile("ConfigFaulty", file, "it has no default export")
    return Tree.fromValue(isPipeline(made) ? { pipelines: [made] } : made)
  })

const orUnreadable = <A>(file: string, read: () => Promise<A>): Effect.Effect<A, ConfigError> =>
  Effect.tryPromise({
    try: read,
    catch: (cause) =>
      ofFile(
        "ConfigUnreadable",
        file,
        `this can't be read (${cause instanceof Error && "code" in cause ? cause.code : "unknown"})`
      )
  })

/**
 * The source folders of a config's pipelines, absolute, by the pipelines' names; undefined where none is told. As with
 * {@link stateOf}, what is wrong is said when the whole config is loaded.
 */
export const foldersOf = (file: string, tree: Tree.Tree): ReadonlyMap<string, string | undefined> =>
  new Map(
    Tree.pairs(Tree.get(tree, "pipelines")).map(({ key, value }) => {
      const folder = Tree.get(Tree.get(value, "source"), "folder")
      const isTold = folder?.kind === "scalar" && typeof folder.value === "string"
      return [key, isTold ? folderOf(folder.value, dirname(file)) : undefined]
    })
  )

/** The state folder of a config: absolute. What is wrong with `state` is said when the whole config is loaded. */
export const stateOf = (file: string, tree: Tree.Tree): string => {
  const state = Tree.get(tree, "state")
  return folderOf(state?.kind === "scalar" && typeof state.value === "string" ? state.value : STATE, dirname(file))
}

/** Texts by name that stand in a section of a config, such as `queries`. What is wrong with others is said when it is loaded. */
export const textsOf = (tree: Tree.Tree, section: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Tree.pairs(Tree.get(tree, section)).flatMap(({ key, value }) =>
      value.kind === "scalar" && typeof value.value === "string" ? [[key, value.value]] : []
    )
  )
