import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as ModelSpec from "../catalog/ModelSpec.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import * as RequestBody from "./RequestBody.js"

const body = (provider: string, name: string, more: Partial<RequestBody.Request>) => {
  const model = Either.getOrThrow(
    Either.flatMap(ProviderCatalog.resolve(provider, {}), (found) => ModelSpec.resolve(found, name, "ask"))
  )
  const dialect = provider === "vllm" ? "vllm" : "dashscope"
  return RequestBody.compatible(dialect, { model, prompt: "?", sampling: {}, ...more }, true)
}
const content = (provider: string, name: string, more: Partial<RequestBody.Request>) => body(provider, name, more)["messages"]

describe("RequestBody", () => {
  it("lets a model think only where the config asks for it", () => {
    const quiet = body("dashscope-us", "qwen3.8-omni-flash", {})
    expect(quiet).toMatchObject({ enable_thinking: false })
    expect(quiet).not.toHaveProperty("reasoning_effort")
    expect(body("dashscope-us", "qwen3.8-omni-flash", { sampling: { effort: "low" } })).toMatchObject({
      enable_thinking: true,
      reasoning_effort: "low"
    })
    expect(body("dashscope-intl", "qwen3-omni-flash", {})).not.toHaveProperty("enable_thinking")
  })

  it("says that channels are places", () => {
    const audio = { url: "data:audio/wav;base64,AAAA", format: "wav" }
    expect(body("dashscope-us", "qwen3.8-omni-flash", { audio: { ...audio, isMultichannel: true } })).toMatchObject({
      use_multichannel: true
    })
    expect(body("dashscope-us", "qwen3.8-omni-flash", { audio })).not.toHaveProperty("use_multichannel")
  })

  it("writes pictures and videos as each service wants them, before the sound and the question", () => {
    const pictures = { _tag: "Frames", urls: ["data:image/jpeg;base64,AA", "data:image/jpeg;base64,BB"] } as const
    const audio = { url: "data:audio/mpeg;base64,CC", format: "mp3" }
    expect(content("dashscope-us", "qwen3.8-omni-flash", { pictures, audio })).toEqual([
      {
        role: "user",
        content: [
          { type: "video", video: pictures.urls },
          { type: "input_audio", input_audio: { data: audio.url, format: "mp3" } },
          { type: "text", text: "?" }
        ]
      }
    ])
    expect(content("vllm", "qwen3-omni-30b-a3b-instruct", { pictures, audio })).toMatchObject([
      { content: [{ type: "image_url" }, { type: "image_url" }, { type: "audio_url" }, { type: "text" }] }
    ])
    const file = { _tag: "File", url: "data:video/mp4;base64,AA" } as const
    expect(content("dashscope-intl", "qwen3-omni-flash", { pictures: file })).toMatchObject([
      { content: [{ type: "video_url", video_url: { url: file.url } }, { type: "text" }] }
    ])
  })
})
