import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { example, spool } from "@mediaspool/example-testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"

describe("examples/sound-library", () => {
  it.scopedLive(
    "finds by meaning, by sound and what is there twice, and is one setting away from the service",
    () =>
      Effect.gen(function* () {
        const emulator = yield* ModelEmulator.start()
        const { folder } = yield* Effect.acquireRelease(
          Effect.sync(() => example({ from: new URL("..", import.meta.url), inbox: "sounds", baseUrl: emulator.baseUrl })),
          ({ remove }) => Effect.sync(remove)
        )
        const sounds = join(folder, "sounds")
        yield* SampleMedia.writeWav(sounds, "drums", { seconds: 3 })
        yield* SampleMedia.writeWav(sounds, "drums", { seconds: 3, seed: 2 }, "other drums.wav")
        // The same sound in another container.
        yield* SampleMedia.write(sounds, "drums.aiff", SampleMedia.aiff("drums", { seconds: 3 }))
        yield* SampleMedia.writeWav(sounds, "noise", { seconds: 3 })
        yield* SampleMedia.writeWav(sounds, "chords", { seconds: 4 })
        const run = (...args: ReadonlyArray<string>) => Effect.promise(() => spool(folder, ...args))
        const names = ({ lines }: Effect.Effect.Success<ReturnType<typeof run>>) =>
          lines.filter(({ type }) => type === "found").map(({ path }) => basename(String(path)))

        const first = yield* run("run")
        expect(first.lines.at(-1) ?? first.errors).toMatchObject({
          items: { total: 5, done: 5, failed: 0 },
          stages: {
            timbre: { ran: 5 }, // Equal descriptions are embedded once.
            embed: { failed: 0 },
            fingerprint: { ran: 5 },
            evidence: { ran: 5 }
          }
        })
        // Texts go together into requests.
        expect((yield* emulator.statement).paid).toBeLessThan(4)
        expect(names(yield* run("search", "--like", "sounds/drums.wav")).slice(0, 2)).toEqual(["drums.aiff", "other drums.wav"])
        const meant = names(yield* run("search", "percussion rhythm", "--meaning"))
        expect(meant.slice(0, 3).every((name) => name.includes("drums"))).toBe(true)
        const groups = (yield* run("duplicates")).lines.filter(({ type }) => type === "group")
        expect(groups).toMatchObject([
          { how: "audio", paths: [expect.stringContaining("drums."), expect.stringContaining("drums.")] }
        ])

        const config = join(folder, "spool.yaml")
        writeFileSync(config, readFileSync(config, "utf8").replace("provider: emulator", "provider: dashscope-intl"))
        expect((yield* run("check")).code).toBe(0)
      }),
    120_000
  )
})
