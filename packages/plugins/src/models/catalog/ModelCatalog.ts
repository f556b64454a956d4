import type { Price } from "./Price.js"
import type { Region } from "./Provider.js"

/** `captioner` takes audio and nothing else, `omni` audio with a prompt, `chat` text. */
export type ModelKind = "captioner" | "omni" | "chat"

/** What a stage wants of a model. */
export type Task = "caption" | "tags" | "ask" | "chat"

/** What a model hears and how much of it. */
export interface AudioLimits {
  /** Longest audio of one request, in seconds. */
  readonly maxSeconds: number
  /** The whole data URL must stay below. */
  readonly maxBase64Bytes: number
  readonly maxUrlBytes: number
  /** Tokens that a second counts as; less than a second counts as one. */
  readonly tokensPerSecond: number
  /** Containers, by short name. */
  readonly formats: ReadonlyArray<string>
  /** Seconds of audio in one request that keep the detail a task needs. */
  readonly detail: Readonly<Record<Exclude<Task, "chat">, number>>
}

/** A model as its vendor describes it. */
export interface CatalogModel {
  readonly kind: ModelKind
  readonly contextTokens: number
  readonly maxInputTokens: number
  readonly maxOutputTokens: number
  readonly audio?: Partial<AudioLimits>
  readonly streamOnly?: boolean
  readonly thinks?: boolean
  readonly regions: ReadonlyArray<Region>
  readonly prices: { readonly cn?: Price; readonly intl?: Price }
}

const MB = 1_000_000
/** The service names it to the byte: "Exceeded limit on max bytes per data-uri item : 10485760". */
const dataUrl = 10_485_760

/** Limits of the Qwen3-Omni family where a model's page says nothing else. */
export const usualAudio: AudioLimits = {
  maxSeconds: 20 * 60,
  maxBase64Bytes: dataUrl,
  maxUrlBytes: 100 * MB,
  tokensPerSecond: 12.5,
  formats: ["mp3", "wav", "aac", "amr", "3gp"],
  // The captioner's cookbook: fine captions up to 30 s. The omni pages: tagging up to 2 minutes, fine analysis up to 1.
  detail: { caption: 30, tags: 120, ask: 60 }
}

const price = (currency: string, audioIn: number, textOut: number, textIn?: number): Price => ({
  currency,
  audioIn,
  textOut,
  ...(textIn === undefined ? {} : { textIn }),
  asOf: "2026-11"
})

const captioner: CatalogModel = {
  kind: "captioner",
  contextTokens: 65_536,
  maxInputTokens: 32_768,
  maxOutputTokens: 32_768,
  audio: { maxSeconds: 40 * 60, maxUrlBytes: 1000 * MB },
  regions: ["cn", "intl"],
  prices: { cn: price("CNY", 15.8, 12.7), intl: price("USD", 3.81, 3.06) }
}
const flash3: CatalogModel = {
  kind: "omni",
  contextTokens: 65_536,
  maxInputTokens: 49_152,
  maxOutputTokens: 16_384,
  streamOnly: true,
  regions: ["cn", "intl"],
  prices: { cn: price("CNY", 15.8, 12.7, 1.8), intl: price("CNY", 27.962, 22.458) }
}
const omni35 = (prices: CatalogModel["prices"]): CatalogModel => ({
  kind: "omni",
  // Not published: room for the three hours of audio that it takes.
  contextTokens: 131_072,
  maxInputTokens: 114_688,
  maxOutputTokens: 16_384,
  audio: { maxSeconds: 3 * 3600, maxUrlBytes: 2000 * MB, tokensPerSecond: 7 },
  streamOnly: true,
  regions: ["cn", "intl"],
  prices
})
const plus35 = omni35({ cn: price("CNY", 53, 40, 7), intl: price("USD", 11, 8.3) })
const flash35 = omni35({ cn: price("CNY", 18, 13.3, 2.2), intl: price("USD", 3, 2.2) })
const everywhere: ReadonlyArray<Region> = ["cn", "intl", "us", "hk"]
const chat = (prices: CatalogModel["prices"]): CatalogModel => ({
  kind: "chat",
  contextTokens: 131_072,
  maxInputTokens: 129_024,
  maxOutputTokens: 16_384,
  regions: everywhere,
  prices
})

/**
 * Limits and prices for a million tokens from the vendor's pages, read in November 2026. They change: every value can be set
 * under `providers.<name>.models.<model>`.
 */
export const models: Readonly<Record<string, CatalogModel>> = {
  "qwen3-omni-30b-a3b-captioner": captioner,
  "qwen3-omni-30b-a3b-instruct": { ...flash3, streamOnly: false, prices: {} },
  "qwen3-omni-flash": flash3,
  "qwen3-omni-flash-2025-12-01": flash3,
  "qwen3-omni-flash-2025-09-15": flash3,
  "qwen3.5-omni-plus": plus35,
  "qwen3.5-omni-plus-2026-03-15": plus35,
  "qwen3.5-omni-flash": flash35,
  "qwen3.5-omni-flash-2026-03-15": flash35,
  "qwen3.8-omni-flash": {
    kind: "omni",
    contextTokens: 1_000_000,
    maxInputTokens: 991_808,
    maxOutputTokens: 131_072,
    streamOnly: true,
    thinks: true,
    regions: ["cn", "intl"],
    prices: { intl: price("USD", 0.15, 0.47) }
  },
  "qwen-plus": chat({ cn: price("CNY", 0.8, 2), intl: price("USD", 0.4, 1.2) }),
  "qwen-flash": chat({ cn: price("CNY", 0.15, 1.5), intl: price("USD", 0.05, 0.4) })
}
