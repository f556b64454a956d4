import { catalogData } from "./catalogData.js"
import type { AudioLimits, Catalog, CatalogModel, Region, VideoLimits } from "./CatalogSchema.js"
import type { Price } from "./Price.js"

export * from "./CatalogSchema.js"

/** The service names it to the byte: "Exceeded limit on max bytes per data-uri item : 10485760". */
const DATA_URL = 10_485_760

/** Limits of the Qwen3-Omni family where a model's page says nothing else. */
export const usualAudio: AudioLimits = {
  maxSeconds: 20 * 60,
  maxBase64Bytes: DATA_URL,
  maxUrlBytes: 100_000_000,
  tokensPerSecond: 12.5,
  formats: ["mp3", "wav", "aac", "amr", "3gp"],
  // The captioner's cookbook: fine captions up to 30 s. The omni pages: tagging up to 2 minutes, fine analysis up to 1.
  detail: { caption: 30, tags: 120, ask: 60 }
}

/** The same for pictures. A picture of 448 pixels on 252 has 14 × 8 patches of 32 pixels, and some tokens around them. */
export const usualVideo: VideoLimits = {
  maxSeconds: 150,
  maxFrames: 512,
  tokensPerFrame: 120,
  sound: "beside",
  detail: { caption: 30, tags: 120, ask: 60 }
}

/** The built-in models, by name. */
export const models: Readonly<Record<string, CatalogModel>> = catalogData.models

export const regions: Catalog["regions"] = catalogData.regions

/** What a model costs in a region. */
export const priceIn = ({ prices }: CatalogModel, region: Region): Price | undefined =>
  region === "cn" ? prices.cn : prices.intl
