// Captions a 40-minute recording in windows, or whole, and says by how much the process grew.
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Artifact, Secrets, StateFolder } from "@mediaspool/core"
import { AudioFile, caption, makeModels, MediaEngine, Models } from "@mediaspool/plugins"
import { ModelEmulator } from "@mediaspool/emulator"
import { Effect, Layer, Redacted, Schema } from "effect"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tone } from "./Recording.mjs"

const window = process.argv[2] === "whole" ? "whole" : Number(process.argv[2])
const folder = mkdtempSync(join(tmpdir(), "mediaspool-memory-"))
const temporary = join(folder, "temporary")
mkdirSync(temporary)

/** A recording as `transcode` would leave it. */
const recording = (name, seconds) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const wav = join(folder, `${name}.wav`)
    writeFileSync(wav, tone(seconds))
    const hash = createHash("sha256").update(name).digest("hex")
    const path = join(folder, `${name}.mp3`)
    const input = new Artifact({ key: name, slot: "wav", hash, size: 1, path: wav })
    const copy = { _tag: "AudioCopy", path, container: "mp3", codec: "mp3", sampleRate: 16_000, channels: 1, bitRate: 64_000 }
    const written = yield* engine.ask(input, copy)
    return new AudioFile({
      file: new Artifact({ key: name, slot: "audio", hash, size: written.size, path }),
      container: "mp3",
      codec: "mp3",
      sampleRate: 16_000,
      channels: 1,
      bitRate: 64_000,
      durationSeconds: seconds
    })
  })

const config = (more) => Schema.decodeSync(caption.config)({ provider: "local", ...more })

const program = Effect.gen(function* () {
  const emulator = yield* ModelEmulator.startProcess()
  const providers = {
    local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "KEY" }, rpm: "none", tpm: "none" }
  }
  return yield* Effect.gen(function* () {
    const long = yield* recording("long", 40 * 60 - 1)
    // Everything is loaded, and warm, before the first look.
    yield* caption.run({ audio: yield* recording("short", 2) }, config())
    yield* emulator.clear
    globalThis.gc()
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10)
    const begun = performance.now()
    yield* caption.run({ audio: long }, config({ window }))
    clearInterval(watch)
    const { paid } = yield* emulator.statement
    return { grown: (peak - before) / 2 ** 20, paid, seconds: (performance.now() - begun) / 1000 }
  }).pipe(Effect.provide(Layer.effect(Models, makeModels({ providers }))))
}).pipe(
  Effect.scoped,
  Effect.provide(MediaEngine.layer),
  Effect.provideService(StateFolder, { path: folder, temporary, child: () => Effect.void }),
  Effect.provideService(Secrets, { resolve: () => Effect.succeed(Redacted.make("sk-emulator")) }),
  Effect.provide(Layer.merge(FetchHttpClient.layer, NodeContext.layer))
)

try {
  console.log(JSON.stringify(await Effect.runPromise(program)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
