import { Array, Either, Option, Schema } from "effect"
import { ModelError } from "../ModelError.js"
import type { Region } from "./CatalogSchema.js"
import * as ModelCatalog from "./ModelCatalog.js"
import type { ModelSettings, Provider, Providers, ProviderSettings } from "./Provider.js"

const dashscope = (region: Region): ProviderSettings => ({
  dialect: "dashscope",
  baseUrl: `https://${ModelCatalog.regions[region].host ?? ""}/compatible-mode/v1`,
  apiKey: { env: "DASHSCOPE_API_KEY" },
  // For the captioner and the omni families, the whole account (vendor's page on rate limits).
  rpm: 60,
  tpm: 100_000,
  concurrency: 32
})

/** What the model cards of Qwen3-Omni call its open weights. */
const openWeights: Readonly<Record<string, ModelSettings>> = {
  "qwen3-omni-30b-a3b-captioner": { servedAs: "Qwen/Qwen3-Omni-30B-A3B-Captioner" },
  "qwen3-omni-30b-a3b-instruct": { servedAs: "Qwen/Qwen3-Omni-30B-A3B-Instruct" }
}

const selfHosted = (dialect: "vllm" | "sglang", port: number): ProviderSettings => ({
  dialect,
  baseUrl: `http://127.0.0.1:${port}/v1`,
  rpm: "none",
  tpm: "none",
  concurrency: 8,
  // Several runtimes truncate, or say nothing at all, past half a minute.
  maxWindow: 30,
  models: openWeights
})

/** The providers that need no description. A key belongs to one region. */
export const profiles: Providers = {
  "dashscope-cn": dashscope("cn"),
  "dashscope-intl": dashscope("intl"),
  "dashscope-us": dashscope("us"),
  "dashscope-hk": dashscope("hk"),
  vllm: selfHosted("vllm", 8000),
  sglang: selfHosted("sglang", 30000)
}

const hosts = new Map(Object.entries(ModelCatalog.regions).map(([region, { host }]) => [host, region]))
const workspaces = new Map(Object.entries(ModelCatalog.regions).map(([region, { workspace }]) => [workspace, region]))
const workspaceHost = /^[^.]+\.([a-z0-9-]+)\.maas\.aliyuncs\.com$/

const regionOf = (host: string): Region | undefined =>
  Option.getOrUndefined(decodeRegion(hosts.get(host) ?? workspaces.get(workspaceHost.exec(host)?.[1] ?? "")))
const decodeRegion = Schema.decodeUnknownOption(ModelCatalog.Region)

/** Only over TLS is a name proof of who answers. */
const authorityOf = (url: URL): string =>
  url.protocol === "https:" && url.port === "" && (hosts.has(url.hostname) || workspaceHost.test(url.hostname))
    ? "dashscope"
    : `${url.host}${url.pathname.replace(/\/+$/, "")}`

/** Requests at the same time, where nothing is said. */
const DEFAULT_CONCURRENCY = 16

const limit = (value: number | "none" | undefined): number | undefined => (value === "none" ? undefined : value)

const merge = (base: ProviderSettings, own: ProviderSettings): ProviderSettings => {
  const models: Record<string, ModelSettings> = { ...base.models }
  for (const [name, settings] of Object.entries(own.models ?? {})) models[name] = { ...models[name], ...settings }
  return { ...base, ...own, models, timeouts: { ...base.timeouts, ...own.timeouts } }
}

/** What people copy from a service's examples; requests append it themselves. */
const ENDPOINT = /\/chat\/completions$/

const incomplete = (name: string, what: string) =>
  new ModelError({ code: "ProviderIncomplete", detail: `the provider '${name}' ${what}` })

/** The provider of this name: the config's settings over the built-in profile. */
export const resolve = (name: string, settings: Providers): Either.Either<Provider, ModelError> => {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  const own = Object.hasOwn(settings, name) ? settings[name] : undefined
  if (profile === undefined && own === undefined) {
    const known = [...new Set([...Object.keys(settings), ...Object.keys(profiles)])].join(", ")
    return Either.left(new ModelError({ code: "ProviderUnknown", detail: `there is no provider '${name}'; there are ${known}` }))
  }
  const all = merge(profile ?? {}, own ?? {})
  const { baseUrl: urls, dialect } = all
  if (dialect === undefined) return Either.left(incomplete(name, "has no dialect: dashscope, vllm or sglang"))
  if (urls === undefined) return Either.left(incomplete(name, "has no baseUrl"))
  const baseUrls = Array.map(typeof urls === "string" ? Array.of(urls) : urls, (url) => url.trim().replace(/\/+$/, ""))
  const [baseUrl] = baseUrls
  const broken = baseUrls.find((url) => !URL.canParse(url))
  if (broken !== undefined) return Either.left(incomplete(name, `has a baseUrl that is no URL: ${broken}`))
  const whole = baseUrls.find((url) => ENDPOINT.test(url))
  if (whole !== undefined)
    return Either.left(
      incomplete(name, `has a baseUrl that ends with an endpoint: ${whole.replace(ENDPOINT, "")} is what stands before it`)
    )
  const twice = baseUrls.find((url, place) => baseUrls.indexOf(url) !== place)
  if (twice !== undefined) return Either.left(incomplete(name, `has the baseUrl ${twice} twice`))
  if (all.upload === true && baseUrls.length > 1)
    return Either.left(incomplete(name, "has several baseUrls and `upload: true`, which only DashScope's one address offers"))
  if (dialect === "dashscope" && all.apiKey === undefined) return Either.left(incomplete(name, "has no apiKey"))
  if (all.protocol === "native" && dialect !== "dashscope")
    return Either.left(incomplete(name, `has the protocol native, which ${dialect} doesn't speak`))
  const url = new URL(baseUrl)
  const firstByteSeconds = all.timeouts?.firstByte ?? 330
  return Either.right({
    name,
    dialect,
    baseUrl,
    baseUrls,
    apiKey: all.apiKey,
    authority: all.authority ?? authorityOf(url),
    region: regionOf(url.hostname),
    protocol: all.protocol ?? "compatible",
    stream: all.stream ?? true,
    upload: all.upload ?? false,
    rpm: limit(all.rpm),
    tpm: limit(all.tpm),
    concurrency: all.concurrency ?? DEFAULT_CONCURRENCY,
    perEndpoint: {
      rpm: all.perEndpoint?.rpm,
      tpm: all.perEndpoint?.tpm,
      concurrency: all.perEndpoint?.concurrency ?? all.concurrency ?? DEFAULT_CONCURRENCY
    },
    maxWindow: all.maxWindow,
    hasBudget: all.budget !== undefined,
    onAmbiguous: all.onAmbiguous ?? "retry",
    firstByteSeconds,
    idleSeconds: all.timeouts?.idle ?? 60,
    totalSeconds: all.timeouts?.total ?? Math.max(900, firstByteSeconds + 570),
    models: all.models ?? {}
  })
}
