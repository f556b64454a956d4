import { describe, expect, it } from "@effect/vitest"
import { Artifact } from "@mediaspool/core"
import { Conformance } from "@mediaspool/core/testing"
import { Effect, Layer, Schema } from "effect"
import { AudioFile, Caption } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { modelPlugin } from "../ModelPlugin.js"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { caption } from "./Caption.js"
import { omniAsk } from "./OmniAsk.js"
import { omniTags } from "./OmniTags.js"
import { postProcess } from "./PostProcess.js"
import { textTags } from "./TextTags.js"

const local = { provider: "local" }
/** As the service takes it: nothing has to be encoded. */
const sound = { seconds: 3, sampleRate: 16_000 }

describe("the stages that ask a model", () => {
  it.scopedLive(
    "keep to what every stage promises",
    () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* ModelEmulator.startProcess({ settings: { answerMillis: 100 } })
        // One engine for all, whose own stages are held to their promises elsewhere: its children take longer to start than all else.
        const engine = yield* Layer.build(Layer.provide(MediaEngine.layer, TemporaryFolder.state))
        const options = {
          plugin: { ...modelPlugin, needs: [] },
          layer: Layer.succeedContext(engine),
          settings: { providers: { local: { dialect: "dashscope", baseUrl, apiKey: { env: "KEY" }, rpm: "none", tpm: "none" } } },
          secrets: { KEY: "sk-emulator" }
        }
        const { hash, path, size } = yield* SampleMedia.writeWav(yield* TemporaryFolder.make, "tone", sound)
        const audio = new AudioFile({
          file: new Artifact({ key: "tone", slot: "audio", hash, size, path }),
          container: "wav",
          codec: "pcm_s16le",
          sampleRate: sound.sampleRate,
          channels: 1,
          bitRate: 16 * sound.sampleRate,
          durationSeconds: sound.seconds
        })
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
          { inputs: { audio, speech: undefined }, with: local },
          { inputs: { audio: short, speech: undefined }, with: local, fails: "AudioTooShort" }
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
