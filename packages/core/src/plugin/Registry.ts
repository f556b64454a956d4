import { type Effect, SchemaAST as AST } from "effect"
import { identifierOf, type Kind } from "../stage/Kind.js"
import * as Permission from "./Permission.js"
import * as Account from "../stage/Account.js"
import * as Plugin from "../stage/Plugin.js"
import type { AnyPlugin } from "../stage/Plugin.js"
import type { Section } from "../stage/Settings.js"
import * as Port from "../stage/Port.js"
import type { AnyStage } from "../stage/Stage.js"
import { NAME, namedWrongly } from "../stage/Name.js"

/** A plugin and where it came from. */
export interface LoadedPlugin {
  /** Confined to what it declares. */
  readonly plugin: AnyPlugin
  /** As its author made it. */
  readonly original: AnyPlugin
  /** What the config calls it, or `built in`, or the plugin that needs it. */
  readonly from: string
  /** The module that gave it; absolute. */
  readonly file?: string | undefined
  /** Of its package. */
  readonly version?: string | undefined
  /** Stands for its code; of a plugin that is named by its path alone. */
  readonly fingerprint?: Effect.Effect<string> | undefined
}

/** A stage as the registry gives it to pipelines. */
export interface RegisteredStage {
  /** Confined to what its plugin declares. */
  readonly stage: AnyStage
  /** As its author made it. */
  readonly original: AnyStage
  readonly plugin: LoadedPlugin
}

/** Everything that the loaded plugins bring, by name. */
export interface Registry {
  /** Each after those it needs. */
  readonly plugins: ReadonlyArray<LoadedPlugin>
  /** By name; where two plugins give one of the same name, by `plugin/stage`. */
  readonly stages: ReadonlyMap<string, RegisteredStage>
  readonly sections: ReadonlyMap<string, { readonly section: Section; readonly plugin: LoadedPlugin }>
  /** By identifier. */
  readonly kinds: ReadonlyMap<string, Kind>
}

/** What two plugins disagree about, or one got wrong. */
export interface Conflict {
  readonly plugin: LoadedPlugin
  readonly message: string
}

/** The names that core keeps for the config's own top level. */
export const OWN_KEYS: ReadonlyArray<string> = ["plugins", "state", "defaults", "workers", "pipelines"]
/** Kept for later: a config may not use them, a plugin may not take them. */
export const RESERVED_KEYS: ReadonlyArray<string> = [
  "budget",
  "dashboard",
  "export",
  "include",
  "limits",
  "notify",
  "version",
  "watch"
]

const NEEDED_BY = "needed by "

const title = ({ from, plugin }: LoadedPlugin): string =>
  from === plugin.name || from === "built in"
    ? `'${plugin.name}'${from === "built in" ? " (built in)" : ""}`
    : `'${plugin.name}' (${from})`

/** Core's own part in the config, as a plugin's: sections that any plugin may ask for. */
const core: LoadedPlugin = (() => {
  const original = Plugin.make({ name: "core", stages: [], sections: [Account.section] })
  return { original, plugin: original, from: "built in" }
})()

/** Puts the plugins' stages, sections and kinds together; those of plugins that are only needed by another come in as services alone. */
export const make = (
  listed: ReadonlyArray<Omit<LoadedPlugin, "plugin">>
): { readonly registry: Registry; readonly conflicts: ReadonlyArray<Conflict> } => {
  const conflicts: Array<Conflict> = []
  const plugins = inOrder(listed, conflicts)
  const given = new Map<string, ReadonlyArray<RegisteredStage>>()
  const sections = new Map<string, { section: Section; plugin: LoadedPlugin }>(
    core.original.sections.map((section) => [section.name, { section, plugin: core }])
  )
  const kinds = new Map<string, { kind: Kind; plugin: LoadedPlugin }>()
  for (const loaded of plugins) {
    const conflict = (message: string) => void conflicts.push({ plugin: loaded, message })
    for (const section of loaded.plugin.sections) {
      const other = sections.get(section.name)
      if (!NAME.test(section.name)) conflict(namedWrongly("section", section.name))
      else if (OWN_KEYS.includes(section.name) || RESERVED_KEYS.includes(section.name))
        conflict(`the section '${section.name}' of ${title(loaded)} has a name that is kept for core`)
      else if (other !== undefined)
        conflict(`the section '${section.name}' comes from two plugins: ${title(other.plugin)} and ${title(loaded)}`)
      else sections.set(section.name, { section, plugin: loaded })
    }
    if (loaded.from.startsWith(NEEDED_BY)) continue
    const own = new Set<string>()
    loaded.plugin.stages.forEach((stage, i) => {
      if (!NAME.test(stage.name)) conflict(namedWrongly("stage", stage.name))
      else if (own.has(stage.name)) conflict(`${title(loaded)} gives the stage '${stage.name}' twice; rename one`)
      else
        given.set(stage.name, [
          ...(given.get(stage.name) ?? []),
          { stage, original: loaded.original.stages[i] ?? stage, plugin: loaded }
        ])
      own.add(stage.name)
      for (const kind of kindsOf(stage)) {
        const identifier = identifierOf(kind)
        const known = kinds.get(identifier)
        if (known === undefined) kinds.set(identifier, { kind, plugin: loaded })
        else if (!sameKind(known.kind, kind))
          conflict(
            `the kind '${identifier}' is not the same in ${title(known.plugin)} and ${title(loaded)}: one of the two must use another identifier, or both the same package`
          )
      }
    })
  }
  const stages = new Map(
    [...given].flatMap(([name, all]) => all.map((one) => [all.length === 1 ? name : qualified(one), one] as const))
  )
  return {
    registry: { plugins, stages, sections, kinds: new Map([...kinds].map(([identifier, { kind }]) => [identifier, kind])) },
    conflicts
  }
}

const qualified = ({ plugin, stage }: RegisteredStage): string => `${plugin.plugin.name}/${stage.name}`

/** What a name in a config stands for: one stage, or the names of those that it may mean. */
export const find = ({ stages }: Registry, name: string): RegisteredStage | ReadonlyArray<string> => {
  const all = [...stages.values()]
  const found = stages.get(name) ?? all.find((one) => qualified(one) === name)
  return found ?? all.filter(({ stage }) => stage.name === name).map(qualified)
}

const kindsOf = (stage: AnyStage): ReadonlyArray<Kind> => [
  stage.output,
  ...Object.keys(stage.input).flatMap((input) => Port.of(stage.input[input]).kinds)
]

/** Two classes of one name and one shape are two copies of one kind; values of one can't be handed to the other. */
const sameKind = (a: Kind, b: Kind): boolean => a === b || AST.typeAST(a.ast) === AST.typeAST(b.ast)

/** The plugins and those they need, each after its needs, each name once. */
const inOrder = (
  listed: ReadonlyArray<Omit<LoadedPlugin, "plugin">>,
  conflicts: Array<Conflict>
): ReadonlyArray<LoadedPlugin> => {
  const byName = new Map<string, Omit<LoadedPlugin, "plugin">>()
  const confined = (entry: Omit<LoadedPlugin, "plugin">) => ({ ...entry, plugin: Permission.confine(entry.original) })
  for (const entry of listed) {
    const { name } = entry.original
    const other = byName.get(name)
    if (other === undefined) byName.set(name, entry)
    else
      conflicts.push({
        plugin: confined(entry),
        message: `the plugin '${name}' comes twice${other.from === entry.from ? "" : `: ${other.from} and ${entry.from}`}`
      })
  }
  const done = new Map<string, LoadedPlugin>()
  const visit = (entry: Omit<LoadedPlugin, "plugin">): void => {
    const { name, needs } = entry.original
    if (done.has(name)) return
    for (const need of needs) visit(byName.get(need.name) ?? { original: need, from: `${NEEDED_BY}${name}` })
    done.set(name, confined(entry))
  }
  for (const entry of byName.values()) visit(entry)
  return [...done.values()]
}
