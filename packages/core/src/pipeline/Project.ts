import { Effect, Either, FiberRef, HashMap, Layer, type Scope } from "effect"
import { dirname } from "node:path"
import type { AnyPlugin, CoreServices } from "../stage/Plugin.js"
import { Settings } from "../stage/Settings.js"
import type { AnyStage } from "../stage/Stage.js"
import { ConfigError } from "../config/ConfigError.js"
import { fieldsOf } from "../config/ConfigFields.js"
import * as ConfigFile from "../config/ConfigFile.js"
import * as Decode from "../config/Decode.js"
import * as Diagnostic from "../config/Diagnostic.js"
import * as ModuleLoader from "../plugin/ModuleLoader.js"
import type { SharedModules } from "../plugin/SharedModules.js"
import { nearest } from "../config/Nearest.js"
import { On } from "../config/NodeSettings.js"
import * as Planner from "./Planner.js"
import * as PluginLoader from "../plugin/PluginLoader.js"
import { isPlugin } from "../plugin/PluginShape.js"
import * as Registry from "../plugin/Registry.js"
import { folderOf } from "../config/SourceConfig.js"
import * as Tree from "../config/Tree.js"
import { settingsOf, WorkersConfig, type WorkersSettings } from "../config/WorkersConfig.js"
import * as WrittenPipelines from "./WrittenPipelines.js"

/** What the program brings to every config. */
export interface Host {
  readonly builtIn: ReadonlyArray<AnyPlugin>
  /** Of `@mediaspool/core`: plugins say in their peer range which they work with. */
  readonly version: string
  /** The running copies of `@mediaspool/core` and what else plugins share with it. Asked for only when a module is imported. */
  readonly modules: SharedModules
  /** Where plugins in TypeScript are kept as JavaScript between starts; absolute. Without it, or where nothing can be written, each start compiles them. */
  readonly compiled?: string | undefined
  /** What is done while a file (absolute) is imported, which may block the whole process. */
  readonly importing?: ((file: string) => Effect.Effect<void, never, Scope.Scope>) | undefined
}

/** A config, read and checked as a whole. */
export interface Project {
  /** The config file; absolute. */
  readonly file: string
  /** The config and the modules of its own that were imported for it, plugins in installed packages aside: an edit of one of them is another config. */
  readonly files: ReadonlyArray<string>
  /** Its folder: relative paths start there. */
  readonly folder: string
  /** The state folder; absolute. */
  readonly state: string
  readonly registry: Registry.Registry
  /** The sections that plugins declared. */
  readonly settings: Settings["Type"]
  /** The machines that share the work; absent: this one does it all. */
  readonly workers: WorkersSettings | undefined
  /** In the order of the file. */
  readonly pipelines: ReadonlyMap<string, Planner.Planned>
  /** A fault at a part of the config that shows only later: `["pipelines", "sounds", "stages", "caption"]`. */
  readonly faultAt: (path: ReadonlyArray<string>, message: string) => Diagnostic.Diagnostic
}

export interface Where {
  readonly cwd: string
  /** The config; without it the nearest one, from `cwd` upwards. */
  readonly file?: string | undefined
}

/** Reads the config and imports its plugins, and nothing else: no media, no socket, and nothing is written. */
export const load = (where: Where, host: Host): Effect.Effect<Project, ConfigError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* ConfigFile.find(where)
      const loaders: Array<ModuleLoader.ModuleLoader> = []
      const loader = yield* Effect.cached(
        Effect.tap(ModuleLoader.make(file, host), (made) => Effect.sync(() => loaders.push(made)))
      )
      const tree = yield* ConfigFile.read(file, loader)
      const config = new Config(file, tree, host)
      yield* config.loadPlugins(loader)
      const project = yield* config.project()
      return { ...project, files: [...new Set([file, ...loaders.flatMap(({ files }) => files())])] }
    })
  )

/** The layers of all plugins, each given those that it needs: what core's services leave to be provided. */
export const layer = (registry: Registry.Registry): Layer.Layer<never, unknown, CoreServices> =>
  registry.plugins.reduce<Layer.Layer<never, unknown, CoreServices>>(
    (below, { plugin }) => Layer.provideMerge(logged(plugin), below),
    Layer.empty
  )

/** A plugin's layer; what it logs names the plugin. */
const logged = ({ layer, name }: AnyPlugin): AnyPlugin["layer"] =>
  Layer.locallyWith(layer, FiberRef.currentLogAnnotations, HashMap.set<string, unknown>("plugin", name))

const isWorkers = (tree: Tree.Tree | undefined): boolean => tree?.kind === "scalar" && tree.value === "workers"

/** Collects the faults of one config. */
class Config {
  private readonly faults: Array<Diagnostic.Diagnostic> = []
  private readonly folder: string
  private readonly root: Decode.Origin
  private readonly written: WrittenPipelines.WrittenPipelines
  private registry: Registry.Registry = Registry.make([]).registry
  /** A plugin did not load: what nobody knows may be its own. */
  private incomplete = false

  constructor(
    private readonly file: string,
    private readonly tree: Tree.Tree,
    private readonly host: Host
  ) {
    this.folder = dirname(file)
    this.root = { file, path: [] }
    this.written = WrittenPipelines.read(Tree.get(tree, "pipelines"), { ...this.root, path: ["pipelines"], at: tree.at })
    this.faults.push(...this.written.faults)
  }

  readonly loadPlugins = <R>(loader: Effect.Effect<ModuleLoader.ModuleLoader, never, R>): Effect.Effect<void, never, R> =>
    Effect.gen(this, function* () {
      const { builtIn, version } = this.host
      const imported: Array<PluginLoader.Imported> = builtIn.map((original) => ({ original, from: "built in" }))
      const places = new Map<AnyPlugin, number>()
      for (const [i, entry] of this.pluginEntries().entries()) {
        const value = Tree.made(entry)
        const found = isPlugin(value)
          ? Either.right({ original: value, from: value.name })
          : typeof value === "string" && value !== ""
            ? yield* Effect.either(PluginLoader.load(value, { loader: yield* loader, version, watched: this.watched() }))
            : Either.left({ detail: "expected a plugin's npm name or its relative path" })
        if (Either.isRight(found)) {
          imported.push(found.right)
          places.set(found.right.original, i)
        } else {
          this.incomplete = true
          this.fault(
            ["plugins", i],
            typeof value === "string" ? `the plugin '${value}' can't be used: ${found.left.detail}` : found.left.detail
          )
        }
      }
      const { conflicts, registry } = Registry.make(imported)
      this.registry = registry
      for (const { message, plugin } of conflicts) this.fault(["plugins", places.get(plugin.original) ?? 0], message)
    })

  readonly project = (): Effect.Effect<Omit<Project, "files">, ConfigError> =>
    Effect.suspend(() => {
      this.checkKeys()
      const sections = this.sections()
      const workers = this.workers()
      const pipelines = this.pipelines()
      const [first, ...more] = Diagnostic.sorted(this.faults)
      if (first !== undefined) return new ConfigError({ code: "ConfigFaulty", faults: [first, ...more] })
      return Effect.succeed({
        file: this.file,
        folder: this.folder,
        state: ConfigFile.stateOf(this.file, this.tree),
        registry: this.registry,
        workers,
        settings: { section: (name) => sections.get(name) },
        pipelines,
        faultAt: (path, message) => Decode.fault(this.tree, this.root, message, [], path, "key")
      })
    })

  private fault(
    path: ReadonlyArray<PropertyKey>,
    message: string,
    candidates: ReadonlyArray<string> = [],
    of: "key" | "value" = "value"
  ): void {
    this.faults.push(Decode.fault(this.tree, this.root, message, candidates, path, of))
  }

  private pluginEntries(): ReadonlyArray<Tree.Tree> {
    const listed = Tree.get(this.tree, "plugins")
    if (listed === undefined || Tree.isNull(listed)) return []
    if (listed.kind === "list") return listed.items
    this.fault(["plugins"], "expected a list of npm names and relative paths")
    return []
  }

  private watched(): ReadonlyArray<PluginLoader.WatchedFolder> {
    return this.written.asked.flatMap(({ name, source }) => {
      const folder = Tree.get(source, "folder")
      return folder?.kind === "scalar" && typeof folder.value === "string"
        ? [{ pipeline: name, folder: folderOf(folder.value, this.folder) }]
        : []
    })
  }

  private checkKeys(): void {
    if (this.tree.kind !== "mapping") {
      this.fault([], "a config is a mapping with 'pipelines' in it")
      return
    }
    const known = [...Registry.OWN_KEYS, ...this.registry.sections.keys()]
    for (const { key } of this.tree.pairs)
      if (Registry.RESERVED_KEYS.includes(key)) this.fault([key], `'${key}' is kept for a later version`, [], "key")
      else if (!known.includes(key) && !this.incomplete)
        this.fault([key], `unknown key '${key}': neither core nor a plugin reads it`, nearest(key, known), "key")
    const state = Tree.get(this.tree, "state")
    if (state !== undefined && !(state.kind === "scalar" && typeof state.value === "string" && state.value !== ""))
      this.fault(["state"], "expected the path of a folder")
    this.checkDefaults()
  }

  private defaults(): Tree.Tree {
    return Tree.mappingOr(Tree.get(this.tree, "defaults"))
  }

  private checkDefaults(): void {
    const defaults = this.defaults()
    if (defaults.kind !== "mapping") this.fault(["defaults"], "expected a mapping of config fields")
    const on = Tree.get(defaults, "on")
    if (on !== undefined) {
      const decoded = Decode.decode(On, on, { ...this.root, path: ["defaults", "on"], at: defaults.at })
      if (Either.isLeft(decoded)) this.faults.push(...decoded.left)
      else if (decoded.right === "workers" && !this.hasWorkers)
        this.fault(["defaults", "on"], "there is no 'workers' section in this config: it says where the queue is")
    }
    const fields = [...this.registry.stages.values()].flatMap(({ stage }) => [...fieldsOf(stage.config.ast).keys()])
    for (const { key } of Tree.pairs(defaults))
      if (key !== "on" && !fields.includes(key) && !this.incomplete)
        this.fault(["defaults", key], `no stage has the config field '${key}'`, nearest(key, fields), "key")
  }

  private get hasWorkers(): boolean {
    return Tree.get(this.tree, "workers") !== undefined
  }

  private workers(): WorkersSettings | undefined {
    if (!this.hasWorkers) return undefined
    const tree = Tree.mappingOr(Tree.get(this.tree, "workers"))
    const decoded = Decode.decode(WorkersConfig, tree, { ...this.root, path: ["workers"], at: this.tree.at })
    if (Either.isRight(decoded)) return settingsOf(decoded.right, this.folder)
    this.faults.push(...decoded.left)
    return undefined
  }

  /** Config fields alone: where a stage runs is none of its settings. */
  private defaultFields(): Tree.Tree {
    const defaults = this.defaults()
    return defaults.kind === "mapping" ? { ...defaults, pairs: defaults.pairs.filter(({ key }) => key !== "on") } : defaults
  }

  private sections(): ReadonlyMap<string, unknown> {
    const found = new Map<string, unknown>()
    for (const [name, { section }] of this.registry.sections) {
      const tree = Tree.mappingOr(Tree.get(this.tree, name))
      const decoded = Decode.decode<unknown, unknown>(section.schema, tree, { ...this.root, path: [name], at: this.tree.at })
      if (Either.isRight(decoded)) found.set(name, decoded.right)
      else this.faults.push(...decoded.left)
    }
    return found
  }

  private pipelines(): ReadonlyMap<string, Planner.Planned> {
    const found = new Map<string, Planner.Planned>()
    const stages = this.registry.stages
    const plugins = new Map([...stages.values()].map(({ plugin, stage }) => [stage, plugin.plugin.name]))
    const around: Planner.Surroundings = {
      folder: this.folder,
      defaults: { tree: this.defaultFields(), path: ["defaults"] },
      on: isWorkers(Tree.get(this.defaults(), "on")) ? "workers" : "coordinator",
      hasWorkers: this.hasWorkers,
      stageNames: [...stages.keys()],
      stageNamed: (name) => {
        const found = Registry.find(this.registry, name)
        return "stage" in found ? found.stage : found
      },
      stageFor: (stage) => this.stageFor(stage),
      pluginOf: (stage) => plugins.get(stage),
      incomplete: this.incomplete
    }
    const { asked } = this.written
    if (asked.length === 0 && this.tree.kind === "mapping" && this.faults.length === 0)
      this.fault([], "there is no pipeline: 'pipelines' names them")
    for (const pipeline of asked) {
      const planned = Planner.plan(pipeline, around)
      if (Either.isRight(planned)) found.set(pipeline.name, planned.right)
      else this.faults.push(...planned.left)
    }
    return found
  }

  private stageFor(stage: AnyStage): Either.Either<AnyStage, string> {
    const all = [...this.registry.stages.values()]
    const known = all.find(({ original }) => original === stage) ?? all.find((one) => one.stage.name === stage.name)
    return known === undefined
      ? Either.left(`the stage '${stage.name}' belongs to no plugin: list its plugin under 'plugins'`)
      : known.original === stage
        ? Either.right(known.stage)
        : Either.left(`the stage '${stage.name}' is not the one of the plugin '${known.plugin.plugin.name}'`)
  }
}
