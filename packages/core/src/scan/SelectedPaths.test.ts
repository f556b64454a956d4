import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as SelectedPaths from "./SelectedPaths.js"
import * as Scanner from "./Scanner.js"

const base = Effect.acquireRelease(
  Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "mediaspool-chosen-")))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const put = (path: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "sound")
  return path
}

const globs = { include: ["**/*.wav"], exclude: [] }

const chosen = (paths: ReadonlyArray<string>, folder: string | undefined) =>
  Effect.map(Stream.runCollect(SelectedPaths.scan(paths, { ...globs, folder }, undefined)), (pieces) => ({
    found: [...pieces].flatMap((piece) => (piece._tag === "Found" ? piece.files : [])),
    refused: [...pieces].flatMap((piece) => (piece._tag === "Refused" ? piece.refusals : []))
  }))

describe("Chosen", () => {
  it.scoped("takes named files whatever their names, and a folder's files as the globs say", () =>
    Effect.gen(function* () {
      const path = yield* base
      const inbox = join(path, "inbox")
      put(join(inbox, "a/one.wav"))
      put(join(inbox, "a/two.txt"))
      put(join(inbox, "b/three.wav"))
      put(join(path, "else/.hidden.bin"))
      put(join(path, "else/four.wav"))
      symlinkSync(inbox, join(path, "link"))
      const { found } = yield* chosen(
        [join(path, "link/a"), join(inbox, "b/three.wav"), join(path, "else/.hidden.bin"), join(path, "else")],
        inbox
      )
      expect(found.map(({ path, relativePath }) => [path, relativePath])).toEqual([
        [join(inbox, "a/one.wav"), "a/one.wav"],
        [join(inbox, "b/three.wav"), "b/three.wav"],
        [join(path, "else/.hidden.bin"), ".hidden.bin"],
        [join(path, "else/four.wav"), "four.wav"]
      ])
    }).pipe(Effect.provide(Layer.scoped(Scanner.Scanner, Scanner.make(Option.none(), []))))
  )

  it.scoped("refuses what is no file, and names all that is missing before anything else", () =>
    Effect.gen(function* () {
      const path = yield* base
      execFileSync("mkfifo", [join(path, "pipe")])
      expect((yield* chosen([join(path, "pipe")], undefined)).refused.map(({ error }) => error.code)).toEqual(["SpecialFile"])
      const error = yield* Effect.flip(chosen([put(join(path, "a.wav")), join(path, "no\n1"), join(path, "no2")], undefined))
      expect(error.code).toBe("PathMissing")
      expect(error.message).toContain("no\\u{a}1")
      expect(error.message).toContain("no2")
    }).pipe(Effect.provide(Layer.scoped(Scanner.Scanner, Scanner.make(Option.none(), []))))
  )

  it.scoped("refuses a file of the state folder", () =>
    Effect.gen(function* () {
      const path = yield* base
      const state = join(path, ".spool")
      const own = put(join(state, "artifacts/a.wav"))
      const scanner = Layer.scoped(Scanner.Scanner, Scanner.make(Option.none(), [state]))
      expect(yield* Effect.flip(Effect.provide(chosen([own], undefined), scanner))).toMatchObject({ code: "PathNotTaken" })
    })
  )
})
