import { expect, layer } from "@effect/vitest"
import { Cost } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { AudioFile } from "../kinds.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as Wav from "../testing/Wav.js"
import { render, type Sound } from "../testing/Synthesis.js"
import { caption } from "./Caption.js"
import * as Rig from "./listen/ListeningStage.fixture.js"

const config = (more: Partial<typeof caption.config.Encoded> = {}) =>
  Schema.decodeSync(caption.config)({ provider: "local", ...more })

/** Sounds one after the other. */
const sequence = (...parts: ReadonlyArray<readonly [Sound, number]>): Buffer => {
  const all = parts.map(([sound, seconds]) => render(sound, seconds, 16_000))
  const whole = new Float32Array(all.reduce((sum, one) => sum + one.length, 0))
  let at = 0
  for (const one of all) {
    whole.set(one, at)
    at += one.length
  }
  return Wav.encode([whole], 16_000)
}
const clear = Effect.flatMap(Rig.Rig, ({ emulator }) => Effect.zipRight(emulator.clear, emulator.reset))

layer(Rig.layer, { excludeTestServices: true })("caption", (it) => {
  it.effect("says what is heard, once", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.mp3("tone", 5)
      const records = Rig.recorder()
      const run = Rig.within({ recorder: records })(caption.run({ audio, speech: undefined }, config()))
      const first = yield* run
      expect(first.text).toMatch(/^The recording lasts 5\.\d seconds\. It holds a tone near 440 Hz \(A4\) throughout\./)
      expect(first).toMatchObject({ model: "qwen3-omni-30b-a3b-captioner", provider: "local", omitted: [] })
      expect(first.segments).toMatchObject([{ startSeconds: 0, text: first.text }])
      expect(yield* run).toEqual(first)
      expect(yield* emulator.statement).toMatchObject({ paid: 1, requests: 1 })
    })
  )

  it.effect("goes through a long recording in windows, leaves silence out, and keeps the times", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator, folder } = yield* Rig.Rig
      const audio = yield* Rig.encoded(
        "long",
        sequence(["tone", 25], ["silence", 40], ["noise", 20], ["silence", 2], ["tone", 20]),
        folder
      )
      const records = Rig.recorder()
      const found = yield* Rig.within({ recorder: records })(caption.run({ audio, speech: undefined }, config()))
      expect(found.omitted).toMatchObject([{ reason: "silent" }])
      const bounds = found.segments.map(({ endSeconds, startSeconds }) => [Math.round(startSeconds), Math.round(endSeconds)])
      expect(bounds).toEqual([
        [0, 25],
        [65, 86],
        [86, 107]
      ])
      expect(found.segments.map(({ text }) => /440 Hz/.test(text))).toEqual([true, false, true])
      expect(found.text).toMatch(/^0:00–0:25\nThe recording lasts 25\.\d/)
      expect((yield* emulator.statement).paid).toBe(3)
      expect(records.decisions.size).toBe(1)
      const identities = records.calls.map(({ call }) => call.identity)
      expect(new Set(identities.map(({ window }) => JSON.stringify(window))).size).toBe(3)
      for (const identity of identities)
        expect(identity).toMatchObject({
          audio: { key: "result-of-long.mp3", slot: "audio" },
          model: "qwen3-omni-30b-a3b-captioner"
        })
    })
  )

  it.effect("sends nothing of a copy in which nothing is heard, and says why", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const inaudible = "it holds nothing audible: all that sounds lies above 20 kHz"
      const audio = new AudioFile({ ...(yield* Rig.wav("noise", 3)), inaudible })
      const ask = (silence: number) => Rig.within({})(caption.run({ audio, speech: undefined }, config({ silence })))
      expect(yield* Effect.flip(ask(-50))).toMatchObject({ code: "AudioSilent", detail: inaudible, retry: "skip" })
      expect((yield* emulator.statement).requests).toBe(0)
      // Who asks for what is as quiet as that gets it.
      expect((yield* ask(-80)).segments.length).toBe(1)
    })
  )

  it.effect("sends nothing of infrasound, and a voice over a rumble", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator, folder } = yield* Rig.Rig
      const rate = 16_000
      const samples = (level: number) =>
        Float32Array.from(
          { length: 3 * rate },
          (_, n) => 0.5 * Math.sin((2 * Math.PI * 9 * n) / rate) + level * Math.sin((2 * Math.PI * 440 * n) / rate)
        )
      const of = (level: number) =>
        Effect.gen(function* () {
          const { path } = yield* SampleMedia.write(folder, `rumble-${level}.wav`, Wav.encode([samples(level)], rate))
          return yield* Rig.within({})(caption.run({ audio: yield* Rig.audioFile(path), speech: undefined }, config({})))
        })
      expect(yield* Effect.flip(of(0))).toMatchObject({
        code: "AudioSilent",
        detail: "it holds nothing audible: all that sounds lies below 20 Hz"
      })
      expect((yield* emulator.statement).requests).toBe(0)
      expect((yield* of(0.05)).segments.length).toBe(1)
    })
  )

  it.effect("goes on where a broken run left off, and pays for nothing twice", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.wav("sweep", 15)
      const records = Rig.recorder()
      yield* emulator.script({ kind: "internal_error", after: 2 })
      const run = Rig.within({ recorder: records })(caption.run({ audio, speech: undefined }, config({ parallel: 2, window: 3 })))
      const error = yield* Effect.flip(run)
      expect(error).toMatchObject({ code: "ServiceFailed", retry: "now" })
      const before = yield* emulator.statement
      // What was under way beside the failure is recorded too.
      expect(before.paid).toBe(records.calls.length)
      expect(before.paid).toBeLessThan(5)
      const found = yield* run
      expect(found.segments.length).toBe(5)
      const after = yield* emulator.statement
      expect(after.paid).toBe(5)
      expect(Object.values(after.byKey)).toEqual([1, 1, 1, 1, 1])
    })
  )

  it.effect("leaves a moderated window out, and doesn't try it again", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.wav("sweep", 6)
      const records = Rig.recorder()
      yield* emulator.script({ kind: "moderation" })
      const run = Rig.within({ recorder: records })(caption.run({ audio, speech: undefined }, config({ parallel: 1, window: 3 })))
      const found = yield* run
      expect(found.omitted).toMatchObject([{ startSeconds: 0, reason: "moderated" }])
      expect(found.segments.length).toBe(1)
      yield* run
      expect(yield* emulator.statement).toMatchObject({ requests: 2, paid: 1 })
      yield* emulator.script({ kind: "moderation_midway", times: 2 })
      const error = yield* Effect.flip(Rig.within({})(caption.run({ audio, speech: undefined }, config({ window: 3 }))))
      expect(error).toMatchObject({ code: "Moderated", retry: "never" })
    })
  )

  it.effect("asks once more when the model goes round in circles or says nothing", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.wav("tone", 5)
      yield* emulator.script({ kind: "repetition" })
      const records = Rig.recorder()
      expect((yield* Rig.within({ recorder: records })(caption.run({ audio, speech: undefined }, config()))).text).not.toContain(
        "on and on"
      )
      expect(records.calls.map(({ call }) => call.identity["sampling"])).toEqual([{}, { seed: 1 }])
      yield* emulator.script({ kind: "empty" })
      expect((yield* Rig.within({})(caption.run({ audio, speech: undefined }, config()))).text).toContain("440 Hz")
      yield* emulator.script({ kind: "empty", times: 2 })
      expect(yield* Effect.flip(Rig.within({})(caption.run({ audio, speech: undefined }, config())))).toMatchObject({
        code: "EmptyAnswer",
        retry: "never"
      })
    })
  )

  it.effect("has one text for the whole made by a chat model, when asked to", () =>
    Effect.gen(function* () {
      yield* clear
      const audio = yield* Rig.wav("sweep", 6)
      const records = Rig.recorder()
      const found = yield* Rig.within({ recorder: records })(
        caption.run({ audio, speech: undefined }, config({ window: 3, summary: { words: 50 } }))
      )
      expect(found.text).toMatch(/^In short: /)
      expect(records.calls.at(-1)?.call).toMatchObject({ model: "qwen-plus", identity: { prompt: { id: "caption-summary@1" } } })
    })
  )

  it.effect("lets an omni model caption too, telling it what to do", () =>
    Effect.gen(function* () {
      yield* clear
      const audio = yield* Rig.wav("tone", 5)
      const found = yield* Rig.within({})(caption.run({ audio, speech: undefined }, config({ model: "qwen3-omni-flash" })))
      expect(found).toMatchObject({ model: "qwen3-omni-flash", text: expect.stringContaining("440 Hz") })
    })
  )

  it.effect("speaks the native protocol, uploads, and asks servers for open models", () =>
    Effect.gen(function* () {
      yield* clear
      const { emulator } = yield* Rig.Rig
      const audio = yield* Rig.wav("tone", 5)
      const native = yield* Rig.within({ local: { protocol: "native" } })(caption.run({ audio, speech: undefined }, config()))
      const small = { "qwen3-omni-30b-a3b-captioner": { maxBase64Bytes: 5000 } }
      const uploaded = yield* Rig.within({ local: { upload: true, models: small } })(
        caption.run({ audio, speech: undefined }, config())
      )
      const vllm = yield* Rig.within({ providers: { vllm: { baseUrl: emulator.selfHostedUrl } } })(
        caption.run({ audio, speech: undefined }, config({ provider: "vllm" }))
      )
      for (const { text } of [native, uploaded, vllm]) expect(text).toContain("440 Hz")
    })
  )

  it.effect("puts a price on every call, before and after", () =>
    Effect.gen(function* () {
      yield* clear
      const audio = yield* Rig.wav("tone", 5)
      const records = Rig.recorder()
      const price = { currency: "USD", audioIn: 3.81, textOut: 3.06 }
      yield* Rig.within({ recorder: records, local: { models: { "qwen3-omni-30b-a3b-captioner": { price } } } })(
        caption.run({ audio, speech: undefined }, config())
      )
      const [entry] = records.calls
      expect(entry?.call.estimate && Cost.format(entry.call.estimate)).toMatch(/^0\.001\d+ USD$/)
      expect(entry?.reply.price && Cost.format(entry.reply.price)).toMatch(/^0\.000\d+ USD$/)
      expect(entry?.reply.requestId).toMatch(/^[0-9a-f-]{36}$/)
    })
  )
})
