import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { example, spool } from "@mediaspool/example-testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"

describe("examples/video-archive", () => {
  it.scopedLive(
    "cuts a video into scenes, has each described by what is seen and heard, and finds it",
    () =>
      Effect.gen(function* () {
        const emulator = yield* ModelEmulator.startProcess()
        const { folder } = yield* Effect.acquireRelease(
          Effect.sync(() => example({ from: new URL("..", import.meta.url), inbox: "videos", baseUrl: emulator.baseUrl })),
          ({ remove }) => Effect.sync(remove)
        )
        const videos = join(folder, "videos")
        yield* SampleMedia.write(videos, "scenes.avi", SampleMedia.avi("tone", { seconds: 6, scenes: 3 }))
        yield* SampleMedia.write(videos, "silent.avi", SampleMedia.avi(undefined, { seconds: 3 }))
        // No picture: nothing is asked about it.
        yield* SampleMedia.writeWav(videos, "chords", { seconds: 2 })
        const run = (...args: ReadonlyArray<string>) => Effect.promise(() => spool(folder, ...args))

        const first = yield* run("run")
        expect(first.lines.at(-1) ?? first.errors).toMatchObject({
          items: { total: 3, done: 3, failed: 0 },
          stages: { scenes: { ran: 2, skipped: 1 }, caption: { ran: 2, skipped: 1 }, colours: { ran: 2, skipped: 1 } }
        })
        const { paid } = yield* emulator.statement
        const found = yield* run("search", "colours:red")
        expect(found.lines.filter(({ type }) => type === "found").map(({ path }) => basename(String(path)))).toEqual([
          "scenes.avi"
        ])
        const shown = JSON.stringify((yield* run("show", "videos/scenes.avi")).lines)
        expect(shown).toMatch(/mostly red at first.*With it is heard: .*a tone near/)
        expect(shown).toContain('"startSeconds":2,"endSeconds":4')

        expect((yield* run("run")).lines.at(-1)).toMatchObject({ items: { done: 3 } })
        expect((yield* emulator.statement).paid).toBe(paid)

        const config = join(folder, "spool.yaml")
        writeFileSync(config, readFileSync(config, "utf8").replace("provider: emulator", "provider: dashscope-intl"))
        expect((yield* run("check")).code).toBe(0)
      }),
    120_000
  )
})
