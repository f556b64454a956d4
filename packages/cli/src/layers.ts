/** The only place where layers meet: the system's, the store's, the runner's and the plugins'. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import {
  type ConfigError,
  ConfigFolder,
  Library,
  LibraryError,
  type LoadedPlugin,
  makeRegistry,
  type Plugin,
  Project,
  type Registry,
  Runner,
  Scanner,
  secretsFrom,
  Secrets,
  Settings,
  State,
  StateFolder,
  Store,
  type StoreError
} from "@mediaspool/core"
import { builtins, MediaEngine, mediaPlugin } from "@mediaspool/plugins"
import { Effect, Either, Layer, Option, Schema } from "effect"
import { cacheFolder } from "./CacheFolder.js"
import * as NodeServices from "./NodeServices.js"
import { Refused } from "./Refused.js"
import { sharedModules } from "./SharedModules.js"
import { coreVersion } from "./Version.js"
import * as WatchdogClient from "./WatchdogClient.js"
import { placement } from "./workers.js"

/** What this command brings to every config. */
export const host: Project.Host = {
  builtIn: builtins,
  version: coreVersion,
  modules: sharedModules,
  compiled: cacheFolder("plugins"),
  importing: WatchdogClient.importing
}

/** Reads the config and its plugins: nothing is written, no media and no socket is opened. */
export const load = (config: Option.Option<string>): Effect.Effect<Project.Project, ConfigError> =>
  Project.load({ cwd: process.cwd(), file: Option.getOrUndefined(config) }, host)

/** What there is without any config. */
export const builtInRegistry: Registry = makeRegistry(builtins.map((original) => ({ original, from: "built in" }))).registry

/** The state folder of a config that is a program; absolute. For whoever shares no modules with this one. */
export const stateFolder = (config: string): Promise<string> =>
  Effect.runPromise(Effect.map(load(Option.some(config)), ({ state }) => state))

const system = (project: Project.Project) =>
  Layer.mergeAll(
    NodeServices.layer,
    FetchHttpClient.layer,
    Layer.succeed(Settings, project.settings),
    Layer.succeed(Secrets, secretsFrom(project.folder)),
    Layer.succeed(ConfigFolder, project.folder)
  )

/** The library's tables and those of other plugins. */
const migrations = ({ registry }: Project.Project): ReadonlyArray<Store.PluginMigrations> =>
  registry.plugins.map(({ plugin }) => ({ plugin: plugin.name, migrations: plugin.migrations }))

/** The tables that every library has. */
export const builtInMigrations: ReadonlyArray<Store.PluginMigrations> = builtins.map(({ migrations, name }) => ({
  plugin: name,
  migrations
}))

/** Everything that a run needs, in the project's state folder. The plugins' services are there for the stages, unnamed. */
export const layer = (
  project: Project.Project
): Layer.Layer<Runner | Scanner | Store.Store | Plugin.CoreServices, StoreError | Refused> =>
  Layer.mergeAll(Layer.provide(Runner.layer, placement(project)), Scanner.layer, plugins(project)).pipe(
    Layer.provideMerge(Layer.merge(Store.layer(project.state, migrations(project)), system(project)))
  )

/** What a watcher keeps as long as it lives: a config that is edited changes none of it. */
export const lasting = (project: Project.Project): Layer.Layer<Runner | Scanner | Store.Store, StoreError | Refused> =>
  Layer.mergeAll(Layer.provide(Runner.layer, placement(project)), Scanner.layer).pipe(
    Layer.provideMerge(Store.layer(project.state, migrations(project)))
  )

/** What belongs to one reading of the config: its plugins' services, and the tables that they bring. */
export const services = (
  project: Project.Project
): Layer.Layer<Exclude<Plugin.CoreServices, Store.Store>, StoreError | Refused, Store.Store> =>
  plugins(project).pipe(
    Layer.provideMerge(system(project)),
    Layer.provide(Layer.effectDiscard(Store.migrate(migrations(project))))
  )

/** The plugins' services. What goes wrong in making one is the plugin's own kind of failure, whatever that is. */
const plugins = (project: Project.Project) =>
  Layer.mapError(Project.layer(project.registry), (error) => Refused.unexpected(error, "Plugin failed to start"))

/**
 * One plugin's own services, for a look at the config before there is any state: nothing is written, and the library is empty.
 * Without those of the plugins that it needs: they start programs.
 */
export const pluginLayer = (project: Project.Project, loaded: LoadedPlugin): Layer.Layer<never, unknown> =>
  Layer.provide(
    Project.layer({ ...project.registry, plugins: [loaded] }),
    Layer.mergeAll(
      system(project),
      Layer.succeed(StateFolder, { path: project.state, temporary: project.state, child: () => Effect.void }),
      Layer.succeed(Library, {
        read: () => Effect.succeed([]),
        write: () => new LibraryError({ code: "LibraryNotWritten", detail: "nothing is written while the config is looked at" })
      })
    )
  )

/** What a worker brings to its plugins: nothing of a coordinator's library, and the media engine with as many slots as it was given. */
export interface WorkerParts {
  readonly registry: Registry
  readonly settings: Settings["Type"]
  /** Relative paths start there. */
  readonly folder: string
}

const noLibrary = new LibraryError({
  code: "LibraryNotWritten",
  detail: "a worker has no library: it belongs to the coordinator"
})

/** @param work absolute; emptied of what dead workers left */
export const workerLayer = (
  { folder, registry, settings }: WorkerParts,
  work: string,
  slots: number
): Layer.Layer<Plugin.CoreServices | MediaEngine, StoreError | Refused> => {
  const engine = MediaEngine.withSlots(slots)
  const plugins = registry.plugins.map((loaded) =>
    loaded.original === mediaPlugin ? { ...loaded, plugin: { ...loaded.plugin, layer: engine } } : loaded
  )
  return Layer.mapError(Project.layer({ ...registry, plugins }), (error) =>
    Refused.unexpected(error, "Plugin failed to start")
  ).pipe(
    Layer.provideMerge(engine),
    Layer.provideMerge(
      Layer.mergeAll(
        NodeServices.layer,
        FetchHttpClient.layer,
        State.layer(work),
        Layer.succeed(Settings, settings),
        Layer.succeed(Secrets, secretsFrom(folder)),
        Layer.succeed(ConfigFolder, folder),
        Layer.succeed(Library, { read: () => Effect.succeed([]), write: () => noLibrary })
      )
    )
  )
}

/** Without a config the sections of the built-in plugins are as if nothing was written in them. */
export const builtInSettings: Settings["Type"] = {
  section: (name) => {
    const section = builtInRegistry.sections.get(name)?.section
    return section === undefined ? undefined : Either.getOrUndefined(Schema.decodeUnknownEither(section.schema)({}))
  }
}

/** The engine that reads media here, without any project. */
export const mediaEngine: Layer.Layer<MediaEngine> = Layer.provide(MediaEngine.layer, StateFolder.temporary)
