import { describe, expect, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { source } from "./meters.wasm.js"

describe("Kernels", () => {
  it("are those of the source: `npm run kernels` compiles it", () => {
    const written = readFileSync(new URL("../../assembly/meters.ts", import.meta.url))
    expect(source).toBe(createHash("sha256").update(written).digest("hex"))
  })
})
