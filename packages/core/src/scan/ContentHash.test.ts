import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as RawPath from "../stage/RawPath.js"
import * as ContentHash from "./ContentHash.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-hash-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const found = (path: string) => {
  const { ctimeNs, dev, ino, mtimeNs, size } = lstatSync(RawPath.forNode(path), { bigint: true })
  return { path, dev, ino, size, mtimeNs, ctimeNs }
}
const codeOf = (file: ReturnType<typeof found>) => Effect.map(Effect.flip(ContentHash.of(file)), (error) => error.code)

describe("ContentHash", () => {
  it.scoped("is the sha-256 of the bytes, for empty and long files and odd names", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a\n\udcff.wav")
      for (const size of [0, 1, (1 << 20) - 1, 1 << 20, (5 << 20) + 3]) {
        const bytes = randomBytes(size)
        writeFileSync(RawPath.forNode(path), bytes)
        expect(yield* ContentHash.of(found(path))).toBe(createHash("sha256").update(bytes).digest("hex"))
      }
    })
  )

  it.scoped("refuses what isn't what was found", () =>
    Effect.gen(function* () {
      const base = yield* folder
      const path = join(base, "a.wav")
      const put = (text: string) => {
        writeFileSync(path, text)
        return found(path)
      }
      const appended = put("one")
      appendFileSync(path, "more")
      expect(yield* codeOf(appended)).toBe("FileChanged")

      const touched = put("one")
      utimesSync(path, 1, 1)
      expect(yield* codeOf(touched)).toBe("FileChanged")

      const replaced = put("one")
      writeFileSync(join(base, "other"), "one")
      renameSync(join(base, "other"), path)
      expect(yield* codeOf(replaced)).toBe("FileChanged")

      rmSync(path)
      expect(yield* codeOf(replaced)).toBe("FileVanished")

      symlinkSync("/etc/hostname", path)
      expect(yield* codeOf(replaced)).toBe("FileChanged")

      rmSync(path)
      execFileSync("mkfifo", [path])
      expect(yield* codeOf(replaced)).toBe("FileChanged")
    })
  )

  it.scoped("notices a writer while it reads", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a.wav")
      writeFileSync(path, randomBytes(24 << 20))
      const file = found(path)
      const outcome = yield* Effect.fork(codeOf(file))
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      appendFileSync(path, "more")
      expect(yield* outcome).toBe("FileChanged")
    })
  )

  it.scoped.skipIf(process.getuid?.() === 0)("says that a file may not be read", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a.wav")
      writeFileSync(path, "one")
      chmodSync(path, 0)
      expect(yield* codeOf(found(path))).toBe("FileUnreadable")
    })
  )
})
