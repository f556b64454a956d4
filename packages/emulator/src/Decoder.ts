import { FileSystem } from "@effect/platform"
import { Artifact } from "@mediaspool/core"
import { Data, Effect } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { MediaEngine } from "@mediaspool/plugins"
import { RATE, type Seen } from "./Pictures.js"
import type { Sound } from "./Sound.js"

/** What the bytes are no sound of, in the service's words. */
class Undecodable extends Data.TaggedError("Undecodable")<{ readonly message: string }> {}

/** Turns a file's bytes into sound. */
export type Decode = (bytes: Buffer, format: string) => Effect.Effect<Sound, Undecodable>

/** Looks at the pictures of a video. */
export type Look = (bytes: Buffer, format: "avi" | "mp4") => Effect.Effect<Seen, Undecodable>

/** What an emulator without an engine sees: nothing. */
export const blind: Look = () => new Undecodable({ message: "The video format is illegal and cannot be opened." })

/** The container by its first bytes, never by what a request says of it; undefined for what the models don't take. */
export const sniff = (bytes: Buffer): string | undefined => {
  const ascii = (from: number, to: number) => bytes.toString("latin1", from, to)
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WAVE") return "wav"
  if (ascii(0, 3) === "ID3") return "mp3"
  if (ascii(0, 5) === "#!AMR") return "amr"
  if (ascii(4, 8) === "ftyp" && /^3g/.test(ascii(8, 12))) return "3gp"
  const [first = 0, second = 0] = bytes
  if (first === 0xff && (second & 0xf6) === 0xf0) return "aac"
  if (first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0) return "mp3"
  return undefined
}

const illegal = new Undecodable({ message: "The audio format is illegal and cannot be opened." })

type Reader = (data: Buffer, at: number) => number
const readers: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  "1/8": { bytes: 1, read: (data, at) => (data.readUInt8(at) - 128) / 128 },
  "1/16": { bytes: 2, read: (data, at) => data.readInt16LE(at) / 32768 },
  "1/24": { bytes: 3, read: (data, at) => data.readIntLE(at, 3) / 8388608 },
  "1/32": { bytes: 4, read: (data, at) => data.readInt32LE(at) / 2147483648 },
  "3/32": { bytes: 4, read: (data, at) => data.readFloatLE(at) }
}

/** PCM in a WAV file, mixed to one channel. Undefined for another codec in it. */
const pcm = (wav: Buffer): Sound | undefined => {
  let format: { readonly tag: number; readonly channels: number; readonly rate: number; readonly bits: number } | undefined
  for (let at = 12; at + 8 <= wav.length;) {
    const name = wav.toString("latin1", at, at + 4)
    const length = Math.min(wav.readUInt32LE(at + 4), wav.length - at - 8)
    const body = wav.subarray(at + 8, at + 8 + length)
    if (name === "fmt " && length >= 16) {
      const tag = body.readUInt16LE(0) === 0xfffe && length >= 26 ? body.readUInt16LE(24) : body.readUInt16LE(0)
      format = { tag, channels: body.readUInt16LE(2), rate: body.readUInt32LE(4), bits: body.readUInt16LE(14) }
    }
    if (name === "data" && format !== undefined) {
      const { channels, rate } = format
      const reader = readers[`${format.tag}/${format.bits}`]
      if (reader === undefined || channels === 0 || rate === 0) return undefined
      const block = reader.bytes * channels
      const samples = new Float32Array(Math.floor(length / block))
      for (let i = 0; i < samples.length; i++) {
        let sum = 0
        for (let channel = 0; channel < channels; channel++) sum += reader.read(body, i * block + channel * reader.bytes)
        samples[i] = sum / channels
      }
      return { samples, rate }
    }
    at += 8 + length + (length % 2)
  }
  return undefined
}

/** Reads PCM itself, and gives everything else to `others`. */
const withWav =
  (others: Decode): Decode =>
  (bytes, format) =>
    Effect.suspend(() => {
      const sound = format === "wav" ? pcm(bytes) : undefined
      return sound === undefined ? others(bytes, format) : Effect.succeed(sound)
    })

/** Only PCM in WAV. */
export const wavOnly: Decode = withWav(() => Effect.fail(illegal))

const rate = 16_000

/** Sounds that were decoded last: several stages ask about the same. */
const remembered = 16
/** Samples; longer sounds are decoded each time. */
const longest = rate * 120

/** Decodes the same bytes once, as long as not too many others come between. */
const withMemory = (decode: Decode): Decode => {
  const known = new Map<string, Sound>()
  return (bytes, format) =>
    Effect.suspend(() => {
      const hash = createHash("sha256").update(bytes).digest("hex")
      const found = known.get(hash)
      if (found !== undefined) return Effect.succeed(found)
      return Effect.tap(decode(bytes, format), (sound) =>
        Effect.sync(() => {
          if (sound.samples.length > longest) return
          known.set(hash, sound)
          const [oldest] = known.keys()
          if (known.size > remembered && oldest !== undefined) known.delete(oldest)
        })
      )
    })
}

type Folder = { readonly input: Artifact; readonly path: (name: string) => string }

/** What hears and sees by the media engine: everything that it reads. */
export const byEngine: Effect.Effect<
  { readonly decode: Decode; readonly look: Look },
  never,
  MediaEngine | FileSystem.FileSystem
> = Effect.gen(function* () {
  const engine = yield* MediaEngine
  const files = yield* FileSystem.FileSystem
  /** Bytes as a file, while something is asked of it. */
  const within = <A, E>(bytes: Buffer, format: string, ask: (folder: Folder) => Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const folder = yield* files.makeTempDirectoryScoped({ prefix: "spool-emulator-" })
      const path = `${folder}/received.${format}`
      yield* files.writeFile(path, bytes)
      const hash = createHash("sha256").update(bytes).digest("hex")
      const input = new Artifact({ key: randomUUID(), slot: "received", hash, size: bytes.length, path })
      return yield* ask({ input, path: (name) => `${folder}/${name}` })
    }).pipe(
      Effect.scoped,
      Effect.mapError(() => illegal)
    )
  const decode: Decode = (bytes, format) =>
    within(bytes, format, ({ input, path }) =>
      Effect.gen(function* () {
        const out = path("samples.f32")
        yield* engine.ask(input, { _tag: "Samples", path: out, sampleRate: rate, maxSeconds: 4 * 3600 })
        const raw = yield* files.readFile(out)
        // A view on the bytes: three hours are too many to copy.
        return { samples: new Float32Array(raw.buffer, raw.byteOffset, raw.byteLength >> 2), rate }
      })
    )
  const look: Look = (bytes, format) =>
    within(bytes, format, ({ input, path }) =>
      engine.ask(input, { _tag: "Scenes", path: path("small.rgb"), rate: RATE, threshold: 0.1, minimumSeconds: 0 })
    )
  return { decode: withWav(withMemory(decode)), look }
})
