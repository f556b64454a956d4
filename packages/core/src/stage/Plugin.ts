import type { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import { Layer } from "effect"
import type { Library } from "./Library.js"
import type { Section, Settings } from "./Settings.js"
import type { AnyStage, Context } from "./Stage.js"
import type { StateFolder } from "./StateFolder.js"

/** The services that core gives to every plugin. */
export type CoreServices =
  CommandExecutor.CommandExecutor | FileSystem.FileSystem | HttpClient.HttpClient | Library | Path.Path | Settings | StateFolder

/** What a plugin touches outside of the process. Shown to the user before it runs. */
export interface Permissions {
  /** Host names it talks to, `*` for any that the config names. */
  readonly hosts?: ReadonlyArray<string>
  /** Programs it starts. */
  readonly programs?: ReadonlyArray<string>
  /** Names of secrets that it resolves. */
  readonly secrets?: ReadonlyArray<string>
  /** Paths that it writes, besides its artifacts. */
  readonly writes?: ReadonlyArray<string>
}

/** A step from one version of a plugin's library tables to the next. */
export interface Migration {
  /** Counts from 1 within the plugin, never reused. */
  readonly id: number
  readonly sql: string
}

declare const Needed: unique symbol

/** `Provides`: the services that its layer makes. `Needs`: those that come from the plugins it needs. */
export interface Plugin<Provides = never, Needs = never> {
  /** In the type alone: a test of its stages has those services too. */
  readonly [Needed]?: () => Needs
  readonly name: string
  readonly stages: ReadonlyArray<AnyStage>
  /** The services its stages need, once per run. */
  readonly layer: Layer.Layer<Provides, unknown, any>
  readonly needs: ReadonlyArray<AnyPlugin>
  readonly permissions: Permissions
  readonly migrations: ReadonlyArray<Migration>
  readonly sections: ReadonlyArray<Section>
}

/** Any plugin: a layer is contravariant in what it provides, so `never` is the type that takes them all. */
export type AnyPlugin = Plugin<never, unknown>

type ProvidedBy<P> = P extends Plugin<infer Provides, infer Needs> ? Provides | Needs : never
/** A service's name, as its tag has it. */
type NameOf<S> = S extends { readonly Id: infer Id extends string }
  ? `the service '${Id}'`
  : S extends { readonly _tag: infer Tag extends string }
    ? `the service '${Tag}'`
    : "a service"
type Left<Open> = [Open] extends [never]
  ? unknown
  : { readonly layer: `no layer provides ${NameOf<Open>}: give it in 'layer', or name its plugin in 'needs'` }

/** In the place of a layer that was left out. The one cast: nothing is provided then, for `Provides` is `never`. */
export const noLayer = <Provides>(): Layer.Layer<Provides> => Layer.empty as Layer.Layer<never> as Layer.Layer<Provides>

/**
 * A package's stages with what they need: data, without effects on import. What `layer` leaves open must be one of
 * {@link CoreServices} or come from a plugin in `needs`; else it does not compile.
 *
 * @example export default Plugin.make({ name: "loudness", stages: [loudness], layer: Meter.layer })
 */
export const make = <
  const Stages extends ReadonlyArray<AnyStage>,
  Provides = never,
  E = never,
  Requires = never,
  const Needs extends ReadonlyArray<AnyPlugin> = readonly []
>(
  plugin: {
    readonly name: string
    readonly stages: Stages
    readonly layer?: Layer.Layer<Provides, E, Requires>
    readonly needs?: Needs
    readonly permissions?: Permissions
    readonly migrations?: ReadonlyArray<Migration>
    readonly sections?: ReadonlyArray<Section>
  } & Left<
    | Exclude<Context<Stages[number]>, Provides | CoreServices | ProvidedBy<Needs[number]>>
    | Exclude<Requires, CoreServices | ProvidedBy<Needs[number]>>
  >
): Plugin<Provides, ProvidedBy<Needs[number]>> => ({
  needs: [],
  permissions: {},
  migrations: [],
  sections: [],
  ...plugin,
  layer: plugin.layer ?? noLayer()
})
