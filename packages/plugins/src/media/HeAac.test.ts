import { expect, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { spawnSync } from "node:child_process"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { heAac } from "./HeAac.fixture.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0
if (!hasFfmpeg) console.warn("Skipped: HE-AAC in other containers than ADTS, which only ffmpeg writes.")

for (const engine of installed)
  layer(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state)), { timeout: "60 seconds" })(
    `HE-AAC whose header tells its core alone, with ${engine}`,
    (it) => {
      it.scoped.each([
        ["version 1", "stereo", 2],
        ["version 2", "parametric", 1]
      ] as const)(
        "%s has twice the rate of its header, and two channels, in every container",
        ([, kind, channels]) =>
          Effect.gen(function* () {
            const folder = yield* TemporaryFolder.make
            const plain = yield* EncodedMedia.sound(
              folder,
              "tone",
              "aac",
              { seconds: 3, sampleRate: 24_000, channels },
              "plain.aac"
            )
            const bytes = heAac(yield* Effect.promise(() => fs.readFile(plain.path)), kind)
            const bare = yield* SampleMedia.write(folder, "he.aac", bytes)
            const wrapped = hasFfmpeg ? ["m4a", "ts", "mka"] : []
            for (const ending of wrapped)
              spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-i", bare.path, "-c", "copy", join(folder, `he.${ending}`)])
            const media = yield* MediaEngine
            for (const ending of ["aac", ...wrapped]) {
              const file = yield* SampleMedia.original(join(folder, `he.${ending}`))
              const path = join(folder, `${ending}.wav`)
              const copy = yield* media.ask(file, { _tag: "AudioCopy", path, container: "wav", codec: "pcm_s16le" })
              const { durationSeconds, streams } = yield* media.probe(file)
              expect([ending, streams[0]?.sampleRate, streams[0]?.channels]).toEqual([ending, 48_000, 2])
              expect([ending, copy.sampleRate, copy.channels]).toEqual([ending, 48_000, 2])
              expect([durationSeconds, copy.durationSeconds].map((seconds) => Math.abs(seconds - 3) < 0.15)).toEqual([true, true])
            }
          }),
        60_000
      )
    }
  )
