import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { engine, listen } from "../src/listen.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "embedded-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("examples/embedded", () => {
  it.scoped("says what can be measured of a sound, and why of another nothing can", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const drums = yield* SampleMedia.writeWav(here, "drums")
      const text = join(here, "text.mp3")
      writeFileSync(text, "this is no sound")
      const [first, second, third] = yield* Effect.forEach([drums.path, text, join(here, "none.wav")], listen)
      expect(first).toMatch(/LUFS|dB/)
      expect(second).toContain("(NotMedia)")
      expect(third).toContain("ENOENT")
    }).pipe(Effect.provide(engine))
  )

  it("is a program of 40 lines", () => {
    expect(readFileSync(new URL("../src/listen.ts", import.meta.url), "utf8").split("\n").length).toBeLessThanOrEqual(41)
  })
})
