import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as LocalFile from "./LocalFile.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "local-file-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("LocalFile.original", () => {
  it.scoped("is known by its content, wherever it lies", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "odd\udcffname.txt")
      writeFileSync(Buffer.from(path.replace("\udcff", "\u00ff"), "latin1"), "abc")
      expect(yield* LocalFile.original(path)).toMatchObject({
        hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        size: 3,
        path
      })
    })
  )

  it.scoped("refuses a folder and what isn't there", () =>
    Effect.gen(function* () {
      const path = yield* folder
      expect(yield* Effect.flip(LocalFile.original(path))).toMatchObject({ code: "FileUnreadable" })
      expect((yield* Effect.flip(LocalFile.original(join(path, "none")))).message).toContain("ENOENT")
    })
  )
})
