import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ModelEmulator from "./ModelEmulator.js"
import { SampleMedia } from "@mediaspool/plugins/testing"

const wav = (seconds = 1, sound: SampleMedia.Sound = "tone") => SampleMedia.wav(sound, { seconds, sampleRate: 16_000 })
/** One WAV after the other, as one: all have the same head of 44 bytes. */
const joined = (...wavs: ReadonlyArray<Buffer>): Buffer => {
  const samples = Buffer.concat(wavs.map((one) => one.subarray(44)))
  const head = Buffer.from(wav().subarray(0, 44))
  head.writeUInt32LE(samples.length + 36, 4)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}
const data = (bytes: Buffer, type = "audio/wav") => `data:${type};base64,${bytes.toString("base64")}`
const audio = (url: string) => ({ type: "input_audio", input_audio: { data: url } })
const text = (words: string) => ({ type: "text", text: words })

interface Question {
  readonly path?: string
  readonly key?: string
  readonly headers?: Record<string, string>
  readonly body: unknown
}
const post = (
  emulator: ModelEmulator.Emulator,
  { body, headers, key = "sk-emulator", path = "/compatible-mode/v1/chat/completions" }: Question
) =>
  Effect.promise(async () => {
    const response = await fetch(emulator.origin + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify(body)
    })
    return { status: response.status, text: await response.text(), requestId: response.headers.get("x-request-id") }
  })
const captioner = "qwen3-omni-30b-a3b-captioner"
const caption = (...content: ReadonlyArray<unknown>) => ({ model: captioner, messages: [{ role: "user", content }] })
const flash = (more: object, ...content: ReadonlyArray<unknown>) => ({
  model: "qwen3-omni-flash",
  messages: [{ role: "user", content }],
  stream: true,
  modalities: ["text"],
  ...more
})
const ask = (body: unknown, more: Partial<Question> = {}) =>
  Effect.scoped(Effect.flatMap(ModelEmulator.start(), (emulator) => post(emulator, { body, ...more })))

describe("ModelEmulator", () => {
  it.scoped("answers as the service does, at once", () =>
    Effect.gen(function* () {
      const { requestId, status, text } = yield* ask(caption(audio(data(wav(2)))))
      expect([status, requestId]).toEqual([200, expect.any(String)])
      expect(JSON.parse(text)).toMatchObject({
        object: "chat.completion",
        model: captioner,
        choices: [
          { index: 0, finish_reason: "stop", message: { role: "assistant", content: expect.stringContaining("440 Hz") } }
        ],
        usage: { prompt_tokens: 33, prompt_tokens_details: { audio_tokens: 25, text_tokens: 8 } }
      })
    })
  )

  it.scoped("streams a role, pieces, a finish reason, the usage, and an end", () =>
    Effect.gen(function* () {
      const { text } = yield* ask({ ...caption(audio(data(wav()))), stream: true, stream_options: { include_usage: true } })
      const frames = text.split("\n\n").filter((frame) => frame !== "")
      expect(frames.at(-1)).toBe("data: [DONE]")
      const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace(/^data: /, "")))
      expect(chunks[0]).toMatchObject({
        choices: [{ delta: { content: "", role: "assistant" }, finish_reason: null }],
        usage: null
      })
      expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: "stop" }], usage: null })
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 21 } })
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toContain("lasts 1.0 seconds")
    })
  )

  it.scoped("streams its own protocol with numbered events and the word null", () =>
    Effect.gen(function* () {
      const { text } = yield* ask(
        {
          model: captioner,
          input: { messages: [{ role: "user", content: [{ audio: data(wav()) }] }] },
          parameters: { incremental_output: true }
        },
        { path: "/api/v1/services/aigc/multimodal-generation/generation", headers: { "X-DashScope-SSE": "enable" } }
      )
      expect(text).toMatch(
        /^id:1\nevent:result\n:HTTP_STATUS\/200\ndata:\{"output":\{"choices":\[\{"message":.*"finish_reason":"null"\}\]\}/
      )
      expect(text.trimEnd().split("\n\n").at(-1)).toContain('"finish_reason":"stop"')
    })
  )

  const tone = data(wav())
  const refused: ReadonlyArray<readonly [string, unknown, number, string, Partial<Question>?]> = [
    ["bare base64", caption(audio(wav().toString("base64"))), 400, "does not appear to be valid"],
    ["a text beside the captioner's audio", caption(audio(tone), text("What is it?")), 400, "exactly one audio"],
    ["two audios", caption(audio(tone), audio(tone)), 400, "exactly one audio"],
    [
      "a system message for the captioner",
      {
        ...caption(audio(tone)),
        messages: [
          { role: "system", content: "x" },
          { role: "user", content: [audio(tone)] }
        ]
      },
      400,
      "exactly one audio"
    ],
    ["tools for the captioner", { ...caption(audio(tone)), tools: [] }, 400, "tools"],
    [
      "a second turn",
      {
        model: captioner,
        messages: [
          { role: "user", content: [audio(tone)] },
          { role: "assistant", content: "x" },
          { role: "user", content: "y" }
        ]
      },
      400,
      "one user message"
    ],
    ["an unknown part", caption({ type: "audio_url", audio_url: { url: tone } }), 400, "unknown content type"],
    ["a flash model without stream", flash({ stream: false }, audio(tone), text("?")), 400, "only support stream mode"],
    [
      "JSON mode for a flash model",
      flash({ response_format: { type: "json_object" } }, audio(tone), text("?")),
      400,
      "response_format"
    ],
    ["spoken output", flash({ modalities: ["text", "audio"] }, audio(tone), text("?")), 400, "modalities"],
    [
      "audio for a text model",
      { model: "qwen-plus", messages: [{ role: "user", content: [audio(tone), text("?")] }] },
      400,
      "audio input"
    ],
    ["a temperature of two", { ...caption(audio(tone)), temperature: 2 }, 400, "Temperature should be in"],
    ["no room for an answer", { ...caption(audio(tone)), max_tokens: 0 }, 400, "max_tokens"],
    ["a seed that is none", { ...caption(audio(tone)), seed: -1 }, 400, "seed"],
    ["an unknown model", { ...caption(audio(tone)), model: "qwen9" }, 404, "does not exist"],
    ["a wrong key", caption(audio(tone)), 401, "Incorrect API key", { key: "sk-wrong" }],
    ["no balance", caption(audio(tone)), 400, "good standing", { key: "sk-no-balance" }],
    ["an empty file", caption(audio("data:audio/wav;base64,")), 400, "The audio is empty"],
    ["a FLAC file", caption(audio(data(Buffer.from("fLaC0000"), "audio/flac"))), 400, "format is illegal"],
    ["text that says it is sound", caption(audio(data(Buffer.from("hello, world"), "audio/mpeg"))), 400, "format is illegal"],
    ["a blink", caption(audio(data(wav(0.05)))), 400, "too short"],
    [
      "more than ten megabytes of base64",
      caption(audio(data(Buffer.alloc(7_864_400)))),
      400,
      "Exceeded limit on max bytes per data-uri item : 10485760"
    ],
    ["an address that leads nowhere", caption(audio("http://127.0.0.1:1/x.wav")), 400, "Failed to download"],
    ["an address elsewhere", caption(audio("https://example.com/x.wav")), 400, "Failed to download"],
    ["an upload without its header", caption(audio("oss://dashscope-instant/x.wav")), 400, "Failed to download"]
  ]
  it.scoped.each(refused)("refuses %s", ([, body, status, says, more]) =>
    Effect.gen(function* () {
      const found = yield* ask(body, more)
      expect([found.status, found.text]).toEqual([status, expect.stringContaining(says)])
      expect(JSON.parse(found.text)).toMatchObject({
        error: { code: expect.any(String), message: expect.any(String), param: null },
        request_id: found.requestId
      })
    })
  )

  it.scoped("counts by the second: what comes evenly is let in, a burst isn't", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start({ settings: { rpm: 120 } })
      const body = caption(audio(tone))
      const all = yield* Effect.all(
        Array.from({ length: 4 }, () => post(emulator, { body })),
        { concurrency: "unbounded" }
      )
      expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429])
      expect(all.map(({ text }) => text).join()).toContain("limit_requests")
      yield* emulator.change({ tpm: 60 })
      const two = yield* Effect.forEach([1, 2], () => post(emulator, { body }))
      expect(two.map(({ status }) => status)).toEqual([200, 429])
      expect(two[1]?.text).toContain("insufficient_quota")
    })
  )

  it.scoped("says what it measures: another file is another answer", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const said = (bytes: Buffer) =>
        Effect.map(
          post(emulator, { body: caption(audio(data(bytes))) }),
          ({ text }) => JSON.parse(text).choices[0].message.content
        )
      expect(yield* said(wav(3, "silence"))).toBe("The recording lasts 3.0 seconds and is silent throughout.")
      expect(yield* said(wav(3, "noise"))).toContain("without a clear pitch throughout")
      const parts = joined(wav(1, "tone"), wav(1, "noise"), wav(1, "clipped"))
      expect(yield* said(parts)).toContain(
        "opens with a tone near 440 Hz (A4), goes on with a sound without a clear pitch, and ends with a tone near 220 Hz (A3)"
      )
      expect(yield* said(wav(3, "clipped"))).toContain("near 220 Hz (A3)")
      expect(Object.values((yield* emulator.statement).byKey)).toEqual([1, 1, 1, 1])
    })
  )

  it.scoped("counts in another process, and takes its script from this one", () =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.startProcess({ settings: { keys: ["sk-mine"] } })
      yield* emulator.script({ kind: "internal_error" })
      const one = { key: "sk-mine", body: caption(audio(tone)) }
      const all = yield* Effect.forEach([one, one, one, { ...one, key: "sk-emulator" }], (question) => post(emulator, question))
      expect(all.map(({ status }) => status)).toEqual([500, 200, 200, 401])
      const { byKey, paid, refused, requests } = yield* ModelEmulator.at(emulator.origin).statement
      expect({ requests, paid, refused, times: Object.values(byKey) }).toEqual({
        requests: 4,
        paid: 2,
        refused: { internal_error: 1, invalid_api_key: 1 },
        times: [2]
      })
      yield* emulator.clear
      expect((yield* emulator.statement).requests).toBe(0)
    })
  )
})
