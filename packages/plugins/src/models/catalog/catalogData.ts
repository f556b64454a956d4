import type { Catalog } from "./CatalogSchema.js"

const MB = 1_000_000

/** What the figures were read from. Pages move: their titles are found again, their addresses often aren't. */
const sources = {
  models: "Alibaba Cloud Model Studio, models and prices",
  regions: "Alibaba Cloud Model Studio, regions and endpoints",
  card: "the model card of Qwen3-Omni-30B-A3B-Instruct"
} as const
/** When. It doesn't cover `video`: no page names those limits for every model, and ours are on the careful side. */
const checked = "2026-11-29"
const from = (source: keyof typeof sources) => ({ checked, source: sources[source] })

const price = (currency: string, audioIn: number, textOut: number, textIn?: number) => ({
  currency,
  audioIn,
  textOut,
  ...(textIn === undefined ? {} : { textIn }),
  asOf: "2026-11"
})

const flash3 = {
  kind: "omni",
  contextTokens: 65_536,
  maxInputTokens: 49_152,
  maxOutputTokens: 16_384,
  sees: true,
  // Text and one other modality a message.
  video: { maxSeconds: 150, maxFrames: 128, sound: "inside" },
  streamOnly: true,
  regions: ["cn", "intl"],
  prices: { cn: price("CNY", 15.8, 12.7, 1.8), intl: price("CNY", 27.962, 22.458) },
  ...from("models")
} as const

/** Limits that aren't published leave room for the three hours of audio that the family takes. */
const family35 = {
  kind: "omni",
  contextTokens: 131_072,
  maxInputTokens: 114_688,
  maxOutputTokens: 16_384,
  audio: { maxSeconds: 3 * 3600, maxUrlBytes: 2000 * MB, tokensPerSecond: 7 },
  sees: true,
  video: { maxSeconds: 3600, sound: "beside" },
  streamOnly: true,
  regions: ["cn", "intl"],
  ...from("models")
} as const
const plus35 = { ...family35, prices: { cn: price("CNY", 53, 40, 7), intl: price("USD", 11, 8.3) } } as const
const flash35 = { ...family35, prices: { cn: price("CNY", 18, 13.3, 2.2), intl: price("USD", 3, 2.2) } } as const

const everywhere = ["cn", "intl", "us", "hk", "jp", "eu"] as const
const chat = {
  kind: "chat",
  contextTokens: 131_072,
  maxInputTokens: 129_024,
  maxOutputTokens: 16_384,
  regions: ["cn", "intl", "us", "hk"],
  ...from("models")
} as const

/**
 * The models and regions that need no description, as the vendor's pages had them on the day that stands with each. Figures change:
 * every value can be set under `providers.<name>.models.<model>`, and a model that isn't here can be described there.
 */
export const catalogData: Catalog = {
  regions: {
    cn: { place: "Beijing", host: "dashscope.aliyuncs.com", workspace: "cn-beijing", ...from("regions") },
    intl: { place: "Singapore", host: "dashscope-intl.aliyuncs.com", workspace: "ap-southeast-1", ...from("regions") },
    us: { place: "Virginia", host: "dashscope-us.aliyuncs.com", workspace: "us-east-1", ...from("regions") },
    hk: { place: "Hong Kong", host: "cn-hongkong.dashscope.aliyuncs.com", workspace: "cn-hongkong", ...from("regions") },
    // These two have workspaces' own hosts alone.
    jp: { place: "Tokyo", workspace: "ap-northeast-1", ...from("regions") },
    eu: { place: "Frankfurt", workspace: "eu-central-1", ...from("regions") }
  },
  models: {
    "qwen3-omni-30b-a3b-captioner": {
      kind: "captioner",
      contextTokens: 65_536,
      maxInputTokens: 32_768,
      maxOutputTokens: 32_768,
      audio: { maxSeconds: 40 * 60, maxUrlBytes: 1000 * MB },
      regions: ["cn", "intl"],
      prices: { cn: price("CNY", 15.8, 12.7), intl: price("USD", 3.81, 3.06) },
      ...from("models")
    },
    "qwen3-omni-30b-a3b-instruct": {
      ...flash3,
      // Its servers take any parts of a message together.
      video: { maxSeconds: 150, maxFrames: 128, sound: "beside" },
      streamOnly: false,
      prices: {},
      ...from("card")
    },
    "qwen3-omni-flash": flash3,
    "qwen3-omni-flash-2025-12-01": flash3,
    "qwen3-omni-flash-2025-09-15": { ...flash3, replacedBy: "qwen3-omni-flash" },
    "qwen3.5-omni-plus": plus35,
    "qwen3.5-omni-plus-2026-03-15": plus35,
    "qwen3.5-omni-flash": flash35,
    "qwen3.5-omni-flash-2026-03-15": flash35,
    "qwen3.8-omni-flash": {
      kind: "omni",
      contextTokens: 1_000_000,
      maxInputTokens: 991_808,
      maxOutputTokens: 131_072,
      sees: true,
      video: { maxSeconds: 3600, sound: "beside" },
      streamOnly: true,
      thinks: true,
      regions: everywhere,
      multichannel: true,
      prices: { intl: { ...price("USD", 0.15, 0.47), cachedIn: 0.016 } },
      ...from("models")
    },
    "text-embedding-v4": {
      kind: "embedding",
      contextTokens: 8192,
      maxInputTokens: 8192,
      maxOutputTokens: 1,
      regions: ["cn", "intl", "hk"],
      prices: { cn: price("CNY", 0.5, 0), intl: price("USD", 0.07, 0) },
      ...from("models")
    },
    "qwen-plus": { ...chat, prices: { cn: price("CNY", 0.8, 2), intl: price("USD", 0.4, 1.2) } },
    "qwen-flash": { ...chat, prices: { cn: price("CNY", 0.15, 1.5), intl: price("USD", 0.05, 0.4) } }
  }
}
