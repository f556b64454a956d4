import { expect, layer } from "@effect/vitest"
import { Artifact, SourceFile } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { AudioFile } from "../kinds.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../testing/SampleMedia.js"
import { caption } from "./Caption.js"
import * as Rig from "./listen/ListeningStage.fixture.js"
import { omniAsk } from "./OmniAsk.js"
import { omniTags } from "./OmniTags.js"
import { textTags } from "./TextTags.js"
import { transcode } from "./Transcode.js"

const config = (more: Partial<typeof caption.config.Encoded> = {}) =>
  Schema.decodeSync(caption.config)({ provider: "local", ...more })
const clear = Effect.flatMap(Rig.Rig, ({ emulator }) => Effect.zipRight(emulator.clear, emulator.reset))

/** What a person is told, and what was recorded and asked for meanwhile. */
const outcome = (world: Rig.World, audio: AudioFile, with_: Partial<typeof caption.config.Encoded> = {}) =>
  Effect.gen(function* () {
    yield* clear
    const { emulator } = yield* Rig.Rig
    const records = Rig.recorder()
    const { code, help, message, retry } = yield* Effect.flip(
      Rig.within({ ...world, recorder: records })(caption.run({ audio, speech: undefined }, config(with_)))
    )
    const { paid, requests } = yield* emulator.statement
    return { code, retry, message, help, calls: records.calls.length, requests, paid }
  })
const silentOnWire = { calls: 0, requests: 0, paid: 0 }

/** A file that nobody needs to open. */
const long = (seconds: number, container = "mp3") =>
  new AudioFile({
    file: new Artifact({ key: "long", slot: "audio", hash: "0".repeat(64), size: 9_000_000, path: "/nowhere" }),
    container,
    codec: container,
    sampleRate: 16_000,
    channels: 1,
    bitRate: 24_000,
    durationSeconds: seconds
  })

layer(Rig.layer, { excludeTestServices: true })("bad input", (it) => {
  it.effect("41 minutes at once", () =>
    Effect.gen(function* () {
      expect(yield* outcome({}, long(41 * 60), { window: "whole" })).toEqual({
        code: "AudioTooLong",
        retry: "never",
        message: "41:00 is 1:00 more than the 40:00 that 'qwen3-omni-30b-a3b-captioner' takes at once from 'local'",
        help: "Set the stage's `window` to a number of seconds: the file is then sent in pieces.",
        ...silentOnWire
      })
    })
  )

  it.effect("0.2 seconds", () =>
    Effect.gen(function* () {
      const { folder } = yield* Rig.Rig
      const wav = yield* SampleMedia.writeWav(folder, "tone", { seconds: 0.2, sampleRate: 16000 }, "short.wav")
      const audio = yield* Rig.audioFile(wav.path)
      expect(yield* outcome({}, audio)).toEqual({
        code: "AudioTooShort",
        retry: "skip",
        message: "0.20 s is 0.10 s less than the stage's minimumSeconds of 0.3",
        help: "Lower the stage's `minimumSeconds` to send it all the same.",
        ...silentOnWire
      })
      // Sent all the same, it is padded to the second that it is billed as.
      const { emulator } = yield* Rig.Rig
      const said = yield* Rig.within({})(caption.run({ audio, speech: undefined }, config({ minimumSeconds: 0.1 })))
      expect(said.text).toMatch(/lasts 1\.0 seconds.*440 Hz/)
      expect((yield* emulator.statement).entries[0]?.inputTokens).toBe(13 + 8)
    })
  )

  it.effect("an 11 MB base64: made smaller, and sent", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator, folder } = yield* Rig.Rig
      const wav = yield* SampleMedia.write(folder, "large.wav", Rig.longWav(260))
      const audio = yield* Rig.audioFile(wav.path)
      expect(audio.file.size * 1.33).toBeGreaterThan(11e6)
      const said = yield* Rig.within({})(caption.run({ audio, speech: undefined }, config({ window: "whole" })))
      expect(said.text).toMatch(/lasts 260\.\d seconds.*440 Hz/)
      expect(yield* emulator.statement).toMatchObject({ requests: 1, paid: 1, refused: {} })
    })
  )

  it.effect("three hours in one request: no bit rate fits", () =>
    Effect.gen(function* () {
      const found = yield* outcome({}, long(3 * 3600), { window: "whole", model: "qwen3.5-omni-plus" })
      expect(found).toMatchObject({
        code: "AudioTooLarge",
        retry: "never",
        message: "180:00 make 28.8 MB of base64 even at 16 kbps, 18.3 MB more than 'qwen3.5-omni-plus' takes in a request",
        ...silentOnWire
      })
      expect(found.help).toMatch(/`window`.*`upload: true`/)
    })
  )

  it.effect("a codec that the model doesn't take: copied into one that it does", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator, folder } = yield* Rig.Rig
      const engine = yield* MediaEngine
      const wav = yield* SampleMedia.writeWav(folder, "tone", { seconds: 3, sampleRate: 16000 }, "codec.wav")
      const path = join(folder, "codec.flac")
      yield* engine.ask(wav, { _tag: "AudioCopy", path, container: "flac", codec: "flac" })
      const audio = yield* Rig.audioFile(path)
      expect((yield* Rig.within({})(caption.run({ audio, speech: undefined }, config()))).text).toContain("440 Hz")
      expect(yield* emulator.statement).toMatchObject({ paid: 1, refused: {} })
    })
  )

  it.effect("silence: nothing is sent, and nothing failed", () =>
    Effect.gen(function* () {
      const audio = yield* Rig.wav("silence", 5)
      expect(yield* outcome({}, audio)).toMatchObject({
        code: "AudioSilent",
        retry: "skip",
        message: "no part of it is louder than the stage's silence threshold",
        ...silentOnWire
      })
    })
  )

  it.effect("a video without sound: skipped before there is anything to send", () =>
    Effect.gen(function* () {
      const { folder } = yield* Rig.Rig
      const file = yield* SampleMedia.write(folder, "mute.avi", SampleMedia.avi(undefined))
      const copy = Schema.decodeSync(transcode.config)({ format: "mp3" })
      const error = yield* Effect.flip(transcode.run({ file: new SourceFile({ file, mediaType: "video/x-msvideo" }) }, copy))
      expect(error).toMatchObject({ code: "NoAudio", retry: "skip" })
    })
  )

  it.effect("a wrong key, and a key of another region", () =>
    Effect.gen(function* () {
      const audio = yield* Rig.wav("tone", 5)
      for (const key of ["sk-wrong", "sk-of-beijing"]) {
        const found = yield* outcome({ key }, audio)
        expect(found).toMatchObject({ code: "KeyRefused", retry: "later", calls: 0, requests: 1, paid: 0 })
        expect(found.message).toMatch(/^local answered 401 invalid_api_key: Incorrect API key provided/)
        expect(found.message).not.toContain(key)
        expect(found.help).toContain("A key belongs to one region")
      }
    })
  )

  it.effect("no balance, and a model that the account may not use", () =>
    Effect.gen(function* () {
      const audio = yield* Rig.wav("tone", 5)
      const broke = yield* outcome({ key: "sk-no-balance" }, audio)
      expect(broke).toMatchObject({ code: "NoBalance", retry: "later", calls: 0, paid: 0 })
      expect(broke.message).toMatch(/^local answered 400 Arrearage: Access denied/)
      expect(yield* outcome({ key: "sk-no-access" }, audio)).toMatchObject({
        code: "AccessRefused",
        retry: "later",
        calls: 0,
        paid: 0
      })
    })
  )

  it.effect("a model that nobody knows", () =>
    Effect.gen(function* () {
      const audio = yield* Rig.wav("tone", 5)
      expect(yield* outcome({}, audio, { model: "qwen3-omni-30b-a3b-captoner" })).toMatchObject({
        code: "ModelUnknown",
        retry: "config",
        message:
          "nothing is known of the model 'qwen3-omni-30b-a3b-captoner' at 'local'; did you mean 'qwen3-omni-30b-a3b-captioner'?",
        ...silentOnWire
      })
      // A model that the config describes and the service doesn't have.
      const models = { "my-captioner": { kind: "captioner" as const } }
      expect(yield* outcome({ local: { models } }, audio, { model: "my-captioner" })).toMatchObject({
        code: "ModelNotFound",
        retry: "config",
        calls: 0,
        requests: 1,
        paid: 0
      })
    })
  )

  it.effect("a captioner given a prompt: a fault of the config, found before anything runs", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const model = "qwen3-omni-30b-a3b-captioner"
      const asked = Schema.decodeSync(omniAsk.config)({ provider: "local", prompt: "Who?", model })
      const tagged = Schema.decodeSync(omniTags.config)({ provider: "local", vocabulary: "emotion", model })
      const errors = [
        yield* Effect.flip(Rig.within({})(omniAsk.keyParts?.(asked) ?? Effect.void)),
        yield* Effect.flip(Rig.within({})(omniTags.keyParts?.(tagged) ?? Effect.void))
      ]
      for (const error of errors)
        expect(error).toMatchObject({
          code: "PromptRefused",
          retry: "config",
          message: "'qwen3-omni-30b-a3b-captioner' is a captioner: it takes no prompt and no question"
        })
      expect((yield* emulator.statement).requests).toBe(0)
    })
  )

  it.effect("a flash model without stream: it is streamed to all the same", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.wav("tone", 5)
      const asked = Schema.decodeSync(omniAsk.config)({ provider: "local", prompt: "What?" })
      yield* Rig.within({ local: { stream: false } })(omniAsk.run({ audio }, asked))
      expect(yield* emulator.statement).toMatchObject({ paid: 1, refused: {} })
    })
  )

  it.effect("an endpoint that is down", () =>
    Effect.gen(function* () {
      const audio = yield* Rig.wav("tone", 5)
      const { baseUrl } = yield* Effect.scoped(ModelEmulator.start())
      const found = yield* outcome({ local: { baseUrl } }, audio)
      expect(found).toMatchObject({ code: "Unreachable", retry: "later", ...silentOnWire })
      expect(found.message).toBe(`local: nothing answers at ${baseUrl} (ECONNREFUSED)`)
      expect(found.help).toContain("baseUrl")
    })
  )

  it.effect("settings that don't fit are faults of the config", () =>
    Effect.gen(function* () {
      const fault = (with_: Partial<typeof caption.config.Encoded>, world: Rig.World = {}) =>
        Effect.map(Effect.flip(Rig.within(world)(caption.keyParts?.(config(with_)) ?? Effect.void)), (error) => [
          "code" in error ? error.code : "",
          "retry" in error ? error.retry : "",
          String(error.message)
        ])
      expect(yield* fault({ window: 3000 })).toEqual([
        "WindowTooLong",
        "config",
        "a window of 3000 s is 600 s more than 'qwen3-omni-30b-a3b-captioner' takes at once from 'local'"
      ])
      expect(yield* fault({ provider: "lokal" })).toContain("ProviderUnknown")
      expect(yield* fault({ provider: "dashscope-us" })).toContain("ModelNotHere")
      expect(yield* fault({ model: "qwen-plus" })).toContain("ModelDeaf")
      const schema = Schema.decodeSync(omniAsk.config)({ provider: "local", prompt: "?", schema: { type: "list" } })
      expect(yield* Effect.flip(Rig.within({})(omniAsk.keyParts?.(schema) ?? Effect.void))).toMatchObject({
        code: "SchemaRefused",
        retry: "config"
      })
    })
  )

  it.effect("keys depend on who answers and how, not on names and places", () =>
    Effect.gen(function* () {
      const { emulator } = yield* Rig.Rig
      const extras = (world: Rig.World, with_: Partial<typeof caption.config.Encoded> = {}) =>
        Rig.within(world)(caption.keyParts?.(config(with_)) ?? Effect.succeed({}))
      const usual = {
        routes: [{ authority: `127.0.0.1:${emulator.port}/compatible-mode/v1`, model: "qwen3-omni-30b-a3b-captioner" }],
        prompts: [],
        window: 30
      }
      expect(yield* extras({})).toEqual(usual)
      expect(yield* extras({}, { model: "qwen3-omni-30b-a3b-captioner", window: 30 })).toEqual(usual)
      const [cn, intl] = [yield* extras({}, { provider: "dashscope-cn" }), yield* extras({}, { provider: "dashscope-intl" })]
      expect(cn).toEqual(intl)
      expect(cn).not.toEqual(usual)
      const words = JSON.stringify([
        usual,
        cn,
        yield* Rig.within({})(
          textTags.keyParts?.(Schema.decodeSync(textTags.config)({ provider: "dashscope-cn", vocabulary: "mood" })) ?? Effect.void
        )
      ])
      expect(words).not.toMatch(/aliyuncs|dashscope-cn|http/)
    })
  )
})
