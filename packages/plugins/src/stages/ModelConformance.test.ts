import { describe, expect, it } from "@effect/vitest"
import { Conformance, StageTest } from "@mediaspool/core/testing"
import { Effect, Schema } from "effect"
import { AudioFile, Caption } from "../kinds.js"
import { modelPlugin } from "../ModelPlugin.js"
import { startProcess } from "../testing/ModelEmulator.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import { caption } from "./Caption.js"
import { omniAsk } from "./OmniAsk.js"
import { omniTags } from "./OmniTags.js"
import { postProcess } from "./PostProcess.js"
import { textTags } from "./TextTags.js"
import { transcode } from "./Transcode.js"

const local = { provider: "local" }

describe("the stages that ask a model", () => {
  it.scopedLive(
    "keep to what every stage promises",
    () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* startProcess({ settings: { answerMillis: 200 } })
        const options = {
          plugin: modelPlugin,
          settings: { providers: { local: { dialect: "dashscope", baseUrl, apiKey: { env: "KEY" }, rpm: "none", tpm: "none" } } },
          secrets: { KEY: "sk-emulator" }
        }
        const kit = yield* StageTest.make(options)
        const file = yield* kit.sourceFile("tone.wav", SampleMedia.wav("tone", { seconds: 3 }), "audio/wav")
        const audio: AudioFile = yield* kit.run(
          transcode,
          { file },
          { format: "mp3", sampleRate: 16_000, channels: 1, bitrate: 48_000 }
        )
        const said = new Caption({
          text: "It holds a tone near 440 Hz (A4).",
          segments: [],
          model: "m",
          provider: "p",
          omitted: []
        })
        const text = { inputs: { caption: said } }
        const short = new AudioFile({ ...audio, durationSeconds: 0.1 })

        const captions = [
          { inputs: { audio }, with: local },
          { inputs: { audio: short }, with: local, fails: "AudioTooShort" }
        ]
        expect(yield* Conformance.check(caption, captions, options)).toEqual([])
        expect(
          yield* Conformance.check(omniTags, [{ inputs: { audio }, with: { ...local, vocabulary: "emotion" } }], options)
        ).toEqual([])
        expect(yield* Conformance.check(omniAsk, [{ inputs: { audio }, with: { ...local, prompt: "What?" } }], options)).toEqual(
          []
        )
        expect(yield* Conformance.check(textTags, [{ ...text, with: { ...local, vocabulary: "mood" } }], options)).toEqual([])
        expect(
          yield* Conformance.check(postProcess, [text, { ...text, with: { language: "zh" }, fails: "WrongLanguage" }], options)
        ).toEqual([])
      }),
    120_000
  )

  it("say what is wrong with a setting", () => {
    const fault = (config: unknown) => {
      const decoded = Schema.decodeUnknownEither(caption.config, { onExcessProperty: "error" })(config)
      return decoded._tag === "Left" ? decoded.left.message : ""
    }
    expect(fault({})).toContain('["provider"]')
    expect(fault({ provider: "local", windows: 30 })).toContain('["windows"]')
    expect(fault({ provider: "local", window: "half" })).toContain('["window"]')
    expect(fault({ provider: "local", publicUrl: "https://cdn.example.com/audio.mp3" })).toContain('["publicUrl"]')
    expect(fault({ provider: "local", temperature: 2 })).toContain('["temperature"]')
  })
})
