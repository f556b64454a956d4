import { Effect, Layer } from "effect"
import type { Library } from "../stage/Library.js"
import type { SharedRates } from "../stage/SharedRates.js"
import type { StateFolder } from "../stage/StateFolder.js"
import { ArtifactStore } from "./ArtifactStore.js"
import { CallLog } from "./CallLog.js"
import { Database } from "./Database.js"
import { Items } from "./Items.js"
import { ContentLocks } from "./ContentLocks.js"
import { Ledger } from "./Ledger.js"
import * as LibraryStore from "./LibraryStore.js"
import * as Migration from "./Migration.js"
import type { PluginMigrations } from "./Migration.js"
import type { ProcessLock } from "./ProcessLock.js"
import { RunLog } from "./RunLog.js"
import * as SharedRateStore from "./SharedRateStore.js"
import * as State from "./State.js"
import type { StoreError } from "./StoreError.js"

export type { PluginMigrations } from "./Migration.js"

/** Every service of the store. */
export type Store =
  ArtifactStore | CallLog | Database | Items | ContentLocks | Ledger | Library | ProcessLock | RunLog | SharedRates | StateFolder

/**
 * The store of a state folder, for whoever runs things: it takes an owner's lock there, and ends what dead owners left behind.
 *
 * @param folder absolute path of the state folder; made when it isn't there
 */
export const layer = (folder: string, plugins: ReadonlyArray<PluginMigrations> = []): Layer.Layer<Store, StoreError> =>
  Layer.mergeAll(
    ArtifactStore.layer,
    CallLog.layer,
    Items.layer,
    ContentLocks.layer,
    Ledger.layer,
    LibraryStore.layer,
    RunLog.layer,
    SharedRateStore.layer
  ).pipe(Layer.provideMerge(Layer.merge(Database.layer(folder, plugins), State.layer(folder))))

/** Makes the tables that plugins have brought since the store was opened. */
export const migrate = (plugins: ReadonlyArray<PluginMigrations>): Effect.Effect<void, StoreError, Database> =>
  Effect.flatMap(Database, ({ file }) => Effect.asVoid(Migration.migrate(file, plugins)))

/** The part of the store that only reads, for commands that report: no lock, no thread. */
export const layerReading = (
  folder: string,
  plugins: ReadonlyArray<PluginMigrations> = []
): Layer.Layer<Database | Items | Ledger | Library, StoreError> =>
  Layer.mergeAll(Items.layer, Ledger.layer, LibraryStore.layer).pipe(Layer.provideMerge(Database.layer(folder, plugins)))
