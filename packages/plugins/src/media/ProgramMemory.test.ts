import { StateFolder } from "@mediaspool/core"
import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { join } from "node:path"
import * as ProgramMemory from "./ProgramMemory.js"

const made = (path: string, content: string) => Effect.promise(() => fs.writeFile(path, content))
const learnt = { version: "5.1", encoders: ["libmp3lame"] }

/** A program, with a user's cache of its own. */
const setUp = Effect.gen(function* () {
  const { path } = yield* StateFolder
  const program = join(path, "program")
  const cache = join(path, "cache")
  vi.stubEnv("XDG_CACHE_HOME", cache)
  yield* made(program, "one")
  return { cache, path, program }
})

describe("ProgramMemory", () => {
  afterEach(() => vi.unstubAllEnvs())

  it.effect("is the user's, whichever library asks, until the program is another", () =>
    Effect.gen(function* () {
      const { program } = yield* setUp
      expect(yield* ProgramMemory.recall(program)).toBeUndefined()
      yield* ProgramMemory.keep(program, learnt)
      const elsewhere = ProgramMemory.recall(program).pipe(Effect.provide(StateFolder.temporary))
      expect(yield* elsewhere).toMatchObject(learnt)
      yield* made(program, "another")
      expect(yield* elsewhere).toBeUndefined()
      yield* ProgramMemory.keep(program, { ...learnt, isSafe: true })
      expect(yield* elsewhere).toMatchObject({ isSafe: true })
    }).pipe(Effect.provide(StateFolder.temporary))
  )

  it.effect("lasts for a day, and not for other libraries that the program loads", () =>
    Effect.gen(function* () {
      const { program } = yield* setUp
      yield* ProgramMemory.keep(program, learnt)
      yield* TestClock.adjust("23 hours")
      expect(yield* ProgramMemory.recall(program)).toMatchObject(learnt)
      vi.stubEnv("LD_LIBRARY_PATH", "/elsewhere")
      expect(yield* ProgramMemory.recall(program)).toBeUndefined()
      vi.stubEnv("LD_LIBRARY_PATH", undefined)
      yield* TestClock.adjust("2 hours")
      expect(yield* ProgramMemory.recall(program)).toBeUndefined()
    }).pipe(Effect.provide(StateFolder.temporary))
  )

  it.effect("is kept with the library where the user has no cache, and is learnt again where it can't be read", () =>
    Effect.gen(function* () {
      const { cache, path, program } = yield* setUp
      yield* made(cache, "a file in the place of the folder")
      yield* ProgramMemory.keep(program, learnt)
      const file = join(path, "engines.json")
      expect(existsSync(file)).toBe(true)
      expect(yield* ProgramMemory.recall(program)).toMatchObject(learnt)
      yield* made(file, "nothing that can be read")
      expect(yield* ProgramMemory.recall(program)).toBeUndefined()
    }).pipe(Effect.provide(StateFolder.temporary))
  )

  it.effect("knows nothing of a program that isn't there", () =>
    Effect.gen(function* () {
      const { path } = yield* setUp
      yield* ProgramMemory.keep(join(path, "none"), learnt)
      expect(yield* ProgramMemory.recall(join(path, "none"))).toBeUndefined()
    }).pipe(Effect.provide(StateFolder.temporary))
  )
})
