import { Library, LibraryError, type LoadedPlugin, Project, StateFolder } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import * as ProjectServices from "./ProjectServices.js"

/**
 * One plugin's own services, for a look at the config before there is any state: nothing is written, and the library is empty.
 * Without those of the plugins that it needs: they start programs.
 */
export const layer = (project: Project.Project, loaded: LoadedPlugin): Layer.Layer<never, unknown> =>
  Layer.provide(
    Project.layer({ ...project.registry, plugins: [loaded] }),
    Layer.mergeAll(
      ProjectServices.layer(project),
      Layer.succeed(StateFolder, { path: project.state, temporary: project.state, child: () => Effect.void }),
      Layer.succeed(Library, {
        read: () => Effect.succeed([]),
        write: () => new LibraryError({ code: "LibraryNotWritten", detail: "nothing is written while the config is looked at" })
      })
    )
  )
