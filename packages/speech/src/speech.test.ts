import { describe, expect, it } from "@effect/vitest"
import { StageTest } from "@mediaspool/core/testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import plugin, { speech } from "./index.js"

/** Two seconds of silence, then six in which somebody seems to speak, with pauses. */
const late = () => {
  const rate = 44_100
  const [head, spoken] = [SampleMedia.wav("silence", { seconds: 2 }), SampleMedia.wav("speech", { seconds: 6 })]
  const data = Buffer.concat([head.subarray(44), spoken.subarray(44)])
  const bytes = Buffer.concat([spoken.subarray(0, 44), data])
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.writeUInt32LE(data.length, 40)
  expect(data.length).toBe(8 * rate * 2)
  return bytes
}

const found = (name: string, bytes: Uint8Array, config: typeof speech.config.Encoded = {}) =>
  Effect.gen(function* () {
    const test = yield* StageTest.make({ plugin })
    const file = yield* test.sourceFile(name, bytes, "audio/wav")
    const { spans } = yield* test.run(speech, { file }, config)
    expect(yield* test.leftovers).toEqual([])
    return spans
  })

describe("speech", () => {
  it.scopedLive("finds speech where it is, and how sure that is", () =>
    Effect.gen(function* () {
      const spans = yield* found("late.wav", late(), { pauseSeconds: 1 })
      expect(spans.length).toBeGreaterThan(0)
      expect(spans[0]?.startSeconds).toBeGreaterThan(1.7)
      expect(spans[0]?.startSeconds).toBeLessThan(3)
      for (const { endSeconds, probability } of spans) {
        expect(endSeconds).toBeLessThanOrEqual(8.01)
        expect(probability).toBeGreaterThan(0.35)
        expect(probability).toBeLessThanOrEqual(1)
      }
    })
  )

  it.scopedLive("finds none in a tone, chords, drums, noise and silence", () =>
    Effect.gen(function* () {
      for (const sound of ["tone", "chords", "drums", "noise", "silence"] as const)
        expect(yield* found(`${sound}.wav`, SampleMedia.wav(sound, { seconds: 4 })), sound).toEqual([])
    })
  )

  it.scopedLive("listens to the track that is named", () =>
    Effect.gen(function* () {
      const bytes = SampleMedia.wav("speech", { seconds: 4 })
      expect(yield* found("first.wav", bytes, { track: "first" })).toEqual(yield* found("default.wav", bytes))
      expect(yield* Effect.flip(found("second.wav", bytes, { track: 2 }))).toMatchObject({ code: "NoAudio" })
    })
  )

  it.scopedLive("does not apply to a video without sound", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin })
      const file = yield* test.sourceFile("silent.avi", SampleMedia.avi(undefined), "video/x-msvideo")
      expect(yield* Effect.flip(test.run(speech, { file }))).toMatchObject({ code: "NoAudio", retry: "skip" })
    })
  )
})
