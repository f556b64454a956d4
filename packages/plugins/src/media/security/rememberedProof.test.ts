import { StateFolder } from "@mediaspool/core"
import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import type { Engine } from "../Engine.js"
import { rememberedProof } from "./rememberedProof.js"

/** An engine that opens nothing, and counts how often it is tried. */
const counted = (program: string | undefined) => {
  let tries = 0
  const engine: Engine = { name: "ffmpeg", version: "1", program, run: () => Effect.sync(() => (tries++, [])) }
  return { engine, tries: () => tries }
}

describe("rememberedProof", () => {
  afterEach(() => vi.unstubAllEnvs())

  it.effect("tries a program once, and again when it is another", () =>
    Effect.gen(function* () {
      const { path } = yield* StateFolder
      vi.stubEnv("XDG_CACHE_HOME", join(path, "cache"))
      const program = join(path, "program")
      yield* Effect.promise(() => fs.writeFile(program, "one"))
      const { engine, tries } = counted(program)
      expect(yield* rememberedProof(engine)).toBe(true)
      const once = tries()
      expect(once).toBeGreaterThan(0)
      expect(yield* rememberedProof(engine)).toBe(true)
      expect(tries()).toBe(once)
      yield* Effect.promise(() => fs.writeFile(program, "another"))
      expect(yield* rememberedProof(engine)).toBe(true)
      expect(tries()).toBe(2 * once)
      yield* Effect.promise(() => fs.writeFile(join(path, "cache", "mediaspool", "engines.json"), "nothing that can be read"))
      expect(yield* rememberedProof(engine)).toBe(true)
      expect(tries()).toBe(3 * once)
    }).pipe(Effect.provide(StateFolder.temporary))
  )

  it.effect("tries what has no program each time", () =>
    Effect.gen(function* () {
      const { engine, tries } = counted(undefined)
      yield* rememberedProof(engine)
      const once = tries()
      yield* rememberedProof(engine)
      expect(tries()).toBe(2 * once)
    }).pipe(Effect.provide(StateFolder.temporary))
  )
})
