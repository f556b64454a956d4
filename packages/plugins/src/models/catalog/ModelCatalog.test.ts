import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import { catalogData } from "./catalogData.js"
import * as ModelCatalog from "./ModelCatalog.js"
import * as ModelList from "./ModelList.js"
import * as ModelSpec from "./ModelSpec.js"
import type { Providers } from "./Provider.js"
import * as ProviderCatalog from "./ProviderCatalog.js"

const specOf = (provider: string, model: string, task: ModelCatalog.Task, own: Providers = {}) =>
  Either.flatMap(ProviderCatalog.resolve(provider, own), (found) => ModelSpec.resolve(found, model, task))

describe("ModelCatalog", () => {
  it("follows its schema: every figure has its source and its day", () => {
    expect(Either.isRight(Schema.validateEither(ModelCatalog.Catalog)(catalogData, { onExcessProperty: "error" }))).toBe(true)
  })

  it("names only models that there are as successors", () => {
    for (const { replacedBy } of Object.values(ModelCatalog.models))
      if (replacedBy !== undefined) expect(Object.keys(ModelCatalog.models)).toContain(replacedBy)
  })

  it("has the newest omni model in every region, by its shared host or a workspace's own", () => {
    for (const name of ["dashscope-cn", "dashscope-intl", "dashscope-us", "dashscope-hk"])
      expect(Either.getOrThrow(specOf(name, "qwen3.8-omni-flash", "ask")).kind).toBe("omni")
    for (const host of ["ws1.ap-northeast-1.maas.aliyuncs.com", "trial.eu-central-1.maas.aliyuncs.com"]) {
      const own: Providers = {
        own: { dialect: "dashscope", baseUrl: `https://${host}/compatible-mode/v1`, apiKey: { env: "K" } }
      }
      expect(Either.getOrThrow(ProviderCatalog.resolve("own", own)).authority).toBe("dashscope")
      expect(Either.getOrThrow(specOf("own", "qwen3.8-omni-flash", "tags", own)).name).toBe("qwen3.8-omni-flash")
      expect(Either.getOrThrow(Either.flip(specOf("own", "qwen3-omni-flash", "tags", own))).code).toBe("ModelNotHere")
    }
  })

  it("takes a model that nobody has described for a new one of the family, and a slip for a slip", () => {
    const added = Either.getOrThrow(specOf("dashscope-intl", "qwen4-omni-max", "ask"))
    expect(added).toMatchObject({ kind: "omni", isAssumed: true, price: undefined, streamOnly: true })
    expect(added.audio?.maxSeconds).toBe(ModelCatalog.usualAudio.maxSeconds)
    const slip = Either.getOrThrow(Either.flip(specOf("dashscope-intl", "qwen3-omni-flesh", "ask")))
    expect(slip).toMatchObject({ code: "ModelUnknown" })
    expect(slip.message).toContain("did you mean 'qwen3-omni-flash'?")
    expect(Either.getOrThrow(specOf("dashscope-intl", "qwen3-omni-flash", "ask")).isAssumed).toBe(false)
  })

  it("lists what providers have, the config's own among them", () => {
    const own: Providers = {
      mine: {
        dialect: "vllm",
        baseUrl: "http://127.0.0.1:8000/v1",
        models: { "my-listener": { kind: "omni", maxSeconds: 60, price: { currency: "EUR", audioIn: 1, textOut: 2 } } }
      }
    }
    const list = ModelList.list(own)
    expect(list.find(({ model }) => model === "qwen3.8-omni-flash")).toMatchObject({
      providers: ["dashscope-cn", "dashscope-intl", "dashscope-us", "dashscope-hk"],
      sees: true,
      checked: ModelCatalog.models["qwen3.8-omni-flash"]?.checked
    })
    expect(list.find(({ model }) => model === "my-listener")).toMatchObject({
      providers: ["mine"],
      prices: [{ providers: ["mine"], price: { currency: "EUR" } }],
      hears: { maxSeconds: 60 }
    })
    expect(list.find(({ model }) => model === "qwen3-omni-30b-a3b-captioner")?.providers).toEqual([
      "dashscope-cn",
      "dashscope-intl",
      "vllm",
      "sglang"
    ])
    expect(list.filter(({ replacedBy }) => replacedBy !== undefined).map(({ model }) => model)).toEqual([
      "qwen3-omni-flash-2025-09-15"
    ])
  })
})
