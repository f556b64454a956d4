import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, promises as fs } from "node:fs"
import { dirname, join } from "node:path"
import { StateFolder } from "./StateFolder.js"
import * as Temporary from "./Temporary.js"

describe("Temporary", () => {
  it.effect("gives a folder and a file beside the artifacts, which go with the scope", () =>
    Effect.gen(function* () {
      const { temporary } = yield* StateFolder
      const [folder, file] = yield* Effect.scoped(
        Effect.gen(function* () {
          const folder = yield* Temporary.folder
          const file = yield* Temporary.file("wav")
          expect([dirname(folder), dirname(file)]).toEqual([temporary, temporary])
          expect([existsSync(folder), existsSync(file), file.endsWith(".wav")]).toEqual([true, false, true])
          yield* Effect.promise(() => Promise.all([fs.writeFile(join(folder, "a"), "a"), fs.writeFile(file, "b")]))
          return [folder, file] as const
        })
      )
      expect([existsSync(folder), existsSync(file)]).toEqual([false, false])
    }).pipe(Effect.provide(StateFolder.temporary))
  )

  it.effect("leaves nothing when it is interrupted, and each is another", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const work = Effect.scoped(
        Effect.tap(Temporary.folder, (folder) =>
          Effect.zipRight(
            Effect.sync(() => seen.push(folder)),
            Effect.interrupt
          )
        )
      )
      yield* Effect.exit(work)
      yield* Effect.exit(work)
      expect(new Set(seen).size).toBe(2)
      expect(seen.filter(existsSync)).toEqual([])
    }).pipe(Effect.provide(StateFolder.temporary))
  )
})
