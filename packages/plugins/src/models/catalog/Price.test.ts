import { describe, expect, it } from "@effect/vitest"
import { Cost, Usage } from "@mediaspool/core"
import * as Price from "./Price.js"
import { models } from "./ModelCatalog.js"

describe("Price", () => {
  it("is exact", () => {
    const price = models["qwen3-omni-30b-a3b-captioner"]?.prices.intl
    // The vendor's own sample: 160 tokens in, 152 of them audio, 387 out.
    const usage = new Usage({ inputTokens: 160, audioTokens: 152, outputTokens: 387 })
    expect(price && Cost.format(Price.of(price, usage))).toBe("0.00179382 USD")
  })

  it("tells prompt from audio where they cost differently", () => {
    const price = { currency: "CNY", audioIn: 15.8, textIn: 1.8, textOut: 12.7 }
    const usage = new Usage({ inputTokens: 1_000_000, audioTokens: 400_000, outputTokens: 0 })
    expect(Cost.format(Price.of(price, usage))).toBe("7.4 CNY")
  })

  it("counts pictures at their own price, or else at that of a prompt", () => {
    const price = { currency: "USD", audioIn: 4, textIn: 1, textOut: 0 }
    const usage = new Usage({ inputTokens: 1_000_000, audioTokens: 100_000, pictureTokens: 600_000, outputTokens: 0 })
    expect(Cost.format(Price.of(price, usage))).toBe("1.3 USD")
    expect(Cost.format(Price.of({ ...price, pictureIn: 2 }, usage))).toBe("1.9 USD")
  })

  it("counts what the service had kept at its own price, where there is one", () => {
    const price = { currency: "USD", audioIn: 2, textIn: 1, textOut: 0, cachedIn: 0.1 }
    const usage = new Usage({ inputTokens: 1_000_000, audioTokens: 400_000, outputTokens: 0, cachedTokens: 700_000 })
    // All of the prompt, and the first 100,000 of the audio.
    expect(Cost.format(Price.of(price, usage))).toBe("0.67 USD")
    const { cachedIn: _, ...plain } = price
    expect(Cost.format(Price.of(plain, usage))).toBe("1.4 USD")
  })

  it("dates every built-in price", () => {
    for (const { prices } of Object.values(models))
      for (const price of Object.values(prices)) expect(price.asOf).toMatch(/^\d{4}-\d{2}/)
  })
})
