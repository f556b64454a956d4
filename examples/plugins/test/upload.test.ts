import { describe, expect, it } from "@effect/vitest"
import { StageTest } from "@mediaspool/core/testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, Option } from "effect"
import plugin, { upload } from "../src/upload.js"
import * as ObjectStorage from "./ObjectStorage.fixture.js"

const secrets = { AWS_ACCESS_KEY_ID: "AK0815", AWS_SECRET_ACCESS_KEY: "s3cret-4711" }
const bytes = SampleMedia.wav("chords", { seconds: 2 })

/** The sink, a file for it, and a storage that answers so. */
const setUp = (trouble: ReadonlyArray<number>, keys: Readonly<Record<string, string>> = secrets) =>
  Effect.gen(function* () {
    const storage = yield* ObjectStorage.make("AK0815", trouble)
    const test = yield* StageTest.make({ plugin, secrets: keys })
    const file = yield* test.sourceFile("chords.wav", bytes, "audio/wav")
    const put = (bucket = "sounds") => test.sink(upload, { file }, { endpoint: storage.endpoint, bucket })
    return { name: `/sounds/${file.file.hash}.wav`, put, storage }
  })

describe("upload", () => {
  it.scoped("streams a file into the bucket, once for each bucket", () =>
    Effect.gen(function* () {
      const { name, put, storage } = yield* setUp([])
      expect(Option.isSome(yield* put())).toBe(true)
      expect(storage.objects.get(name)?.equals(bytes)).toBe(true)
      expect(Option.isSome(yield* put())).toBe(false)
      expect(Option.isSome(yield* put("more"))).toBe(true)
      expect(storage.answers).toEqual([200, 200])
    })
  )

  it.scoped("leaves no receipt of what failed, and says how it is met", () =>
    Effect.gen(function* () {
      const { name, put, storage } = yield* setUp([503, 500, 0])
      const met = Effect.flip(put())
      expect([yield* met, yield* met, yield* met]).toMatchObject([
        { code: "HttpBusy", retry: "later", retryAfterMillis: 1_000 },
        { code: "HttpServerFailed", retry: "now" },
        { code: "HttpUnreachable", retry: "later" }
      ])
      expect(storage.objects.size).toBe(0)
      yield* put()
      expect([...storage.objects.keys()]).toEqual([name])
    })
  )

  it.scoped("stops the run with a key that is refused, and names none", () =>
    Effect.gen(function* () {
      const { put } = yield* setUp([], { ...secrets, AWS_ACCESS_KEY_ID: "AK-WRONG" })
      const failure = yield* Effect.flip(put())
      expect(failure).toMatchObject({ code: "HttpUnauthorized", retry: "config" })
      expect(failure.message).toContain("InvalidAccessKeyId")
      expect(failure.message).not.toContain("s3cret-4711")
    })
  )
})
