import { describe, expect, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { join } from "node:path"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { MediaEngine } from "./MediaEngine.js"

const engines = ["ffmpeg", "node-av"] as const

for (const engine of engines)
  layer(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state)))(`MediaEngine with ${engine}`, (it) => {
    it.scoped("all", () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const media = yield* MediaEngine
        const file = yield* SampleMedia.writeWav(folder, "speech", { channels: 2 })
        console.log(media.engine, yield* media.probe(file))
        const out = (name: string) => join(folder, name)
        const all = yield* Effect.all(
          [
            media.ask(file, {
              _tag: "AudioCopy",
              path: out("a.mp3"),
              container: "mp3",
              codec: "mp3",
              sampleRate: 16000,
              channels: 1,
              bitRate: 64000
            }),
            media.ask(file, { _tag: "Loudness", truePeak: true }),
            media.ask(file, { _tag: "Levels" }),
            media.ask(file, { _tag: "Silences", threshold: -50, minimumSeconds: 0.3 }),
            media.ask(file, { _tag: "Spectrum" }),
            media.ask(file, { _tag: "WaveformImage", path: out("w.png"), width: 600, height: 100, colour: "#3366cc" }),
            media.ask(file, { _tag: "Samples", path: out("s.f32"), sampleRate: 16000, maxSeconds: 2 })
          ],
          { concurrency: "unbounded" }
        )
        console.log(all)
        const video = yield* SampleMedia.write(folder, "v.avi", SampleMedia.avi("chords"))
        console.log(
          yield* Effect.all(
            [
              media.ask(video, {
                _tag: "VideoCopy",
                path: out("v.mp4"),
                container: "mp4",
                videoCodec: "h264",
                audioCodec: "aac",
                maxHeight: 32
              }),
              media.ask(video, { _tag: "Frame", path: out("f.png"), format: "png", atSeconds: 1, width: 64 }),
              media.ask(video, { _tag: "Frame", path: out("f.jpg"), format: "jpeg", atSeconds: 100, width: 32 })
            ],
            { concurrency: "unbounded" }
          )
        )
      })
    )
  })
