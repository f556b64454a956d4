import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { Artifact, type Call, Calls, type Reply, Secrets, Settings } from "@mediaspool/core"
import { Context, Effect, Layer, Redacted } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import { basename, extname, join } from "node:path"
import { AudioFile } from "../../kinds.js"
import { MediaEngine } from "../../media/MediaEngine.js"
import * as Models from "../../models/Models.js"
import type { Providers, ProviderSettings } from "../../models/catalog/Provider.js"
import type { Vocabularies } from "../../models/vocabularies/Vocabulary.js"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"

/** The real engine, a state folder, and a model service on loopback: what a stage that listens needs, once for a file of tests. */
export class Rig extends Context.Tag("Rig")<
  Rig,
  { readonly emulator: ModelEmulator.Emulator; readonly folder: string; readonly made: Map<string, AudioFile> }
>() {}

export const layer = Layer.scoped(
  Rig,
  Effect.gen(function* () {
    return {
      emulator: yield* ModelEmulator.startWithEngine(),
      folder: yield* TemporaryFolder.make,
      made: new Map<string, AudioFile>()
    }
  })
).pipe(
  Layer.provideMerge(MediaEngine.layer),
  Layer.provideMerge(TemporaryFolder.state),
  Layer.provideMerge(NodeContext.layer),
  Layer.provideMerge(NodeHttpClient.layerUndici)
)

/** What the ledger would hold, and a crash that it survives. */
export interface Recorder {
  readonly service: Calls["Type"]
  readonly calls: Array<{ readonly call: Call; readonly reply: Reply }>
  readonly decisions: Map<string, string>
}

export const recorder = (): Recorder => {
  const calls: Array<{ readonly call: Call; readonly reply: Reply }> = []
  const decisions = new Map<string, string>()
  return {
    calls,
    decisions,
    service: {
      call: (call, request, ready = Effect.void) =>
        Effect.suspend(() => {
          const found = calls.find((one) => JSON.stringify(one.call.identity) === JSON.stringify(call.identity))
          return found === undefined
            ? Effect.tap(Effect.scoped(Effect.zipRight(ready, request)), (reply) =>
                Effect.sync(() => calls.push({ call, reply }))
              )
            : Effect.succeed(found.reply)
        }),
      decide: (identity, decide) =>
        Effect.suspend(() => {
          const key = JSON.stringify(identity)
          const found = decisions.get(key)
          return found === undefined
            ? Effect.tap(decide, (value) => Effect.sync(() => decisions.set(key, value)))
            : Effect.succeed(found)
        })
    }
  }
}

export interface World {
  readonly recorder?: Recorder
  /** Over those of the provider `local`, which is the emulator. */
  readonly local?: ProviderSettings
  readonly providers?: Providers
  readonly vocabularies?: Vocabularies
  /** What the environment holds. */
  readonly key?: string
}

/** Runs with the config's sections, the secrets and the records of one world. */
export const within =
  ({ key = "sk-emulator", local, providers, recorder: records = recorder(), vocabularies }: World) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const { emulator } = yield* Rig
      const sections: Readonly<Record<string, unknown>> = {
        providers: {
          local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "DASHSCOPE_API_KEY" }, ...local },
          ...providers
        } satisfies Providers,
        vocabularies
      }
      return yield* effect.pipe(
        Effect.provide(Models.layer),
        Effect.provideService(Settings, { section: (name) => sections[name] }),
        Effect.provideService(Calls, records.service),
        Effect.provideService(Secrets, { resolve: () => Effect.succeed(Redacted.make(key)) })
      )
    })

/** A file as `transcode` would leave it. */
export const audioFile = (path: string) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const bytes = yield* Effect.promise(() => fs.readFile(path))
    const hash = createHash("sha256").update(bytes).digest("hex")
    const file = new Artifact({ key: `result-of-${basename(path)}`, slot: "audio", hash, size: bytes.length, path })
    const probe = yield* engine.probe(file)
    const sound = probe.streams.find(({ type }) => type === "audio")
    return new AudioFile({
      file,
      container: extname(path).slice(1),
      codec: sound?.codec ?? "",
      sampleRate: sound?.sampleRate ?? 0,
      channels: sound?.channels ?? 0,
      bitRate: probe.bitRate ?? 0,
      durationSeconds: probe.durationSeconds
    })
  })

/** A sample sound as an MP3, 16 kHz mono; made once for a file of tests. */
export const mp3 = (sound: SampleMedia.Sound, seconds: number) =>
  Effect.gen(function* () {
    const { folder, made } = yield* Rig
    const name = `${sound}-${seconds}`
    const found = made.get(name)
    if (found !== undefined) return found
    const file = yield* encoded(name, SampleMedia.wav(sound, { seconds, sampleRate: 16_000 }), folder)
    made.set(name, file)
    return file
  })

/** A sample sound as a WAV, 16 kHz mono, which nobody has to encode or to decode; made once for a file of tests. */
export const wav = (sound: SampleMedia.Sound, seconds: number) =>
  Effect.gen(function* () {
    const { folder, made } = yield* Rig
    const name = `${sound}-${seconds}.wav`
    const found = made.get(name)
    if (found !== undefined) return found
    const written = yield* SampleMedia.writeWav(folder, sound, { seconds, sampleRate: 16_000 }, name)
    const file = yield* audioFile(written.path)
    made.set(name, file)
    return file
  })

/** A WAV, 16 kHz mono, that holds a tone for long: one second of it, over and over. */
export const longWav = (seconds: number): Buffer => {
  const second = SampleMedia.wav("tone", { seconds: 1, sampleRate: 16_000 })
  const data = Buffer.concat(Array.from({ length: seconds }, () => second.subarray(44)))
  const head = Buffer.from(second.subarray(0, 44))
  head.writeUInt32LE(data.length + 36, 4)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

/** Any WAV as an MP3, 16 kHz mono. */
export const encoded = (name: string, wav: Uint8Array, folder: string) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const original = yield* SampleMedia.write(folder, `${name}.wav`, wav)
    const path = join(folder, `${name}.mp3`)
    yield* engine.ask(original, {
      _tag: "AudioCopy",
      path,
      container: "mp3",
      codec: "mp3",
      sampleRate: 16_000,
      channels: 1,
      bitRate: 48_000
    })
    return yield* audioFile(path)
  })
