import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Exit, FastCheck as fc } from "effect"
import { createHash } from "node:crypto"
import { existsSync, promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Artifacts } from "./Artifacts.js"

describe("Artifacts outside a runner", () => {
  it.effect("keeps what was written, with its hash and size", () =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      const { artifact, written } = yield* artifacts.write("note", "txt", (path) =>
        Effect.promise(() => fs.writeFile(path, "la")).pipe(Effect.as(2))
      )
      expect(written).toBe(2)
      expect(artifact).toMatchObject({ slot: "note", size: 2, hash: createHash("sha256").update("la").digest("hex") })
      expect(artifact.path.endsWith(".txt")).toBe(true)
      yield* Effect.promise(() => fs.rm(artifact.path))
    })
  )

  it.effect("leaves nothing of a write that failed", () =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      let half = ""
      const exit = yield* artifacts
        .write("half", "bin", (path) =>
          Effect.promise(() => fs.writeFile((half = path), "ha")).pipe(Effect.zipRight(Effect.fail("no more")))
        )
        .pipe(Effect.exit)
      expect(exit).toEqual(Exit.fail("no more"))
      expect(existsSync(half)).toBe(false)
    })
  )

  it.effect("takes every file of a folder, in the order of their names, and leaves no folder", () =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      let place = ""
      const { artifacts: files } = yield* artifacts.folder("still", (folder) =>
        Effect.promise(async () => {
          place = folder
          for (const name of ["002.png", "001.png"]) await fs.writeFile(join(folder, name), name)
        })
      )
      expect(files.map(({ size, slot }) => `${slot} ${size}`)).toEqual(["still-001 7", "still-002 7"])
      expect(yield* Effect.promise(() => fs.readFile(files[1]?.path ?? "", "utf8"))).toBe("002.png")
      expect(existsSync(place)).toBe(false)
      yield* Effect.promise(() => Promise.all(files.map(({ path }) => fs.rm(path))))
    })
  )

  it.effect("keeps nothing of a folder that was not finished, or whose files are named wrongly", () =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      let place = ""
      const fill = (name: string) => (folder: string) => Effect.promise(() => fs.writeFile(join((place = folder), name), "la"))
      const failed = artifacts.folder("half", (folder) => Effect.zipRight(fill("1.txt")(folder), Effect.fail("no more")))
      expect(yield* Effect.flip(failed)).toBe("no more")
      expect(existsSync(place)).toBe(false)
      expect(yield* Effect.flip(artifacts.folder("odd", fill("a b.txt")))).toMatchObject({ code: "ArtifactNamedWrongly" })
      expect(existsSync(place)).toBe(false)
    })
  )

  it.effect("lets no name lead elsewhere", () =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      const write = (slot: string, extension: string) =>
        Effect.either(artifacts.write(slot, extension, (path) => Effect.fail(path)))
      const names = fc.oneof(fc.string(), fc.constantFrom("..", "../x", "/etc/passwd", "a\0b", "a\n", "", "mp3", "C:\\x"))
      const tries = fc.sample(fc.tuple(names, names), 300)
      for (const [slot, extension] of tries) {
        const handed = Either.flip(yield* write(slot, extension)).pipe(Either.getOrThrow)
        if (typeof handed === "string") expect(dirname(handed)).toBe(tmpdir())
        else expect(handed.code).toBe("ArtifactNamedWrongly")
      }
      expect(yield* write("audio", "mp3")).toMatchObject({ left: expect.stringMatching(/-audio\.mp3$/) })
    })
  )
})
