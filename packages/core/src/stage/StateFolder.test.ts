import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StateFolder } from "./StateFolder.js"

describe("StateFolder.temporary", () => {
  it.effect("is there while the layer is, and goes with what was put into it", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.gen(function* () {
        const { path, temporary } = yield* StateFolder
        writeFileSync(join(temporary, "a.txt"), "a")
        expect(existsSync(path)).toBe(true)
        return path
      }).pipe(Effect.provide(StateFolder.temporary))
      expect(existsSync(folder)).toBe(false)
    })
  )
})
