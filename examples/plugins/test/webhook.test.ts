import { describe, expect, it } from "@effect/vitest"
import { StageTest } from "@mediaspool/core/testing"
import { Caption } from "@mediaspool/plugins"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, Option } from "effect"
import plugin, { webhook } from "../src/webhook.js"

const url = "https://hooks.example.com/media"
const caption = (text: string) => ({
  node: "caption",
  value: new Caption({ text, segments: [], model: "m", provider: "p", omitted: [] })
})

describe("webhook", () => {
  it.scoped("posts once for a file, and again when there is something new to say", () =>
    Effect.gen(function* () {
      const posted: Array<string> = []
      const layer = StageTest.http(async (request) => {
        posted.push(await request.text())
        return new Response(null, { status: 204 })
      })
      const test = yield* StageTest.make({ plugin, layer })
      const file = yield* test.sourceFile("tone.wav", SampleMedia.wav("tone", { seconds: 1 }), "audio/wav")
      const post = (text: string) => Effect.map(test.sink(webhook, { file, captions: [caption(text)] }, { url }), Option.isSome)
      expect([yield* post("A tone."), yield* post("A tone."), yield* post("A pure tone.")]).toEqual([true, false, true])
      expect(posted.map((text) => JSON.parse(text).captions[0].text)).toEqual(["A tone.", "A pure tone."])
    })
  )

  it.scoped("holds a message that may have arrived, and posts one that was refused again", () =>
    Effect.gen(function* () {
      const answers = [new Response("slow down", { status: 429 })]
      const layer = StageTest.http(() => answers.shift() ?? Promise.reject(new Error("the connection broke")))
      const test = yield* StageTest.make({ plugin, layer })
      const file = yield* test.sourceFile("tone.wav", SampleMedia.wav("tone", { seconds: 1 }), "audio/wav")
      const post = Effect.flip(test.sink(webhook, { file, captions: [] }, { url }))
      expect(yield* post).toMatchObject({ code: "HttpBusy" })
      expect(yield* post).toMatchObject({ code: "HttpUnreachable" })
      expect(yield* post).toMatchObject({ code: "CallUnanswered", retry: "never" })
    })
  )
})
