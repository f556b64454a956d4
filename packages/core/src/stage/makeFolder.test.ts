import { describe, expect, it } from "@effect/vitest"
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeFolder } from "./makeFolder.js"

describe("makeFolder", () => {
  it("makes a folder and those above it, once", () => {
    const base = mkdtempSync(join(tmpdir(), "mediaspool-folder-"))
    try {
      const deep = join(base, "a/b/c")
      makeFolder(deep, 0o700)
      makeFolder(deep)
      expect(statSync(deep).mode & 0o777).toBe(0o700)
      writeFileSync(join(base, "file"), "")
      expect(() => makeFolder(join(base, "file"))).toThrow("EEXIST")
      expect(() => makeFolder(join(base, "file/below"))).toThrow()
    } finally {
      rmSync(base, { recursive: true })
    }
  })
  it.skipIf(!existsSync("/proc/self"))("says so where no folder can be made", () => {
    expect(() => makeFolder("/proc/mediaspool/state")).toThrow("ENOENT")
  })
})
