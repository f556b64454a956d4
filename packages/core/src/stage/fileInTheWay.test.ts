import { describe, expect, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileInTheWay } from "./fileInTheWay.js"

describe("fileInTheWay", () => {
  it("names a file at the path or above it, and nothing where a folder is or can be", () => {
    const base = mkdtempSync(join(tmpdir(), "mediaspool-way-"))
    const file = join(base, "file")
    writeFileSync(file, "")
    try {
      expect([file, join(file, "a/b"), base, join(base, "new/deeper")].map(fileInTheWay)).toEqual([
        file,
        file,
        undefined,
        undefined
      ])
    } finally {
      rmSync(base, { recursive: true })
    }
  })
})
