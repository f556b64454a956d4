import { expect, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as Mutation from "../testing/Mutation.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { MediaEngine } from "./MediaEngine.js"
import type { MediaError } from "./MediaError.js"

const installed = await Effect.runPromise(InstalledEngines.find)

/** Files that each engine is given; `npm run check:fuzz` gives thousands. */
const count = 150

const codeOf = <A>(asked: Effect.Effect<A, MediaError>): Effect.Effect<string> =>
  Effect.match(asked, { onFailure: ({ code }) => code, onSuccess: () => "fine" })

it("has something to read media with", () => expect(installed.length).toBeGreaterThan(0))

for (const engine of installed)
  layer(MediaEngine.with({ engine, maxBytes: 50_000_000 }).pipe(Layer.provideMerge(TemporaryFolder.state)), {
    timeout: "60 seconds"
  })(`mutated files, ${engine}`, (it) => {
    it.scoped(
      "give a result or a typed failure: no crash, no hang",
      () =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const media = yield* MediaEngine
          const shape = { seconds: 1, sampleRate: 22_050 }
          const sources = yield* Effect.all(
            [
              SampleMedia.writeWav(folder, "speech", shape),
              ...(["mp3", "flac", "ogg", "opus", "m4a", "aac"] as const).map((format) =>
                EncodedMedia.sound(folder, "speech", format, shape)
              ),
              ...(["mp4", "mkv", "webm"] as const).map((format) => EncodedMedia.video(folder, "drums", format, shape))
            ],
            { concurrency: "unbounded" }
          )
          const random = SampleMedia.randomFrom(2024)
          const originals = yield* Effect.forEach(sources, ({ path }) => Effect.promise(() => fs.readFile(path)))
          const files = yield* Effect.forEach(Array.from({ length: count }), (_, n) => {
            const bytes = Buffer.from(originals[n % originals.length] ?? [])
            const mutated = Mutation.mutate(bytes, random)
            const ending = sources[n % sources.length]?.path.split(".").at(-1) ?? ""
            return SampleMedia.write(folder, `${n}.${ending}`, mutated)
          })
          const codes = yield* Effect.forEach(
            files,
            (file, n) =>
              Effect.all(
                [
                  codeOf(media.probe(file)),
                  codeOf(
                    media.ask(file, { _tag: "AudioCopy", path: join(folder, `${n}.out`), container: "wav", codec: "pcm_s16le" })
                  ),
                  codeOf(media.ask(file, { _tag: "Loudness" })),
                  codeOf(
                    media.ask(file, { _tag: "Frame", path: join(folder, `${n}.png`), format: "png", atSeconds: 0.5, width: 32 })
                  )
                ],
                { concurrency: "unbounded" }
              ),
            { concurrency: 20 }
          )
          const seen = new Set(codes.flat())
          // A crash or a hang of the engine has these names.
          expect([...seen].filter((code) => ["EngineFailed", "TimedOut", "EngineMissing", "DiskFull"].includes(code))).toEqual([])
          // The mutations do something, and not everything.
          expect(seen.has("fine")).toBe(true)
          expect(seen.size).toBeGreaterThan(2)
        }),
      180_000
    )
  })
