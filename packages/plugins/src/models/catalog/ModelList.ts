import { Either } from "effect"
import * as ModelCatalog from "./ModelCatalog.js"
import * as ModelSpec from "./ModelSpec.js"
import type { Price } from "./Price.js"
import type { Provider, Providers } from "./Provider.js"
import * as ProviderCatalog from "./ProviderCatalog.js"

/** A model as `spool models` shows it. */
export interface Listed {
  readonly model: string
  readonly kind: ModelCatalog.ModelKind
  /** Those that have it, by their names in the config or the catalog. */
  readonly providers: ReadonlyArray<string>
  /** For a million tokens, and at which providers. */
  readonly prices: ReadonlyArray<{ readonly providers: ReadonlyArray<string>; readonly price: Price }>
  readonly contextTokens: number
  readonly maxInputTokens: number
  readonly maxOutputTokens: number
  /** Absent for a model that takes no audio. */
  readonly hears?: { readonly maxSeconds: number; readonly tokensPerSecond: number; readonly formats: ReadonlyArray<string> }
  readonly sees: boolean
  /** Absent for a model that can't see. */
  readonly video?: { readonly maxSeconds: number; readonly maxFrames: number; readonly sound: "beside" | "inside" }
  /** The model that its vendor names in its place. */
  readonly replacedBy?: string
  /** When the figures were read, and where; absent for a model of the config's own. */
  readonly checked?: string
  readonly source?: string
}

/** Whether a provider's own list of models, or its region's, names this one. */
const has = ({ dialect, models, region }: Provider, model: string): boolean => {
  if (Object.hasOwn(models, model)) return true
  const vendor = Object.hasOwn(ModelCatalog.models, model) ? ModelCatalog.models[model] : undefined
  return dialect === "dashscope" && vendor !== undefined && region !== undefined && vendor.regions.includes(region)
}

const tasks: ReadonlyArray<ModelCatalog.Task> = ["caption", "ask", "chat", "embed"]

const specOf = (provider: Provider, model: string): ModelSpec.ModelSpec | undefined =>
  tasks.map((task) => Either.getOrUndefined(ModelSpec.resolve(provider, model, task))).find((spec) => spec !== undefined)

/** The models of the catalog and of the config's providers, with what is known of each. */
export const list = (own: Providers): ReadonlyArray<Listed> => {
  const providers = [...new Set([...Object.keys(ProviderCatalog.profiles), ...Object.keys(own)])].flatMap((name) =>
    Either.match(ProviderCatalog.resolve(name, own), { onLeft: () => [], onRight: (provider) => [provider] })
  )
  const names = new Set([...Object.keys(ModelCatalog.models), ...providers.flatMap(({ models }) => Object.keys(models))])
  return [...names].flatMap((model) => {
    const found = providers.flatMap((provider) => {
      const spec = has(provider, model) ? specOf(provider, model) : undefined
      return spec === undefined ? [] : [{ provider: provider.name, spec }]
    })
    const [first] = found
    if (first === undefined) return []
    const { audio, contextTokens, kind, maxInputTokens, maxOutputTokens, video } = first.spec
    const vendor = Object.hasOwn(ModelCatalog.models, model) ? ModelCatalog.models[model] : undefined
    return [
      {
        model,
        kind,
        providers: found.map(({ provider }) => provider),
        prices: pricesOf(found),
        contextTokens,
        maxInputTokens,
        maxOutputTokens,
        ...(audio === undefined
          ? {}
          : { hears: { maxSeconds: audio.maxSeconds, tokensPerSecond: audio.tokensPerSecond, formats: audio.formats } }),
        sees: video !== undefined,
        ...(video === undefined
          ? {}
          : { video: { maxSeconds: video.maxSeconds, maxFrames: video.maxFrames, sound: video.sound } }),
        ...(vendor?.replacedBy === undefined ? {} : { replacedBy: vendor.replacedBy }),
        ...(vendor === undefined ? {} : { checked: vendor.checked, source: vendor.source })
      }
    ]
  })
}

/** Each price once, with those who ask it. */
const pricesOf = (found: ReadonlyArray<{ readonly provider: string; readonly spec: ModelSpec.ModelSpec }>): Listed["prices"] => {
  const prices = new Map<string, { readonly providers: Array<string>; readonly price: Price }>()
  for (const { provider, spec } of found) {
    if (spec.price === undefined) continue
    const key = JSON.stringify(spec.price)
    const known = prices.get(key) ?? { providers: [], price: spec.price }
    known.providers.push(provider)
    prices.set(key, known)
  }
  return [...prices.values()]
}

/** A listed model that a name was probably meant to be. */
export const nearest = (name: string, all: ReadonlyArray<Listed>): string | undefined =>
  ModelSpec.nearest(
    name,
    all.map(({ model }) => model)
  )
