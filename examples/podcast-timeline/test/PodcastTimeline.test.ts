import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { example, spool } from "@mediaspool/example-testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A copy of the example, with the emulator's address in its config. */
const copied = (baseUrl: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        example({ from: new URL("..", import.meta.url), inbox: "episodes", baseUrl, beside: ["src", "package.json"] })
      ),
      ({ remove }) => Effect.sync(remove)
    ),
    ({ folder }) => folder
  )

const run = (folder: string, ...args: ReadonlyArray<string>) => Effect.promise(() => spool(folder, ...args))

const subtitles = (folder: string): string => {
  const artifacts = join(folder, ".spool", "artifacts")
  const name = readdirSync(artifacts, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(".vtt"))
  return name === undefined ? "" : readFileSync(join(artifacts, name), "utf8")
}

describe("examples/podcast-timeline", () => {
  it.scopedLive(
    "turns a long recording into timed captions, a summary, and a WebVTT file",
    () =>
      Effect.gen(function* () {
        const emulator = yield* ModelEmulator.startProcess()
        const folder = yield* copied(emulator.baseUrl)
        yield* SampleMedia.writeWav(join(folder, "episodes"), "speech", { seconds: 100, sampleRate: 16_000 }, "pilot.wav")
        const { code, errors, lines } = yield* run(folder, "run", "episodes")
        expect([code, lines.at(-1)?.["items"], errors.includes("✗")]).toEqual([
          0,
          { total: 1, done: 1, failed: 0, waiting: 0 },
          false
        ])

        const text = subtitles(folder)
        expect(text).toMatch(/^WEBVTT\n\n00:00:00\.000 --> /)
        const times = [...text.matchAll(/^(\S+) --> (\S+)$/gm)].map(([, from, to]) => [from, to])
        expect(times.length).toBeGreaterThanOrEqual(4)
        for (const [n, [from]] of times.entries()) if (n > 0) expect(from).toBe(times[n - 1]?.[1])
        expect(times.at(-1)?.[1]).toMatch(/^00:01:40\./)
        expect(text).toContain("The recording lasts")

        // A caption for every window, and one summary.
        expect((yield* emulator.statement).paid).toBe(times.length + 1)
        yield* run(folder, "run", "episodes")
        expect((yield* emulator.statement).paid).toBe(times.length + 1)
      }),
    180_000
  )
})
