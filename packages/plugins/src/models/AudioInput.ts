import { FileSystem } from "@effect/platform"
import { Effect, Either } from "effect"
import { ModelError } from "./ModelError.js"
import type { AudioLimits } from "./catalog/CatalogSchema.js"
import { audioTokens, type ModelSpec } from "./catalog/ModelSpec.js"
import type { Provider } from "./catalog/Provider.js"
import type { AudioPart } from "./client/RequestBody.js"

/** A sound on disk, as far as a model's limits care. */
export interface Sound {
  readonly container: string
  readonly codec: string
  readonly bytes: number
  readonly seconds: number
  /** Channels that have to stay as they are; absent: they may be mixed. */
  readonly channels?: number | undefined
}

/** A copy that fits. */
export interface Encoding {
  readonly container: "mp3" | "wav"
  readonly codec: "mp3" | "pcm_s16le"
  readonly sampleRate: number
  readonly channels: number
  /** Bits per second; absent for PCM. */
  readonly bitRate?: number
}

/** How a sound reaches the model. */
export interface Way {
  /** Absent: the file as it is. */
  readonly encoding: Encoding | undefined
  readonly by: "data" | "upload"
}

const types: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg",
  wav: "audio/wav",
  aac: "audio/aac",
  amr: "audio/amr",
  "3gp": "audio/3gpp",
  flac: "audio/flac",
  ogg: "audio/ogg"
}

/** The container's name among a model's formats. WAV is a box for anything; only PCM and GSM are taken. */
const formatOf = ({ codec, container }: Pick<Sound, "container" | "codec">): string | undefined =>
  container === "wav" && !/^(pcm_|gsm_ms|gsm$)/.test(codec) ? undefined : container

const prefix = (format: string): string => `data:${types[format] ?? "application/octet-stream"};base64,`

/** Bytes of the data URL of so many bytes. */
export const dataUrlBytes = (bytes: number, format: string): number => prefix(format).length + 4 * Math.ceil(bytes / 3)

/** Bits per second, the best first. Below the last, speech is no longer understood. */
const bitRates = [64_000, 48_000, 32_000, 24_000, 16_000]
/** Frames and headers that a bit rate doesn't count. */
const overhead = 4096

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(seconds % 1 === 0 ? 0 : 1).padStart(seconds % 1 === 0 ? 2 : 4, "0")}`
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Less than a second counts, and is sent, as a second. */
const shortest = 1

/** Refuses what a request can't hold, with the limit, the excess and what would help. */
const tooLong = (model: ModelSpec, provider: Provider, seconds: number): ModelError | undefined => {
  if (model.audio === undefined) return new ModelError({ code: "ModelDeaf", detail: `'${model.name}' doesn't listen` })
  const { maxSeconds } = model.audio
  if (seconds > maxSeconds)
    return new ModelError({
      code: "AudioTooLong",
      detail: `${clock(seconds)} is ${clock(seconds - maxSeconds)} more than the ${clock(maxSeconds)} that '${model.name}' takes at once from '${provider.name}'`
    })
  const tokens = audioTokens(model, seconds)
  return tokens > model.maxInputTokens
    ? new ModelError({
        code: "AudioTooLong",
        detail: `${clock(seconds)} of audio are ${tokens} tokens, ${tokens - model.maxInputTokens} more than '${model.name}' takes at once`
      })
    : undefined
}

/** A copy with all channels: no codec that models take keeps more than two apart. */
const separate = (
  provider: Provider,
  name: string,
  { maxBase64Bytes, maxUrlBytes }: AudioLimits,
  seconds: number,
  channels: number
): Either.Either<Way, ModelError> => {
  const sampleRate = 16_000
  const bytes = Math.ceil(seconds * sampleRate * 2 * channels) + overhead
  const encoding: Encoding = { container: "wav", codec: "pcm_s16le", sampleRate, channels }
  if (dataUrlBytes(bytes, "wav") < maxBase64Bytes) return Either.right({ encoding, by: "data" })
  if (provider.upload && bytes <= maxUrlBytes) return Either.right({ encoding, by: "upload" })
  return Either.left(
    new ModelError({
      code: "AudioTooLarge",
      detail: `${clock(seconds)} of ${channels} channels make ${megabytes(dataUrlBytes(bytes, "wav"))} of base64, more than '${name}' takes in a request`
    })
  )
}

/**
 * How a sound of this kind and length is sent: as it is where the model takes it, else in a copy of the best bit rate that fits, else
 * through the temporary upload where the provider has it. Fails before anything is spent.
 *
 * @param cut it is a part of the file, so a copy is made anyway
 */
export const way = (provider: Provider, model: ModelSpec, sound: Sound, cut: boolean): Either.Either<Way, ModelError> => {
  const refused = tooLong(model, provider, sound.seconds)
  if (refused !== undefined || model.audio === undefined)
    return Either.left(refused ?? new ModelError({ code: "ModelDeaf", detail: `'${model.name}' doesn't listen` }))
  const { formats, maxBase64Bytes, maxUrlBytes } = model.audio
  const format = formatOf(sound)
  const accepted = !cut && sound.seconds >= shortest && format !== undefined && formats.includes(format)
  if (accepted && dataUrlBytes(sound.bytes, format) < maxBase64Bytes) return Either.right({ encoding: undefined, by: "data" })
  if (accepted && provider.upload && sound.bytes <= maxUrlBytes) return Either.right({ encoding: undefined, by: "upload" })
  if (sound.seconds < shortest)
    return Either.right({ encoding: { container: "wav", codec: "pcm_s16le", sampleRate: 16_000, channels: 1 }, by: "data" })
  if (sound.channels !== undefined && sound.channels > 1)
    return separate(provider, model.name, model.audio, sound.seconds, sound.channels)
  const bytes = (bitRate: number) => Math.ceil((sound.seconds * bitRate) / 8) + overhead
  const copy = (bitRate: number): Encoding => ({ container: "mp3", codec: "mp3", sampleRate: 16_000, channels: 1, bitRate })
  const fitting = bitRates.find((bitRate) => dataUrlBytes(bytes(bitRate), "mp3") < maxBase64Bytes)
  if (fitting !== undefined) return Either.right({ encoding: copy(fitting), by: "data" })
  const uploadable = bitRates.find((bitRate) => bytes(bitRate) <= maxUrlBytes)
  if (provider.upload && uploadable !== undefined) return Either.right({ encoding: copy(uploadable), by: "upload" })
  const least = dataUrlBytes(bytes(bitRates.at(-1) ?? 0), "mp3")
  return Either.left(
    new ModelError({
      code: "AudioTooLarge",
      detail: `${clock(sound.seconds)} make ${megabytes(least)} of base64 even at 16 kbps, ${megabytes(least - maxBase64Bytes)} more than '${model.name}' takes in a request`
    })
  )
}

/** Where a RIFF file's chunk begins and how long its content is. */
const chunk = (wav: Buffer, name: string): { readonly at: number; readonly length: number } | undefined => {
  for (let at = 12; at + 8 <= wav.length;) {
    const length = Math.min(wav.readUInt32LE(at + 4), wav.length - at - 8)
    if (wav.toString("latin1", at, at + 4) === name) return { at, length }
    at += 8 + length + (length % 2)
  }
  return undefined
}

/** A PCM WAV file with silence after its sound, up to so many seconds. Another file, or one that is long enough, stays as it is. */
export const padWav = (wav: Buffer, seconds: number): Buffer => {
  if (wav.length < 12 || wav.toString("latin1", 0, 4) !== "RIFF" || wav.toString("latin1", 8, 12) !== "WAVE") return wav
  const format = chunk(wav, "fmt ")
  const data = chunk(wav, "data")
  if (format === undefined || format.length < 16 || data === undefined) return wav
  const block = wav.readUInt16LE(format.at + 20)
  const rate = wav.readUInt32LE(format.at + 12)
  const missing = Math.ceil(seconds * rate) * block - data.length
  if (missing <= 0 || wav.readUInt16LE(format.at + 22) < 16) return wav
  const head = Buffer.from(wav.subarray(0, data.at + 8 + data.length))
  head.writeUInt32LE(data.length + missing, data.at + 4)
  head.writeUInt32LE(head.length + missing - 8, 4)
  return Buffer.concat([head, Buffer.alloc(missing)])
}

const unreadable = (path: string) => (cause: unknown) =>
  new ModelError({ code: "AudioUnreadable", detail: `${path} can't be read: ${String(cause)}` })

/** Base64 of whole triples goes together without a seam. */
const step = 3 * 64 * 1024

/**
 * The audio as a data URL. Read piece by piece: a file costs its base64 and a piece, not two more copies. What is shorter than a
 * second gets silence after it.
 */
export const read = (
  path: string,
  container: string,
  model: ModelSpec,
  seconds: number
): Effect.Effect<AudioPart, ModelError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const limit = model.audio?.maxBase64Bytes ?? 0
    const { size } = yield* files.stat(path).pipe(Effect.mapError(unreadable(path)))
    const bytes = dataUrlBytes(Number(size), container)
    if (bytes >= limit)
      return yield* new ModelError({
        code: "AudioTooLarge",
        detail: `the copy came out as ${megabytes(bytes)} of base64, ${megabytes(bytes - limit)} more than '${model.name}' takes in a request`
      })
    if (size === BigInt(0)) return yield* new ModelError({ code: "AudioUnreadable", detail: `${path} is empty` })
    if (seconds < shortest && container === "wav") {
      const wav = yield* files.readFile(path).pipe(Effect.mapError(unreadable(path)))
      const longer = padWav(Buffer.from(wav.buffer, wav.byteOffset, wav.byteLength), shortest)
      return { url: prefix(container) + longer.toString("base64"), format: container }
    }
    const parts: Array<string> = [prefix(container)]
    const buffer = Buffer.allocUnsafe(step)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const file = yield* files.open(path)
        let filled = 0
        while (true) {
          const count = Number(yield* file.read(buffer.subarray(filled)))
          filled += count
          if (filled < step && count > 0) continue
          parts.push(buffer.toString("base64", 0, filled))
          if (count === 0) break
          filled = 0
        }
      })
    ).pipe(Effect.mapError(unreadable(path)))
    return { url: parts.join(""), format: container }
  })
