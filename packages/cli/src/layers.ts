/** The only place where layers meet: the system's, the store's, the runner's and the plugins'. */
import {
  Library,
  LibraryError,
  type Plugin,
  Project,
  type Registry,
  Runner,
  Scanner,
  type Settings,
  State,
  StateFolder,
  Store,
  type StoreError
} from "@mediaspool/core"
import { builtins, MediaEngine, mediaPlugin } from "@mediaspool/plugins"
import { Effect, Layer } from "effect"
import * as OpenFiles from "./OpenFiles.js"
import * as ProjectServices from "./ProjectServices.js"
import { Refused } from "./Refused.js"
import { placement } from "./workers.js"

/** The library's tables and those of other plugins. */
const migrations = ({ registry }: Project.Project): ReadonlyArray<Store.PluginMigrations> =>
  registry.plugins.map(({ plugin }) => ({ plugin: plugin.name, migrations: plugin.migrations }))

/** The tables that every library has. */
export const builtInMigrations: ReadonlyArray<Store.PluginMigrations> = builtins.map(({ migrations, name }) => ({
  plugin: name,
  migrations
}))

const openFiles = Layer.effectDiscard(OpenFiles.check)

const around = <RIn>(project: Project.Project, runner: Layer.Layer<Runner, Refused, RIn>) =>
  Layer.mergeAll(runner, Scanner.layer, plugins(project)).pipe(
    Layer.provideMerge(Layer.merge(Store.layer(project.state, migrations(project)), ProjectServices.layer(project))),
    Layer.provide(openFiles)
  )

/** Everything that a run needs, in the project's state folder. The plugins' services are there for the stages, unnamed. */
export const layer = (
  project: Project.Project
): Layer.Layer<Runner | Scanner | Store.Store | Plugin.CoreServices, StoreError | Refused> =>
  around(project, Layer.provide(Runner.layer, placement(project)))

/** The same for a plan: it looks into headers at most, and needs no other machine for it. */
export const planLayer = (
  project: Project.Project
): Layer.Layer<Runner | Scanner | Store.Store | Plugin.CoreServices, StoreError | Refused> => around(project, Runner.layer)

/** What a watcher keeps as long as it lives: a config that is edited changes none of it. */
export const lasting = (project: Project.Project): Layer.Layer<Runner | Scanner | Store.Store, StoreError | Refused> =>
  Layer.mergeAll(Layer.provide(Runner.layer, placement(project)), Scanner.layer).pipe(
    Layer.provideMerge(Store.layer(project.state, migrations(project))),
    Layer.provide(openFiles)
  )

/** What belongs to one reading of the config: its plugins' services, and the tables that they bring. */
export const services = (
  project: Project.Project
): Layer.Layer<Exclude<Plugin.CoreServices, Store.Store>, StoreError | Refused, Store.Store> =>
  plugins(project).pipe(
    Layer.provideMerge(ProjectServices.layer(project)),
    Layer.provide(Layer.effectDiscard(Store.migrate(migrations(project))))
  )

/** The plugins' services. What goes wrong in making one is the plugin's own kind of failure, whatever that is. */
const plugins = (project: Project.Project) =>
  Layer.mapError(Project.layer(project.registry), (error) => Refused.unexpected(error, "Plugin failed to start"))

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
  parts: WorkerParts,
  work: string,
  slots: number
): Layer.Layer<Plugin.CoreServices | MediaEngine, StoreError | Refused> => {
  const engine = MediaEngine.withSlots(slots)
  const plugins = parts.registry.plugins.map((loaded) =>
    loaded.original === mediaPlugin ? { ...loaded, plugin: { ...loaded.plugin, layer: engine } } : loaded
  )
  return Layer.mapError(Project.layer({ ...parts.registry, plugins }), (error) =>
    Refused.unexpected(error, "Plugin failed to start")
  ).pipe(
    Layer.provideMerge(engine),
    Layer.provideMerge(
      Layer.mergeAll(
        ProjectServices.layer(parts),
        State.layer(work),
        Layer.succeed(Library, { read: () => Effect.succeed([]), write: () => noLibrary })
      )
    ),
    Layer.provide(openFiles)
  )
}

/** The engine that reads media here, without any project. */
export const mediaEngine: Layer.Layer<MediaEngine> = Layer.provide(MediaEngine.layer, StateFolder.temporary)
