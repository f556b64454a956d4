import { describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { deepStrictEqual } from "node:assert"
import { createHash } from "node:crypto"
import { appendFileSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as FileHasher from "./FileHasher.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-hashes-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const found = (path: string): FileHasher.StampedFile => {
  const { ctimeNs, dev, ino, mtimeNs, size } = lstatSync(path, { bigint: true })
  return { path, ctimeNs, dev, ino, mtimeNs, size }
}

const told = (outcomes: ReadonlyArray<Either.Either<string, { readonly code: string }>>) =>
  outcomes.map(Either.match({ onLeft: ({ code }) => code, onRight: (hash) => hash }))

describe("FileHasher", () => {
  it.scopedLive("gives each file its hash in order, small or large, or says why it has none", () =>
    Effect.gen(function* () {
      const inbox = yield* folder
      const contents = Array.from({ length: 12 }, (_, n) => (n === 5 ? Buffer.alloc(3 << 20, 7) : Buffer.from("x".repeat(n))))
      const files = contents.map((bytes, n) => {
        const path = join(inbox, `clip ${n} ß.wav`)
        writeFileSync(path, bytes)
        return found(path)
      })
      const paths = files.map(({ path }) => path)
      rmSync(paths[2] ?? "")
      appendFileSync(paths[3] ?? "", "more")
      rmSync(paths[4] ?? "")
      symlinkSync(paths[6] ?? "", paths[4] ?? "")
      const hasher = yield* FileHasher.make
      const expected = contents.map((bytes) => createHash("sha256").update(bytes).digest("hex"))
      expected.splice(2, 3, "FileVanished", "FileChanged", "FileChanged")
      deepStrictEqual(told(yield* hasher.of(files)), expected)
      // Few of them are read without the thread, and the answer is the same.
      deepStrictEqual(told(yield* hasher.of(files.slice(0, 6))), expected.slice(0, 6))
    })
  )
})
