import { Effect } from "effect"
import { ModelCatalog } from "@mediaspool/plugins"
import type { Checked } from "./Validation.js"
import { type Decode, sniff } from "./Decoder.js"
import { type Refusal, refusals } from "./Refusal.js"
import type { Sound } from "./Sound.js"
import type { UploadStore } from "./UploadStore.js"

/** The audio of a request, fetched and decoded. */
export interface Received {
  readonly bytes: Buffer
  readonly sound: Sound
}

const dataUrl = /^data:([^,;]*)((?:;[^,;]*)*?);base64,/i

const decodeBase64 = (url: string, from: number): Buffer | undefined => {
  const text = url.slice(from)
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, "base64") : undefined
}

/** Fetches from this machine only: an emulator has no business elsewhere. */
const download = (url: string, limit: number): Effect.Effect<Buffer, Refusal> =>
  Effect.tryPromise(async (signal) => {
    const host = new URL(url).hostname
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) return undefined
    const response = await fetch(url, { signal, redirect: "error" })
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined
  }).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.flatMap((bytes) =>
      bytes === undefined
        ? Effect.fail(refusals.download)
        : bytes.length > limit
          ? Effect.fail(refusals.size)
          : Effect.succeed(bytes)
    )
  )

export const limitsOf = ({ audio, video }: ModelCatalog.CatalogModel) => ({
  ...ModelCatalog.usualAudio,
  ...audio,
  maxVideoSeconds: video?.maxSeconds
})

/** The bytes behind a URL of a request. */
export const bytesOf = (checked: Checked, url: string, store: UploadStore, resolves: boolean): Effect.Effect<Buffer, Refusal> => {
  const limits = limitsOf(checked.vendor)
  const data = dataUrl.exec(url)
  if (data !== null) {
    if (url.length >= limits.maxBase64Bytes) return Effect.fail(refusals.uri)
    const bytes = decodeBase64(url, data[0].length)
    return bytes === undefined
      ? Effect.fail(refusals.url)
      : bytes.length === 0
        ? Effect.fail(refusals.empty)
        : Effect.succeed(bytes)
  }
  if (url.startsWith("oss://") && checked.protocol !== "vllm") {
    const bytes = resolves ? store.find(url, checked.model) : undefined
    return bytes === undefined ? Effect.fail(refusals.download) : Effect.succeed(bytes)
  }
  return /^https?:\/\//.test(url) ? download(url, limits.maxUrlBytes) : Effect.fail(refusals.url)
}

/** Fetches the audio and holds it against the model's limits. */
export const receive = (
  checked: Checked,
  url: string,
  decode: Decode,
  store: UploadStore,
  resolves: boolean
): Effect.Effect<Received, Refusal> =>
  Effect.gen(function* () {
    const bytes = yield* bytesOf(checked, url, store, resolves)
    const format = sniff(bytes)
    if (format === undefined) return yield* refusals.data("The audio format is illegal and cannot be opened.")
    const sound = yield* decode(bytes, format).pipe(Effect.mapError(({ message }) => refusals.data(message)))
    const seconds = sound.samples.length / sound.rate
    if (seconds === 0) return yield* refusals.empty
    if (seconds < 0.1) return yield* refusals.tooShort
    // An encoder's padding at the end is no offence.
    if (seconds > limitsOf(checked.vendor).maxSeconds + 1) return yield* refusals.tooLong
    return { bytes, sound }
  })
