import { Context, Effect, Layer, type Scope } from "effect"
import { Library, LibraryError } from "../stage/Library.js"
import type { AnyPlugin } from "../stage/Plugin.js"
import * as Store from "../store/Store.js"
import { failing } from "./Faults.js"

/**
 * A library of its own with the tables of these plugins: the real database, in a folder that goes with the scope. It is opened when
 * it is first used.
 */
export const make = (
  folder: string,
  plugins: ReadonlyArray<AnyPlugin>,
  faults: number | undefined
): Effect.Effect<Library["Type"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const tables = plugins.map(({ migrations, name }) => ({ plugin: name, migrations }))
    const opened = yield* Effect.cached(
      Effect.map(Effect.orDie(Layer.buildWithScope(Store.layer(folder, tables), scope)), (store) => Context.get(store, Library))
    )
    const fails = failing(faults)
    const full = () => new LibraryError({ code: "LibraryNotWritten", detail: "no space left on device (a fault of the test)" })
    return {
      write: (statements) =>
        Effect.zipRight(
          fails(full),
          Effect.flatMap(opened, (library) => library.write(statements))
        ),
      read: (statement) => Effect.flatMap(opened, (library) => library.read(statement))
    }
  })
