import { type ConfigError, makeRegistry, Project, type Registry, type Settings } from "@mediaspool/core"
import { builtins } from "@mediaspool/plugins"
import { Effect, Either, Option, Schema } from "effect"
import { cacheFolder } from "./CacheFolder.js"
import { sharedModules } from "./SharedModules.js"
import { coreVersion } from "./Version.js"
import * as WatchdogClient from "./WatchdogClient.js"

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

/** Without a config the sections of the built-in plugins are as if nothing was written in them. */
export const builtInSettings: Settings["Type"] = {
  section: (name) => {
    const section = builtInRegistry.sections.get(name)?.section
    return section === undefined ? undefined : Either.getOrUndefined(Schema.decodeUnknownEither(section.schema)({}))
  }
}
