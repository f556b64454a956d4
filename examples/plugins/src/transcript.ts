import { HttpClientRequest } from "@effect/platform"
import {
  Account,
  AccountError,
  CallHeld,
  Calls,
  Failure,
  Field,
  Http,
  HttpError,
  Kind,
  Money,
  Plugin,
  SecretError,
  SecretRef,
  Secrets,
  Stage
} from "@mediaspool/core"
import { AudioFile } from "@mediaspool/plugins"
import { BigDecimal, Effect, Schema } from "effect"
import { promises as fs } from "node:fs"

const Line = Schema.Struct({ startSeconds: Schema.Number, endSeconds: Schema.Number, text: Schema.String })

/** What is said, and when: searched by its words, found with its times. */
export class Transcript
  extends Schema.TaggedClass<Transcript>("example-transcript/Transcript")("Transcript", { lines: Schema.Array(Line) })
  implements Kind.Searched
{
  [Kind.searched]() {
    return { segments: this.lines, model: "asr-1", provider: "asr.example.com" }
  }
}

export class TranscriptError extends Failure.Class<TranscriptError>()("TranscriptError", {
  TranscriptNotPcm: { retry: "config", help: "Let `transcode` make a WAV of 16 bits, 16000 Hz and one channel above the stage." }
}) {}

const BYTES_A_SECOND = 32_000
/** By the service's price list. */
const priceOf = (seconds: number) => new Money({ currency: "USD", amount: BigDecimal.unsafeFromString(`${seconds / 10_000}`) })

export const transcript = Stage.make({
  name: "transcript",
  version: 1,
  summary: "Writes down what is said, by a paid service",
  input: { audio: AudioFile },
  output: Transcript,
  config: Schema.Struct({
    url: Field.withDefault(Field.unkeyed(Schema.String), "https://asr.example.com/v1", "Where the service is"),
    apiKey: Field.withDefault(SecretRef, { env: "ASR_API_KEY" }, "Where the service's key is"),
    windowSeconds: Field.withDefault(Schema.Int.pipe(Schema.between(1, 300)), 30, "Length of the sound in one request")
  }),
  error: Schema.Union(AccountError, CallHeld, HttpError, SecretError, TranscriptError),
  secrets: ({ apiKey }) => Effect.succeed([apiKey]),
  resource: () => Account.resource("asr"),
  run: ({ audio }, { apiKey, url, windowSeconds }) =>
    Effect.gen(function* () {
      if (audio.codec !== "pcm_s16le" || audio.channels !== 1 || audio.sampleRate !== 16_000)
        return yield* new TranscriptError({ code: "TranscriptNotPcm", detail: `the copy is ${audio.codec}` })
      const bytes = yield* Effect.promise(() => fs.readFile(audio.file.path))
      const samples = bytes.subarray(bytes.indexOf("data") + 8)
      const size = windowSeconds * BYTES_A_SECOND
      const windows = Array.from({ length: Math.ceil(samples.length / size) }, (_, n) =>
        samples.subarray(n * size, (n + 1) * size)
      )
      const account = yield* Account.named("asr")
      const secrets = yield* Secrets
      const ask = (sound: Uint8Array, from: number) =>
        Effect.gen(function* () {
          // It gives times from the start of the whole.
          const request = HttpClientRequest.post(url, { urlParams: { from } }).pipe(
            HttpClientRequest.bearerToken(yield* secrets.resolve(apiKey)),
            HttpClientRequest.bodyUint8Array(sound, "audio/L16;rate=16000")
          )
          return { body: (yield* Http.request(request)).text, price: priceOf(sound.length / BYTES_A_SECOND) }
        })
      const replies = yield* Calls.each(
        windows,
        (sound, window) =>
          account.call(
            {
              identity: { authority: "asr.example.com", model: "asr-1", audio: audio.file.key, window, windowSeconds },
              model: "asr-1",
              onAmbiguous: "hold"
            },
            ask(sound, window * windowSeconds),
            sound.length / BYTES_A_SECOND
          ),
        { concurrency: 4 }
      )
      const heard = yield* Effect.forEach(replies, ({ body }) => Http.json(body, Schema.Struct({ lines: Schema.Array(Line) })))
      return new Transcript({ lines: heard.flatMap(({ lines }) => lines) })
    })
})

export default Plugin.make({
  name: "example-transcript",
  stages: [transcript],
  permissions: { hosts: ["*"], secrets: ["*"] }
})
