import { describe, expect, it } from "@effect/vitest"
import { Kind } from "@mediaspool/core"
import { StageTest } from "@mediaspool/core/testing"
import { mediaPlugin, transcode } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import plugin, { transcript } from "../src/transcript.js"

const secrets = { ASR_API_KEY: "k-0815" }
const settings = { accounts: { asr: { rpm: 6000, concurrency: 2 } } }
const said = ({ url }: Request, text: string) => {
  const from = Number(new URL(url).searchParams.get("from"))
  return Response.json({ lines: [{ startSeconds: from + 0.5, endSeconds: from + 1, text }] })
}

/** Three seconds of sound as the stage wants it: three windows of one second. */
const copy = Effect.gen(function* () {
  const test = yield* StageTest.make({ plugin: mediaPlugin })
  const file = yield* test.sourceFile("chords.wav", SampleMedia.wav("chords", { seconds: 3 }), "audio/wav")
  return yield* test.run(transcode, { file }, { format: "wav", codec: "pcm_s16le", channels: 1, sampleRate: 16_000 })
})

describe("transcript", () => {
  it.scoped("pays for each window once, whatever fails between them, and says when things are said", () =>
    Effect.gen(function* () {
      let asked = 0
      // The second request is refused by a busy service.
      const layer = StageTest.http((request) => (++asked === 2 ? new Response("busy", { status: 429 }) : said(request, "hello")))
      const test = yield* StageTest.make({ plugin, layer, secrets, settings })
      const audio = yield* copy
      const run = test.run(transcript, { audio }, { windowSeconds: 1 })
      expect(yield* Effect.flip(run)).toMatchObject({ code: "HttpBusy", retry: "later", billed: "no" })
      const { lines } = yield* run
      expect(lines.map(({ startSeconds }) => startSeconds)).toEqual([0.5, 1.5, 2.5])
      expect(new Set(test.calls.map(({ call }) => JSON.stringify(call.identity))).size).toBe(3)
      expect([asked, test.calls.length]).toEqual([4, 3])
      expect(yield* run).toMatchObject({ lines })
      expect(asked).toBe(4)
    })
  )

  it.scoped("is found by what is said", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({
        plugin,
        layer: StageTest.http((request) => said(request, "good morning")),
        secrets,
        settings
      })
      const value = yield* test.run(transcript, { audio: yield* copy })
      expect(value[Kind.searched]().segments).toEqual([{ startSeconds: 0.5, endSeconds: 1, text: "good morning" }])
    })
  )

  it.scoped("sends nothing without a key", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make({ plugin, secrets: {}, settings })
      expect(yield* Effect.flip(test.run(transcript, { audio: yield* copy }))).toMatchObject({ code: "SecretMissing" })
    })
  )
})
