import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import type * as ModelCatalog from "./ModelCatalog.js"
import * as ModelSpec from "./ModelSpec.js"
import * as ProviderCatalog from "./ProviderCatalog.js"
import { Providers, type ProviderSettings } from "./Provider.js"

const provider = (name: string, settings: Record<string, ProviderSettings> = {}) =>
  Either.getOrThrow(ProviderCatalog.resolve(name, settings))
const fault = <A>(either: Either.Either<A, { readonly code: string; readonly retry: string; readonly message: string }>) => {
  const { code, message, retry } = Either.getOrThrow(Either.flip(either))
  return { code, retry, message }
}
const key = { env: "DASHSCOPE_API_KEY" }

describe("ProviderCatalog", () => {
  it("knows the vendor's regions as one authority, and everybody else as their own", () => {
    const regions = ["dashscope-cn", "dashscope-intl", "dashscope-us", "dashscope-hk"].map((name) => provider(name))
    expect(new Set(regions.map(({ authority }) => authority))).toEqual(new Set(["dashscope"]))
    expect(regions.map(({ region }) => region)).toEqual(["cn", "intl", "us", "hk"])
    const at = (baseUrl: string) => provider("x", { x: { dialect: "dashscope", baseUrl, apiKey: key } }).authority
    expect(at("https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1")).toBe("dashscope")
    expect(at("http://127.0.0.1:8080/compatible-mode/v1/")).toBe("127.0.0.1:8080/compatible-mode/v1")
    // No certificate, no proof.
    expect(at("http://dashscope.aliyuncs.com/compatible-mode/v1")).toBe("dashscope.aliyuncs.com/compatible-mode/v1")
    expect(at("https://dashscope.aliyuncs.com.evil.test/compatible-mode/v1")).not.toBe("dashscope")
  })

  it("lays the config's settings over the profile", () => {
    const settings = Schema.decodeUnknownSync(Providers)({ "dashscope-intl": { rpm: 120, tpm: "none", timeouts: { idle: 5 } } })
    const own = provider("dashscope-intl", settings)
    expect(own).toMatchObject({
      rpm: 120,
      tpm: undefined,
      idleSeconds: 5,
      firstByteSeconds: 330,
      apiKey: key,
      onAmbiguous: "retry"
    })
    expect(provider("dashscope-intl")).toMatchObject({ rpm: 60, tpm: 100_000 })
  })

  it("says what is missing", () => {
    expect(fault(ProviderCatalog.resolve("nobody", { mine: { dialect: "vllm", baseUrl: "http://h/v1" } }))).toEqual({
      code: "ProviderUnknown",
      retry: "config",
      message:
        "there is no provider 'nobody'; there are mine, dashscope-cn, dashscope-intl, dashscope-us, dashscope-hk, vllm, sglang"
    })
    expect(fault(ProviderCatalog.resolve("x", { x: { dialect: "dashscope", baseUrl: "http://h/v1" } })).message).toContain(
      "has no apiKey"
    )
    expect(fault(ProviderCatalog.resolve("x", { x: { baseUrl: "http://h/v1" } })).message).toContain("has no dialect")
    expect(fault(ProviderCatalog.resolve("x", { x: { dialect: "vllm" } })).message).toContain("has no baseUrl")
    expect(fault(ProviderCatalog.resolve("x", { x: { dialect: "vllm", baseUrl: "h" } })).message).toContain("is no URL")
    const whole = fault(ProviderCatalog.resolve("x", { x: { dialect: "vllm", baseUrl: "http://h/v1/chat/completions/" } }))
    expect(whole.message).toContain("ends with an endpoint: http://h/v1 is what stands before it")
    expect(fault(ProviderCatalog.resolve("vllm", { vllm: { protocol: "native" } })).message).toContain("doesn't speak")
    expect(fault(ProviderCatalog.resolve("constructor", {})).code).toBe("ProviderUnknown")
  })
})

describe("ModelSpec", () => {
  it("chooses the usual model of a task", () => {
    const intl = provider("dashscope-intl")
    const name = (task: ModelCatalog.Task, at = intl) => Either.getOrThrow(ModelSpec.resolve(at, undefined, task))
    expect([name("caption").name, name("tags").name, name("chat").name]).toEqual([
      "qwen3-omni-30b-a3b-captioner",
      "qwen3-omni-flash",
      "qwen-plus"
    ])
    expect([name("caption", provider("vllm")).servedAs, name("tags", provider("vllm")).servedAs]).toEqual([
      "Qwen/Qwen3-Omni-30B-A3B-Captioner",
      "Qwen/Qwen3-Omni-30B-A3B-Instruct"
    ])
  })

  it("has one name for a model, wherever it is served", () => {
    const hosted = Either.getOrThrow(ModelSpec.resolve(provider("vllm"), "Qwen/Qwen3-Omni-30B-A3B-Captioner", "caption"))
    expect([hosted.name, hosted.servedAs]).toEqual(["qwen3-omni-30b-a3b-captioner", "Qwen/Qwen3-Omni-30B-A3B-Captioner"])
    const sold = Either.getOrThrow(ModelSpec.resolve(provider("dashscope-cn"), undefined, "caption"))
    expect(sold.name).toBe(hosted.name)
  })

  it("takes limits and prices from the region, the provider and the config", () => {
    const limited = provider("vllm", { vllm: { maxWindow: 29 } })
    expect(Either.getOrThrow(ModelSpec.resolve(limited, undefined, "caption"))).toMatchObject({
      audio: { maxSeconds: 29 },
      price: undefined
    })
    const own = provider("dashscope-cn", {
      "dashscope-cn": { models: { "qwen3-omni-flash": { maxSeconds: 600, price: { currency: "CNY", audioIn: 1, textOut: 2 } } } }
    })
    expect(Either.getOrThrow(ModelSpec.resolve(own, undefined, "tags"))).toMatchObject({
      streamOnly: true,
      audio: { maxSeconds: 600, tokensPerSecond: 12.5 },
      price: { currency: "CNY", audioIn: 1 }
    })
    expect(Either.getOrThrow(ModelSpec.resolve(provider("dashscope-intl"), undefined, "caption")).price).toMatchObject({
      currency: "USD",
      audioIn: 3.81
    })
  })

  it("refuses what can't succeed, before anything is sent", () => {
    const intl = provider("dashscope-intl")
    expect(fault(ModelSpec.resolve(intl, "qwen3-omni-flsh", "tags"))).toEqual({
      code: "ModelUnknown",
      retry: "config",
      message: "nothing is known of the model 'qwen3-omni-flsh' at 'dashscope-intl'; did you mean 'qwen3-omni-flash'?"
    })
    expect(fault(ModelSpec.resolve(intl, "qwen3-omni-30b-a3b-captioner", "ask")).code).toBe("PromptRefused")
    expect(fault(ModelSpec.resolve(intl, "qwen-plus", "caption")).code).toBe("ModelDeaf")
    expect(fault(ModelSpec.resolve(provider("dashscope-us"), undefined, "caption"))).toEqual({
      code: "ModelNotHere",
      retry: "config",
      message:
        "'qwen3-omni-30b-a3b-captioner' is not offered in the region of 'dashscope-us', only in dashscope-cn and dashscope-intl"
    })
  })

  it("takes a model that the config describes without its kind, however near its name is to another's", () => {
    const at = provider("dashscope-intl", { "dashscope-intl": { models: { "qwen3.9-omni-flash": { maxSeconds: 60 } } } })
    expect(Either.getOrThrow(ModelSpec.resolve(at, "qwen3.9-omni-flash", "ask"))).toMatchObject({
      kind: "omni",
      audio: { maxSeconds: 60 }
    })
    expect(fault(ModelSpec.resolve(at, "qwen3.7-omni-flash", "ask")).code).toBe("ModelUnknown")
  })

  it("chats with any model, and listens to one that the config describes", () => {
    const at = provider("vllm", {
      vllm: { models: { mine: { kind: "omni", servedAs: "/models/mine", maxSeconds: 20, streamOnly: true } } }
    })
    expect(Either.getOrThrow(ModelSpec.resolve(at, "some-llm", "chat"))).toMatchObject({ kind: "chat", servedAs: "some-llm" })
    for (const name of ["mine", "/models/mine"])
      expect(Either.getOrThrow(ModelSpec.resolve(at, name, "ask"))).toMatchObject({
        name: "mine",
        servedAs: "/models/mine",
        streamOnly: true,
        audio: { maxSeconds: 20 }
      })
  })
})
